"""Makes a model from labelled comments.

One ridge regression for all keys at once, solved in the space of the comments (there are far
fewer of them than pieces). Thresholds and calibration come from scores that each comment got
from a model which had not read its writer: one group (file) is left out at a time.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, solve
from scipy.sparse import csr_matrix

from policy.criteria import Signal
from policy.phases.subject import Subject
from policy.records import Record, in_context

from .features import Meaning, Raw, Space, learn_space, read, read_meaning
from .likeness import Floats, Landmarks
from .model import (
    FORMAT,
    GROUNDS,
    KEYS,
    Bools,
    Calibration,
    Gate,
    Model,
    Opinion,
    Scorer,
    measures,
    second_thoughts,
)

RIDGE = 0.3
LEAST_PRECISION = 0.6  # of each ground and signal but distress, on writers not read
# A cry for help that is overheard costs more than a look too many. Some of the writers wrote hardly
# any but hidden ones: this much of all means more than nine of ten of the seed's.
LEAST_DISTRESS_RECALL = 0.86
MOST_FALSE_ALARMS = 0.03  # share of the comments without any ground for which the gate may open
_AT_ONCE = 500  # rows whose products are worked out together
_SMOOTH = 2.0  # added to the misses, so that few examples cannot choose an extreme threshold


@dataclass(frozen=True)
class Examples:
    """Labelled comments, read once. `groups` names the writer of each."""

    records: tuple[Record, ...]
    raw: Raw
    meaning: Meaning
    truth: Bools  # comment × key
    groups: NDArray[np.str_]

    def part(self, chosen: Bools) -> "Examples":
        """The chosen ones."""
        indices = np.flatnonzero(chosen).tolist()
        return Examples(
            tuple(self.records[i] for i in indices),
            self.raw.part(indices),
            self.meaning.part(indices),
            self.truth[indices],
            self.groups[indices],
        )


def read_examples(files: Sequence[tuple[str, Sequence[Record]]]) -> Examples:
    """Labelled comments of several writers. History counts within a file, by `created_at`."""
    records = [record for _, part in files for record in part]
    subjects = [
        Subject(record.text, context)
        for _, part in files
        for record, context in zip(part, in_context(part), strict=True)
    ]
    truth = [
        [key in (record.labels or ()) or key in (record.signals or ()) for key in KEYS]
        for record in records
    ]
    groups = [name for name, part in files for _ in part]
    return Examples(
        tuple(records), read(subjects), read_meaning(subjects), np.array(truth), np.array(groups)
    )


@dataclass(frozen=True)
class Unread:
    """What models that had not read a comment's writer said about each comment.

    Raw scores, comment × column; rows of groups that were put aside are zero.
    """

    quick: Floats
    thorough: Floats


@dataclass(frozen=True)
class Fitted:
    """A model, and what models without each writer would have said."""

    model: Model
    unread: Unread


def train(examples: Examples, *, asides: frozenset[str] = frozenset()) -> Model:
    """Fit, calibrate and fix the thresholds; see `fit`."""
    return fit(examples, asides=asides).model


def fit(
    examples: Examples,
    *,
    asides: frozenset[str] = frozenset(),
    private: frozenset[str] = frozenset(),
) -> Fitted:
    """Fit, calibrate and fix the thresholds.

    `asides` are groups that are learned from, and never judged: no threshold rests on them.
    `private` are groups of which the model keeps sums only: none of their comments becomes a
    landmark, which would outlive its erasure.
    """
    public = np.flatnonzero(~np.isin(examples.groups, list(private))).tolist()
    space = learn_space(examples.raw, examples.meaning, public)
    pieces = space.sparse(examples.raw.spellings)
    parts = _Parts(space, examples)
    gram = _products(pieces)
    gram += parts.circumstances @ parts.circumstances.T
    duals, quick = _learn(gram.copy(), examples, asides)
    scorer = _scorer(pieces.T @ duals, parts.quick_weights(duals), quick, examples, asides)
    gram += parts.meanings @ parts.meanings.T
    duals, thorough = _learn(gram, examples, asides)
    fuller = _scorer(pieces.T @ duals, parts.thorough_weights(duals), thorough, examples, asides)
    model = Model(version_of(examples.records), space, scorer, fuller)
    return Fitted(model, Unread(quick, thorough))


def _products(pieces: csr_matrix) -> Floats:
    """Of every two rows; a few hundred at a time, since a sparse whole would be larger."""
    size, columns = pieces.shape[0], pieces.T.tocsr()
    gram = np.empty((size, size), dtype=np.float32)
    for first in range(0, size, _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        gram[part] = (pieces[part] @ columns).toarray()
    return gram


class _Parts:
    """The dense numbers of the training comments, with likeness in the form to learn from."""

    def __init__(self, space: Space, examples: Examples) -> None:
        self._space = space
        self._facts = len(space.names)
        self.circumstances = space.circumstances(examples.raw.situations)
        self._in_place(self.circumstances, self._facts, space.alike)
        self.meanings = space.meanings(examples.meaning)
        self._in_place(self.meanings, 1, space.akin)

    def quick_weights(self, duals: Floats) -> Floats:
        """The weights of `Space.circumstances`."""
        return self._weights(self.circumstances.T @ duals, self._facts, self._space.alike)

    def thorough_weights(self, duals: Floats) -> Floats:
        """The weights of `Space.circumstances` and then of `Space.meanings`."""
        return np.vstack(
            [
                self.quick_weights(duals),
                self._weights(self.meanings.T @ duals, 1, self._space.akin),
            ]
        )

    @staticmethod
    def _in_place(numbers: Floats, first: int, landmarks: Landmarks) -> None:
        numbers[:, first:] = landmarks.features(numbers[:, first:])

    @staticmethod
    def _weights(weights: Floats, first: int, landmarks: Landmarks) -> Floats:
        weights[first:] = landmarks.weights(weights[first:])
        return weights


def _learn(gram: Floats, examples: Examples, asides: frozenset[str]) -> tuple[Floats, Floats]:
    """Weights of the comments by their products (overwritten), and the scores of the unread."""
    target = _target(examples)
    inverse = _inverse(gram)
    duals = inverse @ (target - target.mean(axis=0))
    return duals, _scores_of_the_unread(inverse, duals, target, examples.groups, asides)


def _scorer(
    pieces: Floats, dense: Floats, unread: Floats, examples: Examples, asides: frozenset[str]
) -> Scorer:
    judged = ~np.isin(examples.groups, list(asides))
    calibrations, gate = _calibrations(unread[judged], examples.truth[judged])
    return Scorer(
        pieces=np.asarray(pieces, dtype=np.float32),
        dense=dense.astype(np.float32),
        base=_target(examples).mean(axis=0),
        calibrations=calibrations,
        gate=gate,
    )


def _target(examples: Examples) -> Floats:
    """1 where a key applies, any ground last; -1 where not."""
    violates = examples.truth[:, GROUNDS].any(axis=1, keepdims=True)
    return np.where(np.hstack([examples.truth, violates]), 1.0, -1.0).astype(np.float32)


def opinions_on_the_unread(
    examples: Examples, fitted: Fitted, *, asides: frozenset[str] = frozenset()
) -> Iterator[tuple[NDArray[np.intp], list[Opinion]]]:
    """Group by group: the places of its comments, and what models said that had not read them.

    Cheaper than training anew, and a little kinder: what is known of pieces, spreads and landmarks
    comes from all comments, without their labels; and the thresholds rest on scores of the other
    groups by models that had read this one.
    """
    judged = ~np.isin(examples.groups, list(asides))
    model, unread = fitted.model, fitted.unread
    for name in sorted(set(examples.groups) - asides):
        out = examples.groups == name
        rest = judged & ~out
        if not rest.any():
            continue
        quick = _calibrated(model.quick, unread.quick[rest], examples.truth[rest])
        thorough = _calibrated(model.thorough, unread.thorough[rest], examples.truth[rest])
        opinions = second_thoughts(quick, unread.quick[out], thorough, unread.thorough[out])
        yield np.flatnonzero(out), opinions


def _calibrated(scorer: Scorer, unread: Floats, truth: Bools) -> Scorer:
    calibrations, gate = _calibrations(unread, truth)
    return replace(scorer, calibrations=calibrations, gate=gate)


def version_of(records: Sequence[Record]) -> str:
    """Format and data of a model: the same comments give the same version."""
    digest = hashlib.sha256()
    for record in records:
        labels, signals = sorted(record.labels or ()), sorted(record.signals or ())
        line = [record.text, record.post_text, record.author.name, labels, signals]
        digest.update(json.dumps(line).encode())
    return f"{FORMAT}-{digest.hexdigest()[:12]}"


def _calibrations(unread: Floats, truth: Bools) -> tuple[dict[str, Calibration], Gate]:
    """The gate that keeps false alarms rare, and behind it one calibration for each key."""
    half = {
        key: calibrate_for(unread[:, column], truth[:, column], 0.0)
        for column, key in enumerate(KEYS)
    }
    gate = _gate(measures(unread, half), truth[:, GROUNDS].any(axis=1))
    is_open = gate.margin(measures(unread, half)) >= 0
    found = {}
    for column, key in enumerate(KEYS):
        scores, applies = unread[:, column], truth[:, column]
        if key == Signal.DISTRESS:
            cut = _cut_for_recall(scores, applies)
        elif column in GROUNDS:
            cut = _cut_for_f1(np.where(is_open, scores, scores.min()), applies)
        else:
            cut = _cut_for_f1(scores, applies)
        found[key] = calibrate_for(scores, applies, cut)
    return found, gate


def _gate(seen: Floats, violates: Any) -> Gate:
    """Logistic regression, open for at most MOST_FALSE_ALARMS of the comments without a ground."""
    *weights, offset = _logistic(seen, violates.astype(np.float64), ridge=0.1)
    values = seen @ np.array(weights) + offset
    alarms = np.sort(values[~violates])[::-1]
    cut = alarms[int(MOST_FALSE_ALARMS * len(alarms))] + 1e-6
    return Gate(tuple(float(weight) for weight in weights), float(offset - cut))


def calibrate_for(scores: Floats, truth: Bools, cut: float) -> Calibration:
    """Platt's sigmoid, with `cut` as the raw score from which the label applies."""
    slope, offset = _platt(scores, truth)
    chance = 1.0 / (1.0 + np.exp(-(slope * cut + offset)))
    return Calibration(slope, offset, float(np.clip(chance, 0.01, 0.99)))


def _cut_for_f1(scores: Floats, truth: Bools) -> float:
    """Where F1 is best among the cuts that keep LEAST_PRECISION."""
    order, hits, said = _ranked(scores, truth)
    quality: Floats = 2 * hits / (said + truth.sum() + _SMOOTH)
    quality[hits / said < LEAST_PRECISION] = 0.0
    return _between(scores[order], int(np.argmax(quality)))


def _cut_for_recall(scores: Floats, truth: Bools) -> float:
    """The highest cut that finds LEAST_DISTRESS_RECALL of them."""
    order, hits, _ = _ranked(scores, truth)
    enough = int(np.argmax(hits >= LEAST_DISTRESS_RECALL * truth.sum()))
    return _between(scores[order], enough)


def _ranked(
    scores: Floats, truth: Bools
) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.int64]]:
    """Best first: the order, how many of the first n are right, and n."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truth[order], dtype=np.int64)
    return order, hits, np.arange(1, len(scores) + 1, dtype=np.int64)


def _between(ranked: Floats, index: int) -> float:
    return float(ranked[index] + ranked[min(index + 1, len(ranked) - 1)]) / 2


def _platt(scores: Floats, truth: Bools) -> tuple[float, float]:
    """Logistic regression on one number, with Platt's softened targets."""
    positives = truth.sum()
    high, low = (positives + 1) / (positives + 2), 1 / (len(truth) - positives + 2)
    slope, offset = _logistic(scores[:, None], np.where(truth, high, low), ridge=1e-6)
    return float(slope), float(offset)


def _logistic(numbers: Floats, target: Floats, *, ridge: float) -> Floats:
    """Weights and offset (last), by Newton's method; the offset is not held back."""
    x = np.hstack([numbers, np.ones((len(numbers), 1))]).astype(np.float64)
    held = np.diag([ridge] * numbers.shape[1] + [1e-6])
    weights: Floats = np.zeros(x.shape[1])
    for _ in range(60):
        chance = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (target - chance) - held @ weights
        bend = (x * (chance * (1 - chance) + 1e-9)[:, None]).T @ x + held
        weights = weights + np.linalg.solve(bend, slope)
    return weights


def _scores_of_the_unread(
    inverse: Floats,
    duals: Floats,
    target: Floats,
    groups: NDArray[np.str_],
    asides: frozenset[str],
) -> Floats:
    """What a model without the group would say about it, for each group, from the one inverse.

    Leaving rows out of a ridge regression is a small system in those rows (the formula of
    leave-one-out cross-validation, by blocks): no model has to be fitted anew. The mean of the
    targets is that of all.
    """
    scores = np.zeros_like(target)
    for name in sorted(set(groups) - asides):
        out = np.flatnonzero(groups == name)
        scores[out] = target[out] - solve(inverse[np.ix_(out, out)], duals[out], assume_a="pos")
    return scores


def _inverse(gram: Floats) -> Floats:
    """The inverse of the comments' products with RIDGE added; the products are overwritten."""
    size = len(gram)
    gram[np.diag_indices(size)] += RIDGE
    factor = cho_factor(gram, overwrite_a=True)
    inverse: Floats = cho_solve(factor, np.eye(size, dtype=np.float32), overwrite_b=True)
    return inverse
