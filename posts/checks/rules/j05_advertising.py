"""J05: words that the medical advertising guideline forbids; a named facility makes it worse."""

import re
from collections.abc import Iterator
from dataclasses import replace

from posts.checks.draft import Found, Severity
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading
from posts.checks.terms import look_up

_FACILITY = re.compile(
    r"当院|当クリニック|[一-龥ァ-ヶA-Za-zぁ-ん]{2,12}(?<![のなたるいはをにでがとへもや])(?:クリニック|医院|診療所|病院)|[一-龥]{1,4}(?:医師|院長|ドクター)"
)


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """The dictionary; with the name of a clinic or a doctor in the text it blocks."""
    named = _FACILITY.search(reading.words) is not None
    for found in look_up("J05", reading, lexicon):
        yield replace(found, severity=Severity.BLOCK) if named else found
