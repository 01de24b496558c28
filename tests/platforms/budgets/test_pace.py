"""The law of reading: as usual, then rarer, then not at all until the budget is renewed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from jspm_social.platforms.budgets import meters, pace
from jspm_social.platforms.budgets.pace import LONGEST, SHORTEST, Budget, next_reading, rest

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=19)
READING = [meters.YOUTUBE_UNITS, meters.META_USAGE, meters.X_DOLLARS, meters.MASTODON_RATE]


def units(used: int, limit: int | None = 10_000) -> Budget:
    return Budget("youtube.units", meters.YOUTUBE_UNITS, used, limit, LATER)


def percent(used: int, ends_at: datetime = LATER) -> Budget:
    return Budget("meta.usage", meters.META_USAGE, used, 100, ends_at)


@pytest.mark.parametrize(
    ("budget", "wait"),
    [
        (units(0), timedelta()),
        (units(7_499), timedelta()),
        (units(7_500), SHORTEST),
        (units(9_000), LATER - NOW),  # the reserve begins before the 95 percent
        (units(50_000), LATER - NOW),
        (units(50_000, None), timedelta()),
        (percent(74), timedelta()),
        (percent(75), SHORTEST),
        (percent(85), SHORTEST * 60**0.5),
        (percent(95), LATER - NOW),
        (percent(94, NOW + timedelta(minutes=5)), timedelta(minutes=5)),
        (percent(99, NOW - timedelta(minutes=5)), timedelta()),
    ],
)
def test_rest(budget: Budget, wait: timedelta) -> None:
    assert rest(budget, NOW) == wait


@given(
    kind=st.sampled_from(READING),
    limit=st.integers(1, 10_000_000),
    used=st.integers(0, 12_000_000),
    more=st.integers(1, 1_000_000),
    left=st.timedeltas(timedelta(), timedelta(days=31)),
)
def test_the_more_is_used_the_longer_reading_waits_and_never_past_the_renewal(
    kind: meters.MeterKind, limit: int, used: int, more: int, left: timedelta
) -> None:
    budget = Budget(kind.name, kind, used, limit, NOW + left)
    fuller = replace(budget, used=used + more)
    assert timedelta() <= rest(budget, NOW) <= rest(fuller, NOW) <= left
    line = budget.line
    assert line is not None
    assert 0 <= line <= limit
    if used < line:
        assert rest(budget, NOW) <= LONGEST
    if used * 100 < limit * pace.SLOW_PERCENT - 100 and used < line:
        assert rest(budget, NOW) == timedelta()


@given(limit=st.integers(1, 100_000), used=st.integers(0, 120_000), amount=st.integers(0, 200))
def test_what_may_be_read_leaves_the_effects_their_reserve(
    limit: int, used: int, amount: int
) -> None:
    if units(used, limit).may_read(amount):
        assert used + amount <= limit - min(meters.ROOM_FOR_EFFECTS, limit // 10)
        assert used * 100 < limit * pace.FULL_PERCENT
    usage = replace(percent(used), limit=limit)
    if usage.may_read(amount):
        assert used + amount <= limit


def test_a_budget_that_reading_does_not_use_does_not_hold_it() -> None:
    full = Budget("bluesky.hour", meters.BLUESKY_HOUR, 5_000, 5_000, LATER)
    assert full.may_read(0)
    assert rest(full, NOW) == timedelta()
    assert not full.leaves_room(1)


def test_the_tightest_budget_decides() -> None:
    assert next_reading([], NOW) is None
    assert next_reading([units(0), percent(3)], NOW) is None
    assert next_reading([units(7_500), percent(95)], NOW) == LATER


@pytest.mark.parametrize("cost", [1, 8, 40, 300])
def test_thirty_days_at_the_real_pace(cost: int) -> None:
    """A pull every twenty seconds, at the real limits: never over the line, and no gap between
    two readings but the growing waits and, once the line is reached, the renewal.
    """
    now, end = NOW, NOW + timedelta(days=30)
    used, day, last, longest = 0, NOW.date(), NOW, timedelta()
    while now < end:
        if now.date() != day:
            used, day = 0, now.date()
        midnight = datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)
        budget = replace(units(used), ends_at=midnight)
        if budget.may_read(cost):
            longest, last = max(longest, now - last), now
            used += cost
            budget = replace(budget, used=used)
        assert used <= 9_000
        now += max(timedelta(seconds=20), rest(budget, now))
    if cost <= 8:  # what a quiet channel costs: it is read all day long
        assert longest <= LONGEST
    assert longest <= timedelta(days=1)
