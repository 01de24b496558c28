"""J01: the weekday, 祝 or holiday's name beside a date does not fit the date."""

import datetime as dt
import re
from collections.abc import Iterator

import jpholiday

from posts.checks.draft import Found
from posts.checks.language.dated import Dated, make
from posts.checks.language.dates import DAY_ONLY
from posts.checks.language.weekdays import WEEKDAYS
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading

from .words import long_date

_NAMES = (
    "元日|成人の日|建国記念の日|天皇誕生日|春分の日|昭和の日|憲法記念日|みどりの日|こどもの日|海の日|山の日|敬老の日|秋分の日|スポーツの日|"
    "文化の日|勤労感謝の日"
)
_NAME_INSIDE = re.compile(_NAMES)
_NAME_BEFORE = re.compile(rf"(?P<name>{_NAMES})(?:の|は|である|、|\s|\(|,)?\s?$")
_NAME_AFTER = re.compile(rf"\s?(?:の|は|、|,)?\s?[(「]?(?P<name>{_NAMES})")


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """Compare every date that has a mark with the calendar, by the year that it means."""
    del lexicon
    for dated in reading.dates:
        yield from _weekday(reading, dated) or _holiday(reading, dated)


def _weekday(reading: Reading, dated: Dated) -> list[Found]:
    mark = dated.mention.mark
    if mark is None or len(mark.days) != 1 or dated.day is None:
        return []
    if any(day.weekday() == mark.days[0] for day in dated.days):
        return []
    start, end = _place(dated)
    says = WEEKDAYS[mark.days[0]]
    right = WEEKDAYS[dated.day.weekday()]
    reason = (
        f"「{reading.quote(start, end)}」とありますが、{dated.day.year}年{dated.day.month}月"
        f"{dated.day.day}日は{right}曜日です。{_fitting_year(dated.day, mark.days[0])}"
    )
    suggestion = (
        f"{long_date(dated.day)}ではありませんか。日付と曜日のどちらが正しいか、ご確認ください。"
    )
    if dated.mention.month == DAY_ONLY:
        suggestion = f"{says}曜日にあたる日か、曜日を確かめてください。"
    return [Found(start, end, reason, suggestion)]


def _place(dated: Dated) -> tuple[int, int]:
    start, end = dated.mention.whole
    mark = dated.mention.mark
    return (min(start, mark.start), end) if mark else (start, end)


def _fitting_year(day: dt.date, weekday: int) -> str:
    """The neighbouring year whose calendar fits: an announcement copied from last year's."""
    for step in (-1, 1, -2, 2):
        other = make(day.year + step, day.month, day.day)
        if other and other.weekday() == weekday:
            return (
                f"{WEEKDAYS[weekday]}曜日になるのは{other.year}年です（{other.year}年の暦では？）。"
            )
    return ""


def _holiday(reading: Reading, dated: Dated) -> list[Found]:
    days = dated.days
    if not days:
        return []
    start, end = _place(dated)
    claim = _claimed_name(reading, dated)
    names = [jpholiday.is_holiday_name(day) or "" for day in days]
    if claim:
        if any(claim in name for name in names):
            return []
        reason = (
            f"「{reading.quote(start, end)}」を「{claim}」としていますが、{long_date(days[0])}"
            f"は{_what(names[0])}。"
        )
        return [Found(start, end, reason, f"「{claim}」の日付をご確認ください。")]
    mark = dated.mention.mark
    if mark and mark.says_holiday and not any(names):
        reason = (
            f"「{reading.quote(start, end)}」に「祝」とありますが、{long_date(days[0])}は祝日で"
            "はありません。"
        )
        return [Found(start, end, reason, "日付か、「祝」の印をご確認ください。")]
    return []


def _claimed_name(reading: Reading, dated: Dated) -> str:
    mark = dated.mention.mark
    inside = _NAME_INSIDE.search(mark.inside) if mark else None
    if inside:
        return inside[0]
    start, end = _place(dated)
    before = _NAME_BEFORE.search(reading.words, max(0, start - 10), start)
    after = _NAME_AFTER.match(reading.words, end, end + 12)
    found = before or after
    return found["name"] if found else ""


def _what(name: str) -> str:
    return f"「{name}」です" if name else "祝日ではありません"
