"""J02: days that are over, contradict the schedule or the record, or whose years do not agree."""

import datetime as dt
import re
from collections.abc import Iterator

from posts.checks.draft import Found
from posts.checks.language.dated import Dated
from posts.checks.language.dates import DAY_ONLY, RANGE
from posts.checks.language.roles import DEADLINE, EVENT
from posts.checks.language.tense import FUTURE
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading

from .j02_record import deadline_after_event, record
from .j02_relative import relative
from .j02_years import years
from .words import long_date


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """Years that contradict each other, days that are over, words like 明日, then the record."""
    del lexicon
    yield from years(reading)
    yield from _over(reading)
    yield from relative(reading)
    yield from deadline_after_event(reading)
    if reading.draft.event is not None:
        yield from record(reading, reading.draft.event)


def _over(reading: Reading) -> Iterator[Found]:
    """A day that is over on the day of publication, in words of the future."""
    for dated in reading.dates:
        day = dated.day
        if day is None or day >= reading.publishes_on or dated.mention.month == DAY_ONLY:
            continue
        if dated.tense != FUTURE or _began_only(reading, dated):
            continue
        if any(other >= reading.publishes_on and _fits(dated, other) for other in dated.others):
            continue
        start, end = dated.mention.whole
        what = "締切" if dated.role == DEADLINE else "日"
        reason = (
            f"「{reading.quote(start, end)}」は、公開日（{long_date(reading.publishes_on)}）に"
            f"は過ぎている{what}です。"
        )
        yield Found(start, end, reason, _mend_past(dated, reading.publishes_on))


def _mend_past(dated: Dated, today: dt.date) -> str:
    day = dated.day
    if day is not None and day.year < today.year and dated.mention.year is not None:
        return f"{today.year}年の誤りではありませんか。年をご確認ください。"
    return "日付が正しいか、予約の日時が遅くないかをご確認ください。"


def _fits(dated: Dated, day: dt.date) -> bool:
    mark = dated.mention.mark
    return mark is not None and day.weekday() in mark.days


def _began_only(reading: Reading, dated: Dated) -> bool:
    """The first day of a period that still runs (6月1日～30日), or a start that lies behind."""
    index = reading.dates.index(dated)
    following = reading.dates[index + 1] if index + 1 < len(reading.dates) else None
    if following is not None and following.mention.link == RANGE:
        last = following.day
        return last is not None and last >= reading.publishes_on
    end = dated.mention.whole[1]
    return (
        bool(
            re.match(
                r"\s?(?:[0-9]{1,2}(?:時|:[0-9]{2})\s?)?(?:~|から|より|以降|-\s|に(?:施行|改|公開|発|設立|開設|開始した)|付)",
                reading.words[end : end + 14],
            )
        )
        and dated.role != EVENT
    )
