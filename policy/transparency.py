"""What is told in public of how the policy was applied: numbers only.

Comments and decisions are moderation's, which the policy does not know: moderation registers who
counts when the site starts. Only whole months that are over are told, and never a number from 1 to
4: with so few, a reader could tell who is meant.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

FEWEST = 5


@dataclass(frozen=True, slots=True)
class Month:
    """What was done in one month, exactly.

    `removals` counts decided removals by criterion, then by effect ('hide', 'delete', 'block'): one
    that cites two grounds is counted under both. `effects` counts each once, by effect.
    `median_hours` is the time from a case's opening to its decision, over `decided` decisions.
    """

    first_day: date
    removals: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    effects: Mapping[str, int] = field(default_factory=dict)
    reversals: int = 0
    decided: int = 0
    median_hours: float | None = None


Count = Callable[[date, date], Sequence[Month]]
"""Counts every month of [first day, last day), the newest first."""

_counters: list[Count] = []


def register(count: Count) -> None:
    """Set who counts; called once, by moderation's app configuration."""
    _counters[:] = [count]


def months(first: date, last: date) -> list[Month]:
    """Every month of [first, last) in which something was decided, the newest first."""
    return [month for count in _counters for month in count(first, last)]


def told(number: int) -> str:
    """A number as it may be told: small ones are not."""
    return f"{FEWEST}未満" if 0 < number < FEWEST else str(number)


def told_sum(total: int, parts: Sequence[int]) -> str:
    """A sum as it may be told: none, where a part that is not told could be worked out from it."""
    if any(0 < part < FEWEST for part in parts) and total >= FEWEST:
        return "—"
    return told(total)
