"""Two versions of the policy side by side, as a 新旧対照表 shows them. Pure.

Clauses are matched by their anchors, which stay, and not by their numbers, which can move. The
new text gives the order; what was taken out stands where it stood in the old one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from jspm_social.diff import Piece, compare


class Written(Protocol):
    """A clause as far as a comparison reads it."""

    @property
    def anchor(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def heading(self) -> str: ...
    @property
    def text(self) -> str: ...


class Change(StrEnum):
    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    RENUMBERED = "renumbered"  # the words are the same, the number is another


@dataclass(frozen=True, slots=True)
class Side:
    """A clause in one of the two columns; its pieces are `same`, and `old` or `new`."""

    code: str
    heading: tuple[Piece, ...]
    text: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One clause in both versions; None where a version does not have it."""

    anchor: str
    change: Change
    old: Side | None
    new: Side | None


def comparison(old: Sequence[Written], new: Sequence[Written]) -> list[Row]:
    """Every clause of both versions, each exactly once."""
    before = {clause.anchor: clause for clause in old}
    rows = [_row(before.get(clause.anchor), clause) for clause in new]
    kept = {clause.anchor for clause in new}
    after = ""  # the anchor behind which the next removed clause belongs
    for clause in old:
        if clause.anchor not in kept:
            place = next((n for n, row in enumerate(rows, start=1) if row.anchor == after), 0)
            rows.insert(place, _row(clause, None))
        after = clause.anchor
    return rows


def _row(old: Written | None, new: Written | None) -> Row:
    heading = compare(old.heading if old else "", new.heading if new else "")
    text = compare(old.text if old else "", new.text if new else "")
    told = old or new
    assert told is not None  # noqa: S101 -- for the type checker: every row has a side
    return Row(
        anchor=told.anchor,
        change=_change(old, new),
        old=Side(old.code, _without("new", heading), _without("new", text)) if old else None,
        new=Side(new.code, _without("old", heading), _without("old", text)) if new else None,
    )


def _change(old: Written | None, new: Written | None) -> Change:
    if old is None:
        return Change.ADDED
    if new is None:
        return Change.REMOVED
    if (old.heading, old.text) != (new.heading, new.text):
        return Change.CHANGED
    return Change.SAME if old.code == new.code else Change.RENUMBERED


def _without(kind: str, pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    return tuple(piece for piece in pieces if piece.kind != kind)
