"""Which day a date in the text means: finds the year where the author left it out."""

import calendar
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .dates import DAY_ONLY, RANGE, DateMention
from .tense import FUTURE, PAST

_STALE = 60  # days: an announcement of a date that far back means the past one, by mistake
_NEAR = 90  # days: without a tense, a date that near is the one meant
_SOON = 120  # days
_EVENT_LASTS = 6  # days after the first that may still belong to the event


@dataclass(frozen=True, slots=True)
class Dated:
    """A date mention with the day it means; `day` is None when no such day exists.

    `others` are days that the words could as well mean, because the year is left out. `sure`: the
    year was written, or the event record has it.
    """

    mention: DateMention
    day: dt.date | None
    others: tuple[dt.date, ...] = ()
    sure: bool = False
    tense: str = ""
    role: str = ""

    @property
    def days(self) -> tuple[dt.date, ...]:
        """All the days that it could mean, the likely one first."""
        return (self.day, *self.others) if self.day else self.others


def exists(year: int | None, month: int, day: int) -> bool:
    """True for a day of the calendar; without a year, 29 February exists."""
    if not 1 <= month <= 12 or day < 1:
        return False
    return day <= calendar.monthrange(year or 2000, month)[1]


def make(year: int, month: int, day: int) -> dt.date | None:
    """The day, or None where the calendar has none."""
    return dt.date(year, month, day) if 1 <= year <= 9998 and exists(year, month, day) else None


def date_of(
    mention: DateMention,
    *,
    before: Sequence[Dated],
    today: dt.date,
    known: Iterable[dt.date],
    tense: str,
    role: str,
) -> Dated:
    """Find the day of `mention`.

    `before`: the dates that stand before it in the text. `today`: the day of publication. `known`:
    the days of the event record.
    """
    if mention.month == DAY_ONLY:
        return _day_only(mention, before, today, tense, role)
    month, day = mention.month, mention.day
    if mention.year is None and mention.relative is not None:
        year: int | None = today.year + mention.relative
    else:
        year = mention.year or _inherited(mention, before) or _recorded(month, day, known)
    if year is not None:
        return Dated(mention, make(year, month, day), (), sure=True, tense=tense, role=role)
    likely, others = _likely(mention, today, tense)
    others += [found for anchor in _years(before) if (found := _nearest(month, day, anchor))]
    rest = tuple(dict.fromkeys(other for other in others if other != likely))
    return Dated(mention, likely, rest, tense=tense, role=role)


def _inherited(mention: DateMention, before: Sequence[Dated]) -> int | None:
    """The year of the date it hangs on; one more when a range crosses New Year."""
    if not mention.link or not before or before[-1].mention.year is None:
        return None
    first = before[-1].mention
    year = first.year or 0
    crosses = mention.link == RANGE and first.month >= 10 and mention.month <= 3
    return year + 1 if crosses else year


def _recorded(month: int, day: int, known: Iterable[dt.date]) -> int | None:
    for date in known:
        for later in range(_EVENT_LASTS):
            same = date + dt.timedelta(later)
            if (same.month, same.day) == (month, day):
                return same.year
    return None


def _years(before: Sequence[Dated]) -> list[dt.date]:
    return [dated.day for dated in before if dated.sure and dated.day]


def _nearest(month: int, day: int, anchor: dt.date) -> dt.date | None:
    days = [make(anchor.year + step, month, day) for step in (-1, 0, 1)]
    return min((d for d in days if d), key=lambda d: abs(d - anchor), default=None)


def _likely(
    mention: DateMention, today: dt.date, tense: str
) -> tuple[dt.date | None, list[dt.date]]:
    """The likely day, and what else is sensible."""
    days = [make(today.year + step, mention.month, mention.day) for step in (-1, 0, 1)]
    there = [d for d in days if d]
    past = max((d for d in there if d < today), default=None)
    coming = min((d for d in there if d >= today), default=None)
    if past is None or coming is None:
        nearest = min(there, key=lambda d: abs(d - today), default=None)
        leap = mention.month == 2 and nearest is not None and abs(nearest - today).days > 300
        return (None if leap else nearest), []
    if tense == PAST and (today - past) <= (coming - today):
        return past, []
    if tense == PAST and (coming - today).days > _SOON:
        return past, [coming]
    # A day soon to come: the past is another verb's (6月12日の大会の受付を始めました).
    if tense == FUTURE:
        stale = (today - past).days <= _STALE and not _fits(mention, coming)
        return (past if stale else coming), []
    near, far = sorted((past, coming), key=lambda d: abs(d - today))
    return near, ([] if abs(near - today).days <= _NEAR else [far])


def _fits(mention: DateMention, day: dt.date) -> bool:
    return mention.mark is not None and day.weekday() in mention.mark.days


def _day_only(
    mention: DateMention, before: Sequence[Dated], today: dt.date, tense: str, role: str
) -> Dated:
    """A day without its month is of a month named before, or of this one or the next."""
    months = [(d.year, d.month) for dated in before if (d := dated.day)]
    if not months:
        months = [(today.year, today.month), (today.year + today.month // 12, today.month % 12 + 1)]
    days = [make(year, month, mention.day) for year, month in dict.fromkeys(months)]
    there = [d for d in days if d]
    if not there:
        return Dated(mention, None, tense=tense, role=role)
    return Dated(mention, there[0], tuple(there[1:]), tense=tense, role=role)
