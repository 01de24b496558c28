"""Figures against values worked out by hand."""

import pytest

from policy.metrics import Counts, auroc, average_precision, count, mean

TRUTH = [True, False, True, False]


def test_counts() -> None:
    counts = count([True, True, True, False, False], [True, True, False, True, False])
    assert counts == Counts(true_positive=2, false_positive=1, false_negative=1)
    assert counts.precision == pytest.approx(2 / 3)
    assert counts.recall == pytest.approx(2 / 3)
    assert counts.f1 == pytest.approx(2 / 3)


def test_undefined_figures_are_none() -> None:
    empty = count([False], [False])
    assert (empty.precision, empty.recall, empty.f1) == (None, None, None)
    assert average_precision([False], [0.5]) is None
    assert auroc([True], [0.5]) is None
    assert mean([None]) is None


def test_missed_everything_is_zero_not_undefined() -> None:
    assert count([True], [False]).f1 == 0.0


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([0.9, 0.8, 0.7, 0.1], (1 / 1 + 2 / 3) / 2),
        ([0.9, 0.1, 0.8, 0.2], 1.0),
        ([0.1, 0.9, 0.2, 0.8], (1 / 3 + 2 / 4) / 2),
        ([0.5, 0.5, 0.5, 0.5], 0.5),  # one threshold: precision 2/4 for both
    ],
)
def test_average_precision(scores: list[float], expected: float) -> None:
    assert average_precision(TRUTH, scores) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([0.9, 0.8, 0.7, 0.1], 3 / 4),
        ([0.9, 0.1, 0.8, 0.2], 1.0),
        ([0.5, 0.5, 0.5, 0.5], 0.5),
        ([0.9, 0.5, 0.5, 0.1], 3.5 / 4),
    ],
)
def test_auroc(scores: list[float], expected: float) -> None:
    assert auroc(TRUTH, scores) == pytest.approx(expected)


def test_mean_leaves_undefined_figures_out() -> None:
    assert mean([1.0, None, 0.0]) == 0.5
