"""Finds times of day and their ranges. Reads 13:00, 13時半, 午後1時, PM 1:00; judges none."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from .numbers import number

_HALF = r"午前|午後|AM|PM|A\.M\.|P\.M\."
_TIME = re.compile(
    rf"(?<![0-9./])(?<![0-9]:)(?:(?P<half>{_HALF})\s?)?"
    r"(?:(?P<hour>[0-9]{1,2})|(?<=午前|午後)(?P<kanji>[一二三四五六七八九十]{1,3}))\s?"
    r"(?::\s?(?P<minute>[0-9]{2})(?![0-9])"
    r"|時(?!間|限|代|給|差|期|系)\s?(?:(?P<minute2>[0-9]{1,2})\s?分|(?P<half_past>半)|(?P<minute3>[0-9]{2})(?![0-9]))?)"
    rf"(?::[0-9]{{2}}(?![0-9]))?(?:\s?(?P<half_after>{_HALF})(?![a-z]))?",
    re.IGNORECASE,
)
_BARE_HOUR = re.compile(
    rf"(?<![0-9./月])(?<![0-9]:)(?:(?P<half>{_HALF})\s?)?(?P<hour>[0-9]{{1,2}})(?=\s?[~-]\s?[0-9]{{1,2}}時(?!間))"
)
_TO = re.compile(
    r"\s?(?:頃|ごろ)?\s?[(]?(?:開始|開演|開会)?[)]?\s?(?:~|-|から|より|→)\s?(?P<next>翌[日朝]?\s?)?[(]?(?:終了|閉会)?[)]?\s?"
)
_BEGINS = re.compile(r"\s?(?:開始|開演|開会|スタート)[、,・/\s]{0,2}")
_ENDS = re.compile(r"\s?(?:終了|閉会|終演|解散)")


@dataclass(frozen=True, slots=True)
class TimeMention:
    """A time as written. `half` is "am", "pm" or "" (24 hours)."""

    start: int
    end: int
    hour: int
    minute: int = 0
    half: str = ""
    inherited: bool = False  # the half stands at the start of the range

    @property
    def minutes(self) -> int | None:
        """Minutes since midnight, None for no time of day. 12 with a half is read as noon."""
        hour = self.hour
        if self.minute > 59 or hour > 24 or (self.half and hour > 12):
            return None
        if self.half == "pm" and hour < 12:
            hour += 12
        return hour * 60 + self.minute

    @property
    def clock(self) -> str:
        """24-hour form, 13:05; as written where there is no such time."""
        minutes = self.minutes
        if minutes is None:
            return f"{self.hour}:{self.minute:02}"
        return f"{minutes // 60}:{minutes % 60:02}"


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From `first` to `last`; `next_day` when the text says 翌."""

    first: TimeMention
    last: TimeMention
    next_day: bool = False


def find_times(plain: str) -> list[TimeMention]:
    """The times of narrowed text in which links are blanked, in order."""
    found = [_mention(match) for match in _TIME.finditer(plain)]
    taken = {mention.start for mention in found}
    for match in _BARE_HOUR.finditer(plain):
        if match.start() not in taken:
            half = _half(match["half"])
            found.append(TimeMention(match.start(), match.end(), int(match["hour"]), half=half))
    return sorted(found, key=lambda mention: mention.start)


def find_ranges(plain: str, times: list[TimeMention]) -> Iterator[TimeRange]:
    """Neighbouring times with a wave or から between them. The second takes over the 午後."""
    for first, last in pairwise(times):
        between = _TO.fullmatch(plain, first.end, last.start)
        if between:
            yield TimeRange(first, _completed(first, last), bool(between["next"]))
        elif _BEGINS.fullmatch(plain, first.end, last.start) and _ENDS.match(plain, last.end):
            yield TimeRange(first, _completed(first, last))


def _completed(first: TimeMention, last: TimeMention) -> TimeMention:
    if first.half == "pm" and not last.half and last.hour < 12:
        return TimeMention(last.start, last.end, last.hour, last.minute, "pm", inherited=True)
    return last


def _mention(match: re.Match[str]) -> TimeMention:
    hour = int(match["hour"]) if match["hour"] else number(match["kanji"])
    minute = match["minute"] or match["minute2"] or match["minute3"] or "0"
    return TimeMention(
        match.start(),
        match.end(),
        hour,
        30 if match["half_past"] else int(minute),
        _half(match["half"] or match["half_after"]),
    )


def _half(sign: str | None) -> str:
    if not sign:
        return ""
    return "am" if sign == "午前" or sign[0] in "aA" else "pm"
