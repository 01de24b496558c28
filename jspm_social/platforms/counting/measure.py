"""How a text is measured: in atoms that are never cut, each with its weight."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class Unit(Enum):
    """What a limit counts."""

    WEIGHTED = "weighted"  # X: one for Latin letters, two for Japanese, 23 for an address
    GRAPHEMES = "graphemes"  # what a reader takes for one character
    CHARACTERS = "characters"  # code points
    BYTES = "bytes"  # in UTF-8
    UTF16 = "utf16"  # code units
    EMOJI_BYTES = "emoji_bytes"  # Threads: code points, but the bytes of emoji
    HASHTAGS = "hashtags"
    MENTIONS = "mentions"


@dataclass(frozen=True, slots=True)
class Measure:
    """One limit, applied to one text.

    `cut` is the index in the text before which it would have to end: `len(text)` when it fits,
    else the greatest place that parts no grapheme cluster and, where an address counts as one,
    no address. `text[:cut]` always fits.
    """

    used: int
    limit: int
    unit: Unit
    cut: int

    @property
    def fits(self) -> bool:
        return self.used <= self.limit

    @property
    def left(self) -> int:
        """What may still be written; negative when it is too long already."""
        return self.limit - self.used


Atoms: TypeAlias = Callable[[str], Iterator[tuple[int, int]]]
"""Gives of each atom of a text, in order, where it ends and what it weighs."""


def apply(text: str, *, atoms: Atoms, limit: int, unit: Unit) -> Measure:
    """Measure `text`, and find where it would be cut."""
    used, fitting = 0, [0]
    for end, weight in atoms(text):
        used += weight
        if used <= limit:
            fitting.append(end)
    if used <= limit:
        return Measure(used, limit, unit, len(text))
    # A beginning can weigh more than it did within the whole: "a.com" where "a.company" stood.
    while fitting[-1] and _weight(text[: fitting[-1]], atoms) > limit:
        fitting.pop()
    return Measure(used, limit, unit, fitting[-1])


def _weight(text: str, atoms: Atoms) -> int:
    return sum(weight for _, weight in atoms(text))
