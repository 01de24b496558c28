"""A trained model: linear scores, calibrated, each measured against its own threshold.

Two scorers share the work. The quick one knows words and circumstances; the thorough one also
knows what the sentence means as a whole, which costs several times as much, and is asked wherever
the quick one could be wrong (`Scorer.doubts`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from policy.criteria import Criterion, Signal
from policy.phases.subject import Subject

from .features import Meaning, Raw, Space, read, read_meaning
from .likeness import Floats

Bools = NDArray[np.bool_]

ANY = "any"  # any ground at all: the gate before the single ones
FORMAT = 3  # what the numbers mean; models of another format are not read
KEYS: tuple[str, ...] = (*Criterion.values, *Signal.values)
COLUMNS = (*KEYS, ANY)
_BELOW = 0.499  # just too little for a ground to apply
GROUNDS = [KEYS.index(key) for key in Criterion.values]
# Where the quick scorer may be wrong, in log-odds: the gate is nearly open or open, and the score
# of any key is near where it applies; or that of distress is, more widely from below, since a cry
# that is not heard costs more. Chosen by cross-validation: the figures stay within 0.01 of those
# of the thorough scorer alone, which reads three times as many. Where it was asked, its word
# stands, also against a cry that the quick one heard: it errs less in both directions.
SHUT, NEAR, DISTRESS_BELOW, DISTRESS_ABOVE = -1.0, 1.5, 1.0, 0.7


@dataclass(frozen=True, slots=True)
class Bars:
    """From which scores on keys apply to the one who asks; 0.5 where nothing is said.

    Of `certain` keys only the thorough scorer may say that they apply.
    """

    thresholds: Mapping[str, float] = field(default_factory=dict)
    certain: frozenset[str] = frozenset()

    def row(self) -> Floats:
        """The thresholds as log-odds, key by key."""
        return _log_odds(np.array([self.thresholds.get(key, 0.5) for key in KEYS]))


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
        fallen = _sigmoid(_log_odds(scores) + np.minimum(margin, 0))
        return np.where(margin < 0, np.minimum(fallen, _BELOW), scores)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the model says about one comment, by key. A score of 0.5 or more: it applies."""

    scores: Mapping[str, float]
    probabilities: Mapping[str, float]
    thorough: bool = False  # the meaning was read, too


@dataclass(frozen=True)
class Scorer:
    """Weights, and what the raw scores that they give mean."""

    pieces: Floats  # piece × column
    dense: Floats  # dense number × column
    base: Floats  # column
    calibrations: Mapping[str, Calibration]
    gate: Gate

    def raw_scores(self, sparse: csr_matrix, dense: Floats) -> Floats:
        """One row per comment, one column per key and one for the gate."""
        scores: Floats = sparse @ self.pieces + dense @ self.dense + self.base
        return scores

    def scores(self, raw: Floats) -> Floats:
        """One column per key; 0.5 or more: it applies."""
        scores = np.stack([self.calibrations[k].score(raw[:, c]) for c, k in enumerate(KEYS)], 1)
        scores[:, GROUNDS] = self.gate.narrowed(
            scores[:, GROUNDS], measures(raw, self.calibrations)
        )
        return scores

    def opinions(self, raw: Floats, *, thorough: bool) -> list[Opinion]:
        """What raw scores mean, row by row."""
        chances = [self.calibrations[k].probability(raw[:, c]) for c, k in enumerate(KEYS)]
        rows = zip(self.scores(raw), np.stack(chances, axis=1), strict=True)
        return [Opinion(_by_key(one), _by_key(other), thorough) for one, other in rows]

    def doubts(self, raw: Floats, bars: Bars) -> Bools:
        """Row by row, whether it could be wrong."""
        above = _log_odds(self.scores(raw)) - bars.row()
        certain = [place for place, key in enumerate(KEYS) if key in bars.certain]
        near = (np.abs(above) < NEAR).any(axis=1) | (above[:, certain] > -NEAR).any(axis=1)
        gate = self.gate.margin(measures(raw, self.calibrations))
        possible = (gate > SHUT) | (above[:, GROUNDS] >= 0).any(axis=1)
        distress = above[:, KEYS.index(Signal.DISTRESS)]
        quiet = (distress > -DISTRESS_BELOW) & (distress < DISTRESS_ABOVE)
        answer: Bools = (near & possible) | quiet
        return answer


DEFAULT_BARS = Bars()


@dataclass(frozen=True)
class Model:
    """Scores subjects. Deterministic; knows no file and no database."""

    version: str
    space: Space
    quick: Scorer
    thorough: Scorer

    def opinions(self, subjects: Sequence[Subject], bars: Bars = DEFAULT_BARS) -> list[Opinion]:
        """What the model says about each of them; cheaper per comment in batches."""
        if not subjects:
            return []
        sparse, dense = self._seen(read(subjects))
        raw = self.quick.raw_scores(sparse, dense)
        opinions = self.quick.opinions(raw, thorough=False)
        doubtful: list[int] = np.flatnonzero(self.quick.doubts(raw, bars)).tolist()
        if doubtful:
            meaning = read_meaning([subjects[i] for i in doubtful])
            again = self._thoroughly(sparse[doubtful], dense[doubtful], meaning)
            fuller = self.thorough.opinions(again, thorough=True)
            for place, opinion in zip(doubtful, fuller, strict=True):
                opinions[place] = opinion
        return opinions

    def opinions_on(self, raw: Raw, meaning: Meaning) -> list[Opinion]:
        """The same, for what was read off before."""
        sparse, dense = self._seen(raw)
        return second_thoughts(
            self.quick,
            self.quick.raw_scores(sparse, dense),
            self.thorough,
            self._thoroughly(sparse, dense, meaning),
        )

    def scorer(self, opinion: Opinion) -> Scorer:
        """Which of the two an opinion came from."""
        return self.thorough if opinion.thorough else self.quick

    def _thoroughly(self, sparse: csr_matrix, dense: Floats, meaning: Meaning) -> Floats:
        return self.thorough.raw_scores(sparse, np.hstack([dense, self.space.meanings(meaning)]))

    def _seen(self, raw: Raw) -> tuple[csr_matrix, Floats]:
        return self.space.sparse(raw.spellings), self.space.circumstances(raw.situations)


def second_thoughts(
    quick: Scorer, first: Floats, thorough: Scorer, second: Floats
) -> list[Opinion]:
    """The thorough opinion where the quick one is in doubt, from raw scores of both."""
    return [
        fuller if doubtful else opinion
        for opinion, fuller, doubtful in zip(
            quick.opinions(first, thorough=False),
            thorough.opinions(second, thorough=True),
            quick.doubts(first, DEFAULT_BARS),
            strict=True,
        )
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


def _log_odds(chance: Floats) -> Floats:
    inside = np.clip(chance, 1e-6, 1 - 1e-6)
    answer: Floats = np.log(inside / (1 - inside))
    return answer


def _sigmoid(value: Floats) -> Floats:
    answer: Floats = 1.0 / (1.0 + np.exp(-np.clip(value, -30, 30)))
    return answer
