"""Times of day as announcements write them."""

import pytest

from posts.checks.language.times import find_ranges, find_times
from posts.checks.language.width import narrow


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("時間：13：00～15：30", ["13:00", "15:30"]),
        ("午後1時半～3時", ["13:30", "3:00"]),
        ("10～17時", ["10:00", "17:00"]),
        ("PM 1:05 / 1:05 PM", ["13:05", "13:05"]),
        ("午前九時", ["9:00"]),
        ("3時間、24時間、2:1、1/2", []),
        ("25:00と13:75", ["25:00", "13:75"]),
    ],
)
def test_times_by_the_24_hour_clock(text: str, expected: list[str]) -> None:
    assert [time.clock for time in find_times(narrow(text))] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("午後1時～3時半", [("13:00", "15:30", False)]),
        ("22:00から翌5:00まで", [("22:00", "5:00", True)]),
        ("10時から12時、13時から15時", [("10:00", "12:00", False), ("13:00", "15:00", False)]),
        ("13:00（12:30開場）", []),
    ],
)
def test_ranges(text: str, expected: list[tuple[str, str, bool]]) -> None:
    plain = narrow(text)
    found = find_ranges(plain, find_times(plain))
    assert [(span.first.clock, span.last.clock, span.next_day) for span in found] == expected
