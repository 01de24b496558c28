"""Shares, agreement and recall say how sure they are."""

import pytest
from hypothesis import given, strategies as st

from policy.shares import Interval, kappa, recall, wilson

COUNTS = st.integers(0, 400)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (150, 150, 0.975, 1.0)],
)
def test_wilson_gives_the_published_bounds(part: int, whole: int, low: float, high: float) -> None:
    found = wilson(part, whole)
    assert found.low == pytest.approx(low, abs=1e-4)
    assert found.high == pytest.approx(high, abs=1e-4)


def test_nothing_seen_says_nothing() -> None:
    assert wilson(0, 0) == Interval(0.0, 1.0)


@given(whole=st.integers(1, 2_000), data=st.data())
def test_the_share_lies_in_its_interval(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    found = wilson(part, whole)
    assert 0 <= found.low <= part / whole <= found.high <= 1


def test_kappa_takes_chance_off() -> None:
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    assert kappa(pairs) == pytest.approx(
        0.4
    )  # Cohen's own kind of example: 0.7 seen, 0.5 by chance


@pytest.mark.parametrize("pairs", [[], [(True, True)] * 5, [(False, False)]])
def test_kappa_is_silent_where_chance_explains_all(pairs: list[tuple[bool, bool]]) -> None:
    assert kappa(pairs) is None


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=50))
def test_kappa_is_the_same_for_both_and_at_most_one(pairs: list[tuple[bool, bool]]) -> None:
    found, turned = kappa(pairs), kappa([(b, a) for a, b in pairs])
    assert found == turned or (found is not None and found == pytest.approx(turned))
    assert found is None or -1 - 1e-9 <= found <= 1


def test_recall_from_a_sample() -> None:
    found = recall(found=90, elsewhere=0, noticed=0, drawn=1, sampled=100, passed=1_000)
    assert found is not None
    assert found.estimate == pytest.approx(0.9)  # ten of a thousand, as one of a hundred
    assert found.low == pytest.approx(90 / (90 + 1_000 * wilson(1, 100).high))
    assert found.high == pytest.approx(90 / (90 + 1_000 * wilson(1, 100).low))


def test_recall_without_a_sample_rests_on_what_was_met_and_stays_open_below() -> None:
    found = recall(found=8, elsewhere=1, noticed=1, drawn=0, sampled=0, passed=500)
    assert found is not None
    assert found.estimate == found.high == pytest.approx(0.8)
    assert found.low == pytest.approx(8 / (9 + 500))


def test_there_is_no_recall_of_nothing() -> None:
    assert recall(found=0, elsewhere=0, noticed=0, drawn=0, sampled=50, passed=500) is None


@given(found=COUNTS, elsewhere=COUNTS, noticed=COUNTS, sampled=COUNTS, data=st.data())
def test_recall_lies_within_its_bounds(
    found: int, elsewhere: int, noticed: int, sampled: int, data: st.DataObject
) -> None:
    drawn = data.draw(st.integers(0, sampled))
    passed = data.draw(st.integers(sampled + noticed, 5_000))
    seen = recall(
        found=found,
        elsewhere=elsewhere,
        noticed=noticed,
        drawn=drawn,
        sampled=sampled,
        passed=passed,
    )
    if seen is not None:
        assert -1e-9 <= seen.low <= seen.estimate + 1e-9
        assert seen.estimate <= seen.high + 1e-9 <= 1 + 2e-9
