"""J04: absolute and superlative words; beside an effect of treatment they block."""

import re
from collections.abc import Iterator
from dataclasses import replace

from posts.checks.draft import Found, Severity
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading
from posts.checks.terms import look_up

_EFFECT = re.compile(
    r"治り(?:ます|まし)|治る|治せ|治癒|完治|根治|効き(?:ます|目)|効く|効果|有効|改善|消え|取れ(?:ます|る)|取り除|緩和でき|和らぎ|和らげ|鎮痛|延命|生存|"
    r"副作用|痛みが(?:な|取|消)|回復(?:し|でき|を)|再発(?:し|を防)|長生き|(?:治療|薬|手術|療法|鎮静|麻薬)(?:法)?(?:です|である|!|。|$)"
)


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """The dictionary, made heavier where the sentence speaks of an effect."""
    for found in look_up("J04", reading, lexicon):
        first, last = reading.sentence_at(found.start)
        effect = _EFFECT.search(reading.words, first, last) is not None
        yield replace(found, severity=Severity.BLOCK) if effect else found
