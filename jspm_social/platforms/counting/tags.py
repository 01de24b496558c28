"""Hashtags and mentions, counted as Instagram limits them (30 and 20). Pure.

Counted rather too many than too few: every # with a letter behind it, every @ with a name.
"""

from collections.abc import Iterator

import regex

from .graphemes import whole
from .measure import Atoms

_HASHTAG = regex.compile(r"[#＃](?=[\w\p{Extended_Pictographic}])")
_MENTION = regex.compile(r"(?<![0-9A-Za-z_.])[@＠](?=[0-9A-Za-z_.])")


def _counting(pattern: "regex.Pattern[str]") -> Atoms:
    def atoms(text: str) -> Iterator[tuple[int, int]]:
        signs = [match.span() for match in pattern.finditer(text)]
        for piece, held in whole(text, signs):
            yield piece[1], len(held)

    return atoms


hashtags = _counting(_HASHTAG)
mentions = _counting(_MENTION)
