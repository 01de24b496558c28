"""Dates in Japanese announcements: where they stand and which day they mean."""

import datetime as dt

import pytest

from posts.checks import Draft, Event
from posts.checks.language.dates import find_dates
from posts.checks.language.width import narrow
from posts.checks.reading import Reading

TODAY = dt.date(2026, 6, 1)


def days(text: str, event: Event | None = None) -> list[str]:
    reading = Reading(Draft(text, event=event), TODAY)
    return [str(dated.day) for dated in reading.dates]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026年6月12日（金）～14日（日）", ["2026-06-12", "2026-06-14"]),
        ("令和８年６月１３日・１４日（土・日）", ["2026-06-13", "2026-06-14"]),
        ("令和8年(2026年)6月十二日㈮", ["2026-06-12"]),
        ("R8.6.12(金)", ["2026-06-12"]),
        ("2026/07/18（土）", ["2026-07-18"]),
        ("July 3, 2026 (Fri)", ["2026-07-03"]),
        ("平成元年4月1日", ["1989-04-01"]),
        ("6月12（金）に開きます", ["2026-06-12"]),
        ("12月28日(月)〜1月4日(月)", ["2025-12-28", "2026-01-04"]),
        ("2026年12月28日(月)〜1月4日(月)", ["2026-12-28", "2027-01-04"]),
        ("来年3月6日（土）に開きます", ["2027-03-06"]),
        ("6月の予定 5日(金)、19日(金)", ["2026-06-05", "2026-06-19"]),
        ("患者さんの2/3、1/2錠", []),
        ("24時間365日、12日間、3日目", []),
        ("https://www.jspm.ne.jp/2026/06/12/ と 10.1016/j.jpain.2012.03.004", []),
    ],
)
def test_days_that_are_meant(text: str, expected: list[str]) -> None:
    assert days(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5月20日に開催しました。", "2026-05-20"),
        ("5月20日に開催します。", "2026-05-20"),  # just over: a slip, not next year's
        ("3月6日（土）に開催します。", "2027-03-06"),
        ("11月23日に開催します。", "2026-11-23"),
        ("11月23日に開催しました。", "2025-11-23"),
        ("6月12日（金）の大会の参加受付を始めました。", "2026-06-12"),
    ],
)
def test_the_missing_year_follows_the_tense(text: str, expected: str) -> None:
    assert days(text) == [expected]


def test_the_missing_year_is_the_event_records() -> None:
    event = Event(date=dt.date(2028, 3, 4), deadline=dt.date(2027, 12, 1))
    assert days("3月4日・5日に開催。締切は12月1日。", event) == [
        "2028-03-04",
        "2028-03-05",
        "2027-12-01",
    ]


def test_a_day_that_does_not_exist_means_none() -> None:
    assert days("6月31日と2027年2月29日") == ["None", "None"]


@pytest.mark.parametrize(
    "inside", ["日本時間", "水道橋", "土佐堀", "現地", "月例会", "木村", "予定"]
)
def test_brackets_that_hold_no_weekday(inside: str) -> None:
    (mention,) = find_dates(narrow(f"6月12日（{inside}）"))
    assert mention.mark is None


@pytest.mark.parametrize(
    "mark",
    ["（金）", "(金)", "［金］", "【金】", "（金曜）", "（金曜日）", "金曜日", " (Fri.)", "㈮", "（金・祝）"],
)  # fmt: skip
def test_marks_that_say_friday(mark: str) -> None:
    (mention,) = find_dates(narrow(f"6月12日{mark}"))
    assert mention.mark is not None
    assert mention.mark.days == (4,)
    assert mention.whole == (0, len(f"6月12日{mark}"))


def test_narrowing_moves_no_character() -> None:
    every = "".join(map(chr, range(0x11000)))
    assert len(narrow(every)) == len(every)
