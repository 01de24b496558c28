"""Months and weeks as a Japanese calendar shows them: from Monday, with holidays. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

import jpholiday

TOKYO = ZoneInfo("Asia/Tokyo")
T = TypeVar("T")


@dataclass(slots=True)
class Day(Generic[T]):
    """One day with what is planned on it. `outside`: of the month before or after."""

    day: date
    outside: bool = False
    holiday: str = ""
    items: list[T] = field(default_factory=list)


def month(year: int, number: int) -> list[list[Day[T]]]:
    """Return the weeks that a month touches, Monday to Sunday."""
    first = date(year, number, 1)
    start = first - timedelta(days=first.weekday())
    weeks: list[list[Day[T]]] = []
    while start.month == number or start < first:
        weeks.append([_day(start + timedelta(days=n), outside_of=number) for n in range(7)])
        start += timedelta(days=7)
    return weeks


def week(day: date) -> list[Day[T]]:
    """Return the seven days, Monday to Sunday, of the week that `day` lies in."""
    monday = day - timedelta(days=day.weekday())
    return [_day(monday + timedelta(days=n)) for n in range(7)]


def place(days: Iterable[Day[T]], items: Iterable[tuple[datetime, T]]) -> None:
    """Put each item on its day in Tokyo, in the order given. What lies outside is left out."""
    by_day = {day.day: day for day in days}
    for at, item in items:
        if found := by_day.get(at.astimezone(TOKYO).date()):
            found.items.append(item)


def holidays(first: date, last: date) -> dict[date, str]:
    """Return the national holidays of Japan between the two days."""
    return dict(jpholiday.between(first, last))


def _day(day: date, *, outside_of: int | None = None) -> Day[T]:
    name = jpholiday.is_holiday_name(day) or ""
    return Day(day, outside_of is not None and day.month != outside_of, name)
