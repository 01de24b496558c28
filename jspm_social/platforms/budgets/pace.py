"""When reading slows down, and when it stops: one law for every budget. Pure.

Below 75 percent reading goes on as usual. From there to the line it becomes rarer, from one
minute between two readings to one hour. From the line on (95 percent, or where the reserve
begins) it waits for the budget's renewal. Effects have what is left: a removal matters more than
a reading.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from .meters import MeterKind

SLOW_PERCENT: Final = 75
FULL_PERCENT: Final = 95
SHORTEST: Final = timedelta(minutes=1)
LONGEST: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Budget:
    """One budget as it stands. `limit` None: nothing is known that could be used up."""

    name: str
    kind: MeterKind
    used: int
    limit: int | None
    ends_at: datetime

    @property
    def line(self) -> int | None:
        """Where reading stops."""
        if self.limit is None:
            return None
        reserve = min(self.kind.reserve, self.limit // 10)  # of a small budget: a tenth
        return min(self.limit * FULL_PERCENT // 100, self.limit - reserve)

    @property
    def percent(self) -> int | None:
        """How much is used, rounded down; None where there is no limit."""
        return None if self.limit is None else min(100, self.used * 100 // max(self.limit, 1))

    def leaves_room(self, amount: int) -> bool:
        """Tell whether `amount` more stays within the limit."""
        return self.limit is None or self.used + amount <= self.limit

    def may_read(self, amount: int) -> bool:
        """Tell whether a reading that uses up to `amount` leaves the effects what is theirs."""
        if not self.kind.holds_reading or self.line is None:
            return True
        room = self.used + amount <= self.line if self.kind.reserve else self.leaves_room(amount)
        return self.used < self.line and room


def rest(budget: Budget, now: datetime) -> timedelta:
    """Return how long the next reading has to wait for this budget: zero while there is plenty."""
    left = max(budget.ends_at - now, timedelta())
    if not budget.kind.holds_reading or budget.limit is None or budget.line is None:
        return timedelta()
    slow = budget.limit * SLOW_PERCENT // 100
    if budget.used < min(slow, budget.line):
        return timedelta()
    if budget.used >= budget.line:
        return left
    part = (budget.used - slow) / (budget.line - slow)
    factor: float = (LONGEST / SHORTEST) ** part
    return min(SHORTEST * factor, left)


def next_reading(budgets: Iterable[Budget], now: datetime) -> datetime | None:
    """Return when the channel may be read again; None for at any time."""
    longest = max((rest(budget, now) for budget in budgets), default=timedelta())
    return now + longest if longest else None
