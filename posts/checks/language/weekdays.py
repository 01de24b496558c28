"""The weekday that stands behind a date, and what else the bracket says: 祝, a holiday's name."""

import re
from dataclasses import dataclass

from .width import CIRCLED_WEEKDAYS

WEEKDAYS = "月火水木金土日"
ENGLISH = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_OPEN, _CLOSE = r"[(\[【〔<〈「]", r"[)\]】〕>〉」]"
_BRACKET = re.compile(
    rf"[ \t]?{_OPEN}\s?(?P<inside>[^()\[\]【】〔〕<>〈〉「」\n]{{1,24}}?)\s?{_CLOSE}"
)
_BARE = re.compile(
    rf"\s?(?P<word>[{WEEKDAYS}])曜日?|(?P<circled>[{CIRCLED_WEEKDAYS}])"
    rf"|[ ](?P<alone>[{WEEKDAYS}])(?=[ \n]|[0-9]{{1,2}}[:時]|$)"
    r"|[ ,]{1,2}(?P<english>(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)\b",
    re.IGNORECASE,
)
_DIVIDERS = r"・·･,、/&~ .\-と"
_IN_BRACKET = re.compile(
    rf"(?:^|(?<=[{_DIVIDERS}祝休]))(?P<letter>[{WEEKDAYS}])(?:曜日?)?(?=$|[{_DIVIDERS}祝休振昼夜朝夕午])"
)
_ENGLISH_IN_BRACKET = re.compile(
    r"\b(mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)(?:s?day|nesday|urday|rsday)?\b", re.IGNORECASE
)
_HOLIDAY = re.compile(r"祝|国民の休日|振替休日|振休")
_MOST_DAYS = 7


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands behind a date. `days` are numbers of weekdays (Monday is 0), often one."""

    start: int
    end: int
    days: tuple[int, ...]
    says_holiday: bool = False
    inside: str = ""


def mark_at(plain: str, position: int) -> Mark | None:
    """The mark that begins at `position` of narrowed text, or None."""
    bracket = _BRACKET.match(plain, position)
    if bracket:
        return _bracket_mark(bracket)
    bare = _BARE.match(plain, position)
    if bare is None:
        return None
    letter = bare["word"] or bare["alone"]
    if letter:
        return Mark(bare.start(), bare.end(), (WEEKDAYS.index(letter),))
    if bare["circled"]:
        day = CIRCLED_WEEKDAYS.index(bare["circled"])
        return Mark(bare.start(), bare.end(), (day,))
    return Mark(bare.start(), bare.end(), (ENGLISH.index(bare["english"][:3].lower()),))


def _bracket_mark(match: re.Match[str]) -> Mark | None:
    inside = match["inside"]
    days = [WEEKDAYS.index(found["letter"]) for found in _IN_BRACKET.finditer(inside)]
    days += [ENGLISH.index(found[1][:3].lower()) for found in _ENGLISH_IN_BRACKET.finditer(inside)]
    days += [CIRCLED_WEEKDAYS.index(char) for char in inside if char in CIRCLED_WEEKDAYS]
    holiday = _HOLIDAY.search(inside) is not None
    if not days and not holiday and not inside.endswith(("の日", "始")) and inside != "元日":
        return None
    return Mark(match.start(), match.end(), tuple(days[:_MOST_DAYS]), holiday, inside)
