"""Lines and sentences, as places in the text."""

import re
from bisect import bisect_right
from collections.abc import Sequence

Span = tuple[int, int]

_SENTENCE = re.compile(r"[^。!?！？\n]*(?:[。!?！？]+|\n|$)")
_LINE = re.compile(r"[^\n]*(?:\n|$)")


def sentences(text: str) -> list[Span]:
    """The sentences: up to 。 ! ? or the end of the line, the sign included."""
    return [match.span() for match in _SENTENCE.finditer(text) if match.end() > match.start()]


def lines(text: str) -> list[Span]:
    """The lines, each with its line break."""
    return [match.span() for match in _LINE.finditer(text) if match.end() > match.start()]


def around(spans: Sequence[Span], index: int) -> Span:
    """The span that holds `index`; (index, index) when none does."""
    place = bisect_right(spans, (index, 1 << 60)) - 1
    if place >= 0 and spans[place][0] <= index < spans[place][1]:
        return spans[place]
    return index, index
