"""The one way a state changes: a table of allowed moves, and a compare-and-set on the column."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from django.db import models

Moves: TypeAlias = Mapping[str, frozenset[str]]


class IllegalMove(Exception):
    """The table does not allow this move: a mistake in our own code, never the user's."""


class StaleState(Exception):
    """Somebody else moved the row first. Nothing was changed; the caller tells the loser."""


def moves(table: Mapping[str, set[str]]) -> Moves:
    """Freeze a table of moves after checking that every target is itself a state of the table."""
    unknown = set().union(*table.values()) - set(table)
    if unknown:
        raise IllegalMove(f"moves lead to states outside the table: {sorted(unknown)}")
    return {state: frozenset(targets) for state, targets in table.items()}


def move(
    row: models.Model,
    *,
    table: Moves,
    to: str,
    field: str = "state",
    where: Mapping[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Move `row` from the state it was read in to `to`, together with `changes`.

    The change is one conditional UPDATE: it matches only while the stored state is still the
    one this process read and `where` holds, and its row count is read. The row object is
    brought up to date after success and left alone otherwise.

    Raises:
        IllegalMove: the table has no such move.
        StaleState: another process changed the row in the meantime.
    """
    old = getattr(row, field)
    if to not in table.get(old, frozenset()):
        raise IllegalMove(f"{row._meta.label} {row.pk}: {old} -> {to}")  # noqa: SLF001
    manager = type(row)._default_manager  # noqa: SLF001
    hit = manager.filter(pk=row.pk, **{field: old}, **(where or {})).update(
        **{field: to}, **changes
    )
    if hit != 1:
        raise StaleState(f"{row._meta.label} {row.pk} is no longer {old}")  # noqa: SLF001
    for name, value in {field: to, **changes}.items():
        setattr(row, name, value)
