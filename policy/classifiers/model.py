"""A trained model: linear scores, calibrated, each measured against its own threshold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from policy.criteria import Criterion, Signal
from policy.phases.subject import Subject

from .features import Floats, Raw, Space, read

ANY = "any"  # any ground at all: the gate before the single ones
FORMAT = 2  # what the numbers mean; models of another format are not read
KEYS: tuple[str, ...] = (*Criterion.values, *Signal.values)
COLUMNS = (*KEYS, ANY)
_BELOW = 0.499  # just too little for a ground to apply
GROUNDS = [KEYS.index(key) for key in Criterion.values]


@dataclass(frozen=True, slots=True)
class Calibration:
    """From the raw score of one key to a probability, and from which probability on it applies."""

    slope: float
    offset: float
    threshold: float  # probability

    def probability(self, raw: Floats) -> Floats:
        """The chance that a comment with this raw score bears the label."""
        return _sigmoid(self.slope * raw + self.offset)

    def score(self, raw: Floats) -> Floats:
        """The same, shifted so that 0.5 is where the label applies."""
        shift = np.log(self.threshold / (1 - self.threshold))
        return _sigmoid(self.slope * raw + self.offset - shift)


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether any ground applies at all: all grounds together know that better than each alone.

    Where it stays shut, every ground's score falls by what is missing, and below 0.5.
    """

    weights: tuple[float, ...]  # of the three measures
    offset: float  # 0 or more is open

    def margin(self, seen: Floats) -> Floats:
        """Row by row, how far it is open; below 0 it is shut."""
        answer: Floats = seen @ np.array(self.weights) + self.offset
        return answer

    def narrowed(self, scores: Floats, seen: Floats) -> Floats:
        """The scores of grounds, row by row, behind the gate."""
        margin = self.margin(seen)[:, None]
        odds = np.clip(scores, 1e-6, 1 - 1e-6)
        fallen = _sigmoid(np.log(odds / (1 - odds)) + np.minimum(margin, 0))
        return np.where(margin < 0, np.minimum(fallen, _BELOW), scores)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the model says about one comment, by key. A score of 0.5 or more: it applies."""

    scores: Mapping[str, float]
    probabilities: Mapping[str, float]


@dataclass(frozen=True)
class Model:
    """Scores subjects. Deterministic; knows no file and no database."""

    version: str
    space: Space
    pieces: Floats  # piece × column
    dense: Floats  # dense number × column
    base: Floats  # column
    calibrations: Mapping[str, Calibration]
    gate: Gate

    def raw_scores(self, raw: Raw) -> Floats:
        """One row per comment, one column per key and one for the gate."""
        sparse = self.space.sparse(raw.spellings)
        dense = self.space.dense(raw.situations, raw.sentences)
        scores: Floats = sparse @ self.pieces + dense @ self.dense + self.base
        return scores

    def opinions(self, subjects: Sequence[Subject]) -> list[Opinion]:
        """What the model says about each of them; cheaper per comment in batches."""
        if not subjects:
            return []
        return self.opinions_on(read(subjects))

    def opinions_on(self, read_off: Raw) -> list[Opinion]:
        """The same, for what was read off before."""
        return opinions_from(self.raw_scores(read_off), self.calibrations, self.gate)


def opinions_from(
    raw: Floats, calibrations: Mapping[str, Calibration], gate: Gate
) -> list[Opinion]:
    """What raw scores mean, row by row."""
    scores, chances = np.empty_like(raw), np.empty_like(raw)
    for column, key in enumerate(KEYS):
        scores[:, column] = calibrations[key].score(raw[:, column])
        chances[:, column] = calibrations[key].probability(raw[:, column])
    scores[:, GROUNDS] = gate.narrowed(scores[:, GROUNDS], measures(raw, calibrations))
    return [
        Opinion(_by_key(one), _by_key(other)) for one, other in zip(scores, chances, strict=True)
    ]


def measures(raw: Floats, calibrations: Mapping[str, Calibration]) -> Floats:
    """What the gate weighs: the score of any ground, the strongest ground, and all of them."""
    logits = np.stack(
        [
            calibrations[key].slope * raw[:, KEYS.index(key)] + calibrations[key].offset
            for key in Criterion.values
        ],
        axis=1,
    )
    together = np.log1p(np.exp(np.minimum(logits, 30))).sum(axis=1)
    return np.stack([raw[:, COLUMNS.index(ANY)] * 3, logits.max(axis=1), together], axis=1)


def _by_key(row: Floats) -> dict[str, float]:
    return dict(zip(KEYS, map(float, row), strict=False))  # without the gate


def _sigmoid(value: Floats) -> Floats:
    answer: Floats = 1.0 / (1.0 + np.exp(-np.clip(value, -30, 30)))
    return answer
