"""Likeness to landmarks: what it is, and that features and weights come to the same."""

import numpy as np
import pytest

from policy.classifiers.likeness import Landmarks, choose_landmarks

RNG = np.random.default_rng(5)
NUMBERS = RNG.normal(size=(40, 6)).astype(np.float32)


def test_likeness_is_one_at_the_landmark_and_falls_with_distance() -> None:
    marks = Landmarks(np.array([[0, 0], [3, 4]], dtype=np.float32), 0.1)
    found = marks.likeness(np.array([[0, 0], [6, 8]], dtype=np.float32))
    expected = np.exp(-0.1 * np.array([[0, 25], [100, 25]]))
    assert found == pytest.approx(expected, abs=1e-6)


def test_the_products_of_the_features_are_the_kernel_where_all_are_landmarks() -> None:
    marks = Landmarks(NUMBERS, 0.2)
    features = marks.features(marks.likeness(NUMBERS))
    assert features @ features.T == pytest.approx(marks.likeness(NUMBERS), abs=3e-3)


def test_weights_of_features_are_carried_over_to_likeness() -> None:
    marks = choose_landmarks(NUMBERS, 12, width=0.2)
    likeness = marks.likeness(NUMBERS)
    weights = RNG.normal(size=(12, 3)).astype(np.float32)
    by_features = marks.features(likeness) @ weights
    assert likeness @ marks.weights(weights) == pytest.approx(by_features, abs=1e-3)


def test_the_sample_is_always_the_same_and_no_larger_than_what_is_there() -> None:
    one, other = (choose_landmarks(NUMBERS, 12, width=1.0) for _ in range(2))
    assert np.array_equal(one.points, other.points)
    assert one.points.shape == (12, 6)
    assert choose_landmarks(NUMBERS, 99, width=1.0).points.shape == (40, 6)


def test_two_landmarks_may_be_the_same() -> None:
    marks = Landmarks(np.vstack([NUMBERS[:3], NUMBERS[:3]]), 0.5)
    assert np.isfinite(marks.features(marks.likeness(NUMBERS))).all()
