"""Finds dates as Japanese announcements write them. Says nothing about the missing year yet."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .eras import ERA, ERA_YEAR, era
from .numbers import NUMBER, number
from .weekdays import ENGLISH, WEEKDAYS, Mark, mark_at

RANGE, LIST = "range", "list"
DAY_ONLY = -1

_RELATIVE = {"今年": 0, "本年": 0, "来年": 1, "明年": 1, "翌年": 1, "昨年": -1, "去年": -1}
_WEST = r"(?P<west>(?:19|20)[0-9]{2})\s?年"
_ERA = rf"(?P<era>{ERA})\s?(?P<era_year>{ERA_YEAR})\s?年"
_BESIDE = rf"(?:\s?[(/]\s?(?:{ERA}\s?{ERA_YEAR}|(?:19|20)[0-9]{{2}})\s?年?\s?\)?)?"
_YEAR = rf"(?:(?:(?:{_WEST}|{_ERA}){_BESIDE}|(?P<relative>{'|'.join(_RELATIVE)})の?)[ 、,]?)?"
_KANJI = re.compile(
    rf"{_YEAR}(?<![0-9])(?P<month>{NUMBER})\s?月\s?(?P<day>{NUMBER})\s?(?:日(?!間|目|々)|(?=[(][月火水木金土日]))"
)
_NUMERIC = re.compile(
    r"(?<![0-9/.-])(?:(?P<west>20[0-9]{2})|(?P<era>[RrHh])\s?(?P<era_year>[0-9]{1,2}))"
    r"\s?(?P<sign>[/.-])\s?(?P<month>[0-9]{1,2})\s?(?P=sign)\s?(?P<day>[0-9]{1,2})(?![0-9]|[.-][0-9])"
)
_SHORT = re.compile(
    r"(?<![0-9/.a-zA-Z])(?P<month>[0-9]{1,2})(?P<sign>[/.])(?P<day>[0-9]{1,2})(?![0-9/%]|\.[0-9])"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = (
    r"(?P<name>(?:jan|febr)(?:uary)?|feb|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|(?:oct|nov|dec)(?:o?(?:em)?ber)?)\.?"
)
_ENGLISH = re.compile(
    rf"\b{_NAME}\s(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s(?P<west>20[0-9]{{2}}))?",
    re.IGNORECASE,
)
_DAY_ONLY = re.compile(
    rf"(?<![0-9月/一二三四五六七八九十])(?P<day>{NUMBER})\s?日(?=\s?[(\[【㊊-㊐])"
)
_NEXT_DAY = re.compile(
    rf"\s?(?P<sep>~|-|から|より|→|・|、|,|&|/|\+|と|および|及び|or|\s)\s?(?P<day>{NUMBER})"
    r"(?![0-9:時])\s?(?P<unit>日(?!間|目|後|前|以内|程|分|本))?"
)
_TO_NEXT = re.compile(r"\s?(?:~|-|から|より|→|至)\s?")
_AND_NEXT = re.compile(r"\s?(?:・|、|,|&|/|と|および|及び|\s)\s?")
_WEEKDAY_BEFORE = re.compile(
    r"(?P<day>[月火水木金土日])曜日?\s?[(]\s?(?:(?:次回|今回|今月|今年|来月)は?、?)?\s?$"
    r"|\b(?P<english>mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[.,]{0,2}\s$",
    re.IGNORECASE,
)
# Before a date with a slash and no weekday, one of these proves that it is no fraction.
_DATE_CONTEXT = re.compile(
    r"(?:締め?切り?|〆切?|期限|日時|日程|開催日?|会期|期間|受付|配信|公開|~|-)[日は:】\])\s]*$"
)
_DATE_FOLLOWS = re.compile(r"\s?(?:~|-|まで|締|〆|開催|開始|必着|配信|公開|[0-9]{1,2}[:時])")


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date in the text. `end` is before its weekday, `mark` is the weekday behind it.

    `month` DAY_ONLY: only the day was written. `year` None: left out. `relative`: 来年 is 1.
    `link`: how it hangs on the mention before it, RANGE (6月12日～14日) or LIST (6月12日・13日).
    """

    start: int
    end: int
    month: int
    day: int
    year: int | None = None
    relative: int | None = None
    mark: Mark | None = None
    link: str = ""

    @property
    def whole(self) -> tuple[int, int]:
        """The place of date and weekday together."""
        return self.start, max(self.end, self.mark.end if self.mark else 0)


def find_dates(plain: str) -> list[DateMention]:
    """The dates of narrowed text in which links are blanked, in order, none overlapping."""
    found: list[DateMention] = []
    position = 0
    for first in sorted(_heads(plain), key=lambda mention: (mention.start, -mention.end)):
        if first.start < position:
            continue
        head = _linked(found[-1], first, plain) if found else first
        chain = [head, *_continued(plain, head)]
        found += _share_marks(chain)
        position = found[-1].whole[1]
    return found


def _heads(plain: str) -> Iterator[DateMention]:
    for match in _KANJI.finditer(plain):
        yield _with_mark(plain, _head(match, month=number(match["month"])))
    for match in _NUMERIC.finditer(plain):
        yield _with_mark(plain, _head(match, month=int(match["month"])))
    for match in _SHORT.finditer(plain):
        mention = _with_mark(plain, _head(match, month=int(match["month"])))
        if mention.mark or (match["sign"] == "/" and _stands_as_date(plain, match)):
            yield mention
    for match in _ENGLISH.finditer(plain):
        month = _MONTHS.index(match["name"][:3].lower()) + 1
        yield _with_mark(plain, _head(match, month=month))
    for match in _DAY_ONLY.finditer(plain):
        mention = _with_mark(plain, _head(match, month=DAY_ONLY))
        if mention.mark and mention.mark.days:
            yield mention


def _head(match: re.Match[str], *, month: int) -> DateMention:
    groups = match.groupdict()
    return DateMention(
        match.start(),
        match.end(),
        month,
        number(groups["day"]),
        _year(groups),
        _RELATIVE.get(groups.get("relative") or ""),
    )


def _year(groups: dict[str, str | None]) -> int | None:
    if groups.get("west"):
        return int(groups["west"] or 0)
    sign, count = groups.get("era"), groups.get("era_year")
    return era(sign).zero + number(count) if sign and count else None


def _with_mark(plain: str, mention: DateMention) -> DateMention:
    mark = mark_at(plain, mention.end)
    if mark is None:
        before = _WEEKDAY_BEFORE.search(plain, max(0, mention.start - 12), mention.start)
        if before:
            english = (before["english"] or "")[:3].lower()
            day = WEEKDAYS.index(before["day"]) if before["day"] else ENGLISH.index(english)
            return replace(mention, mark=Mark(before.start(), mention.end, (day,)))
    return replace(mention, mark=mark)


def _stands_as_date(plain: str, match: re.Match[str]) -> bool:
    if not (1 <= int(match["month"]) <= 12 and 1 <= int(match["day"]) <= 31):
        return False
    before = plain[max(0, match.start() - 8) : match.start()]
    return bool(_DATE_CONTEXT.search(before)) or bool(_DATE_FOLLOWS.match(plain, match.end()))


def _continued(plain: str, head: DateMention) -> Iterator[DateMention]:
    """The days that follow without their month: ～14日(日), ・13(土)."""
    last = head
    while True:
        position = last.whole[1]
        match = _NEXT_DAY.match(plain, position)
        if match is None:
            return
        mark = mark_at(plain, match.end())
        has_days = mark is not None and bool(mark.days)
        if not has_days and (match["unit"] is None or match["sep"].isspace()):
            return
        link = RANGE if _TO_NEXT.fullmatch(match["sep"]) else LIST
        start = match.start("day")
        last = DateMention(
            start,
            match.end(),
            head.month,
            number(match["day"]),
            head.year,
            head.relative,
            mark,
            link,
        )
        yield last


def _linked(before: DateMention, mention: DateMention, plain: str) -> DateMention:
    """Mark a full date as the end of a range, or the next of a list, with the one before."""
    between = plain[before.whole[1] : mention.start]
    if len(between) > 6:
        return mention
    if _TO_NEXT.fullmatch(between):
        return replace(mention, link=RANGE)
    return replace(mention, link=LIST) if _AND_NEXT.fullmatch(between) else mention


def _share_marks(chain: list[DateMention]) -> list[DateMention]:
    """6月13日・14日（土・日）: the bracket behind the last date speaks of all of them."""
    mark = chain[-1].mark
    if mark is None or len(mark.days) != len(chain) or len(chain) == 1:
        return chain
    if any(mention.mark for mention in chain[:-1]):
        return chain
    return [
        replace(mention, mark=replace(mark, days=(day,)))
        for mention, day in zip(chain, mark.days, strict=True)
    ]
