"""Thresholds are chosen for what they are for; the same comments give the same model."""

import numpy as np
import pytest

from policy.classifiers import training
from policy.classifiers.likeness import Floats
from policy.classifiers.model import Bools
from policy.classifiers.training import (
    Examples,
    calibrate_for,
    fit,
    read_examples,
    train,
    version_of,
)
from policy.command_line import RecordReader
from policy.data import CARRIED, SEED
from policy.records import Record


def some(path: str, count: int) -> list[Record]:
    reader = RecordReader(None)  # type: ignore[arg-type]  # these files have no bad line
    return list(reader.read(path))[:count]


@pytest.fixture(scope="module")
def examples() -> Examples:
    return read_examples([(path.stem, some(str(path), 40)) for path in SEED[:3]])


def test_the_same_comments_give_the_same_model(examples: Examples) -> None:
    one, other = train(examples), train(examples)
    assert one.version == other.version
    for mine, theirs in ((one.quick, other.quick), (one.thorough, other.thorough)):
        assert mine.calibrations == theirs.calibrations
        assert np.array_equal(mine.pieces, theirs.pieces)
        assert np.array_equal(mine.dense, theirs.dense)


def test_what_the_weights_say_is_what_was_solved_for(examples: Examples) -> None:
    """Scores by weights, as a model gives them, equal those by products of comments."""
    model = train(examples)
    space, raw = model.space, examples.raw
    sparse, dense = space.sparse(raw.spellings), space.circumstances(raw.situations)
    like = space.alike.features(dense[:, len(space.names) :])
    known = np.hstack([sparse.toarray(), dense[:, : len(space.names)], like])
    gram = known @ known.T
    target = training._target(examples)
    duals = np.linalg.solve(gram + training.RIDGE * np.eye(len(gram)), target - target.mean(axis=0))
    assert model.quick.raw_scores(sparse, dense) == pytest.approx(
        gram @ duals + target.mean(axis=0), abs=2e-3
    )


def test_what_is_put_aside_is_learned_from_and_sets_no_threshold(
    examples: Examples, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    calibrate = training._calibrations

    def noting(unread: Floats, truth: Bools) -> object:
        seen.append(len(truth))
        return calibrate(unread, truth)

    monkeypatch.setattr(training, "_calibrations", noting)
    aside = SEED[2].stem
    without = train(examples.part(examples.groups != aside))
    model = train(examples, asides=frozenset({aside}))
    assert seen == [80, 80, 80, 80]  # both scorers, of both models
    assert model.space.pieces > without.space.pieces


def test_no_private_comment_becomes_a_landmark(examples: Examples) -> None:
    private = SEED[1].stem
    space = fit(examples, private=frozenset({private})).model.space
    away = space.away(examples.meaning.vectors)
    nearest = (away @ space.akin.points.T).max(axis=1)
    own = examples.groups == private
    assert len(space.akin.points) == len(space.alike.points) == (~own).sum()
    assert (nearest[~own] > 0.9999).all()
    assert (nearest[own] < 0.9999).sum() > 30  # what both wrote alike is near all the same


def test_the_version_names_the_data(examples: Examples) -> None:
    records = examples.records
    assert version_of(records) == version_of(list(records))
    assert version_of(records) != version_of(records[1:])


def test_the_cut_for_recall_finds_nine_of_ten() -> None:
    scores = np.arange(100, dtype=np.float32)
    truth = np.zeros(100, dtype=bool)
    truth[[5, 60, 70, 80, 90, 91, 92, 93, 94, 95]] = True
    cut = training._cut_for_recall(scores, truth)
    assert (truth & (scores >= cut)).sum() == 9
    assert 59 < cut < 60


def test_the_gate_lets_few_false_alarms_through() -> None:
    rng = np.random.default_rng(2)
    violates = np.arange(400) >= 200
    seen = rng.normal(size=(400, 3)).astype(np.float32) + 2.0 * violates[:, None]
    opened = training._gate(seen, violates).margin(seen) >= 0
    assert (opened & ~violates).sum() == 6
    assert (opened & violates).sum() > 190


def test_the_cut_for_f1_keeps_its_precision() -> None:
    scores = np.array([9, 8, 7, 6, 5, 4, 3, 2, 1, 0], dtype=np.float32)
    truth = np.array([1, 1, 1, 0, 0, 0, 0, 0, 1, 1], dtype=bool)
    assert 6 < training._cut_for_f1(scores, truth) < 7


def test_a_calibrated_score_says_how_often_it_is_right() -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(size=4_000).astype(np.float32)
    truth = rng.random(4_000) < 1 / (1 + np.exp(-(2 * scores - 1)))
    found = calibrate_for(scores, truth, cut=0.0)
    assert abs(found.slope - 2) < 0.2
    assert abs(found.offset + 1) < 0.15


def test_the_carried_files_are_whole() -> None:
    reader = RecordReader(None)  # type: ignore[arg-type]
    counts = [len(list(reader.read(str(path)))) for path in CARRIED]
    assert counts[:8] == [420, 420, 400, 400, 400, 400, 400, 400]
    assert reader.bad == 0
