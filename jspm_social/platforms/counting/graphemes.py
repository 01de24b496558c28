"""Grapheme clusters (UAX #29) and the emoji among them. Pure.

`regex` brings its own Unicode tables, so that the same text counts the same on every Python.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import regex

from .measure import Atoms

_CLUSTER = regex.compile(r"\X")
_PICTURE = r"\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?"
_EMOJI = regex.compile(
    r"(?![©®](?!\uFE0F))"  # letters of Latin text unless asked for as pictures
    rf"(?:{_PICTURE}(?:\u200D{_PICTURE})*[\U000E0020-\U000E007F]*"
    r"|\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3)"
)


def clusters(text: str) -> Iterator[str]:
    """Return what a reader takes for single characters."""
    return (match.group() for match in _CLUSTER.finditer(text))


def emoji_length(cluster: str) -> int:
    """Return how many code points of a cluster are its emoji (families, flags); 0 for none."""
    match = _EMOJI.match(cluster)
    return match.end() if match else 0


def by_cluster(weigh: Callable[[str], int]) -> Atoms:
    """Return atoms that are the grapheme clusters, each weighed by itself."""

    def atoms(text: str) -> Iterator[tuple[int, int]]:
        for match in _CLUSTER.finditer(text):
            yield match.end(), weigh(match.group())

    return atoms


Span: TypeAlias = tuple[int, int]


def whole(text: str, spans: Sequence[Span]) -> Iterator[tuple[Span, list[Span]]]:
    """Cut a text where its clusters end, but never within one of `spans` (in order, apart).

    Gives each piece with the spans that it holds.
    """
    start, held, waiting = 0, list[Span](), deque(spans)
    for match in _CLUSTER.finditer(text):
        end = match.end()
        while waiting and waiting[0][0] < end:
            held.append(waiting.popleft())
        if not held or held[-1][1] <= end:
            yield (start, end), held
            start, held = end, []


def between(piece: Span, spans: Sequence[Span]) -> Iterator[Span]:
    """Return what of a piece lies outside the spans that it holds."""
    start = piece[0]
    for span in spans:
        yield start, span[0]
        start = span[1]
    yield start, piece[1]
