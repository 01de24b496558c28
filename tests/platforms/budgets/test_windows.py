"""The stretches of time that platforms count in."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from jspm_social.platforms.budgets.windows import TOLD_FOR, Window, span


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]  # a datetime's parts


@pytest.mark.parametrize(
    ("window", "now", "start", "end"),
    [
        (Window.HOUR, at(2026, 4, 1, 3, 59, 59), at(2026, 4, 1, 3), at(2026, 4, 1, 4)),
        (Window.DAY, at(2026, 4, 1), at(2026, 4, 1), at(2026, 4, 2)),
        # Los Angeles is seven hours behind in summer, eight in winter.
        (Window.PACIFIC_DAY, at(2026, 7, 1, 6, 59), at(2026, 6, 30, 7), at(2026, 7, 1, 7)),
        (Window.PACIFIC_DAY, at(2026, 12, 1, 8), at(2026, 12, 1, 8), at(2026, 12, 2, 8)),
        # The clocks are changed in between: days of 23 and 25 hours.
        (Window.PACIFIC_DAY, at(2026, 3, 8, 12), at(2026, 3, 8, 8), at(2026, 3, 9, 7)),
        (Window.PACIFIC_DAY, at(2026, 11, 1, 12), at(2026, 11, 1, 7), at(2026, 11, 2, 8)),
        (Window.MONTH, at(2026, 2, 28, 23, 59), at(2026, 2, 1), at(2026, 3, 1)),
        (Window.MONTH, at(2026, 12, 31), at(2026, 12, 1), at(2027, 1, 1)),
        (Window.JAPAN_MONTH, at(2026, 4, 30, 15), at(2026, 4, 30, 15), at(2026, 5, 31, 15)),
    ],
)
def test_span(window: Window, now: datetime, start: datetime, end: datetime) -> None:
    assert span(window, now) == (start, end)


def test_what_is_told_has_one_beginning_and_holds_a_while() -> None:
    now = at(2026, 4, 1)
    assert span(Window.TOLD, now) == (at(1970, 1, 1), now + TOLD_FOR)


@given(st.integers(1_700_000_000, 1_900_000_000))
def test_spans_follow_one_another_without_a_gap(seconds: int) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    for window in set(Window) - {Window.TOLD}:
        start, end = span(window, now)
        assert start <= now < end
        assert span(window, end)[0] == end
        assert span(window, start) == (start, end)
        assert end - start <= timedelta(days=31, hours=1)
