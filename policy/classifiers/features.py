"""Subjects into numbers: one sparse row of pieces and one dense row of context and meaning each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from policy.phases.subject import Subject

from .grams import (
    BLOCKS,
    BUCKETS,
    CHARS,
    NAME,
    SOUND,
    WORDS,
    Numbers,
    Pieces,
    Spelling,
    pieces_of,
    spelling,
)
from .sentence import sentence_vectors
from .situation import situation

Floats = NDArray[np.floating]
Ints = NDArray[np.int32]

# How much each kind of evidence counts before learning, from cross-validation.
SHARES: Mapping[str, float] = {CHARS: 0.5, SOUND: 0.5, WORDS: 0.6, NAME: 0.12}
SITUATION_SHARE, SENTENCE_SHARE = 0.3, 0.6
RARE = 2  # a piece that stands in fewer training comments is not kept
_SMALLEST_SPREAD = 0.05
_UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Raw:
    """What is read off the subjects, before anything that was learned touches it."""

    spellings: list[Spelling]
    situations: list[dict[str, float]]
    sentences: Floats


@dataclass(frozen=True)
class Space:
    """The pieces that are known, how telling each is, and the middle of the dense numbers."""

    buckets: Ints  # of the pieces that are known, by column
    weights: Floats  # inverse document frequency, by column
    names: tuple[str, ...]  # of the situation
    middle: Floats
    spread: Floats
    meaning: Floats  # the mean sentence vector

    @property
    def pieces(self) -> int:
        """How many columns the sparse part has."""
        return len(self.weights)

    @cached_property
    def columns(self) -> Ints:
        """From a bucket to its column, or -1."""
        columns = np.full(BUCKETS, _UNKNOWN, dtype=np.int32)
        columns[self.buckets] = np.arange(len(self.buckets), dtype=np.int32)
        return columns

    def sparse(self, spellings: Sequence[Spelling]) -> csr_matrix:
        """Sublinear frequencies by inverse document frequency, each block of length √share."""
        blocks = pieces_of(spellings)
        parts = [self._block(SHARES[name], blocks[name], len(spellings)) for name in BLOCKS]
        rows, columns, values = (np.concatenate(part) for part in zip(*parts, strict=True))
        shape = (len(spellings), self.pieces)
        return csr_matrix((values, (rows, columns)), shape=shape, dtype=np.float32)

    def _block(self, share: float, found: Pieces, size: int) -> tuple[Ints, Ints, Floats]:
        columns = self.columns[found.buckets]
        known = columns != _UNKNOWN
        rows, columns, counts = _counted(found.rows[known], columns[known], self.pieces)
        values = (1.0 + np.log(counts)) * self.weights[columns]
        norms = np.sqrt(np.bincount(rows, values * values, minlength=size))
        return rows, columns, values * (share**0.5 / norms[rows])

    def dense(self, situations: Sequence[Mapping[str, float]], sentences: Floats) -> Floats:
        """Context in units of its spread, and where the meaning lies from the mean."""
        facts: Floats = np.array(
            [[row[name] for name in self.names] for row in situations], dtype=np.float32
        ).reshape(len(situations), len(self.names))
        facts = (facts - self.middle) / self.spread
        facts *= (SITUATION_SHARE / max(len(self.names), 1)) ** 0.5
        away = sentences - self.meaning
        length = np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-6)
        return np.hstack([facts, away / length * SENTENCE_SHARE**0.5]).astype(np.float32)


def read(subjects: Sequence[Subject]) -> Raw:
    """Everything that is read off the subjects."""
    return Raw(
        [spelling(subject) for subject in subjects],
        [situation(subject) for subject in subjects],
        sentence_vectors([subject.text for subject in subjects]),
    )


def learn_space(raw: Raw) -> Space:
    """The space that the training comments span."""
    size = len(raw.spellings)
    found = pieces_of(raw.spellings)
    seen = np.zeros(BUCKETS, dtype=np.int64)
    for block in BLOCKS:
        _, buckets, _ = _counted(found[block].rows, found[block].buckets, BUCKETS)
        seen += np.bincount(buckets, minlength=BUCKETS)
    buckets = np.flatnonzero(seen >= RARE).astype(np.int32)
    names = tuple(raw.situations[0])
    facts = np.array([[row[name] for name in names] for row in raw.situations], dtype=np.float32)
    return Space(
        buckets=buckets,
        weights=(np.log((1 + size) / (1 + seen[buckets])) + 1.0).astype(np.float32),
        names=names,
        middle=facts.mean(axis=0),
        spread=facts.std(axis=0) + _SMALLEST_SPREAD,
        meaning=raw.sentences.mean(axis=0),
    )


def _counted(rows: Numbers, columns: Numbers, width: int) -> tuple[Ints, Ints, Ints]:
    """Each pair of row and column once, with how often it stood there."""
    keys, counts = np.unique(rows * width + columns, return_counts=True)
    return keys // width, keys % width, counts
