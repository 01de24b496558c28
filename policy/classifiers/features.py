"""Subjects into numbers: a sparse row of pieces, a row of circumstances, and a row of meaning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
from .likeness import Floats, Landmarks, choose_landmarks
from .sentence import SIZE, post_vector, sentence_vectors
from .situation import situation

Ints = NDArray[np.int32]

# How much each kind of evidence counts before learning, from cross-validation.
SHARES: Mapping[str, float] = {CHARS: 0.5, SOUND: 0.5, WORDS: 0.6, NAME: 0.12}
CIRCUMSTANCE_SHARE, LIKE_CIRCUMSTANCES_SHARE = 0.15, 0.3
NEARNESS_SHARE, LIKE_MEANING_SHARE = 0.05, 0.8
CIRCUMSTANCE_LANDMARKS, CIRCUMSTANCE_WIDTH = 1_000, 0.3
MEANING_LANDMARKS, MEANING_WIDTH = 4_000, 0.75
RARE = 2  # a piece that stands in fewer training comments is not kept
_SMALLEST_SPREAD = 0.05
_UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Raw:
    """What is read off the subjects, before anything that was learned touches it."""

    spellings: list[Spelling]
    situations: list[dict[str, float]]

    def part(self, chosen: Sequence[int]) -> "Raw":
        """The chosen ones."""
        return Raw([self.spellings[i] for i in chosen], [self.situations[i] for i in chosen])


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the sentences mean, and how near that is to what their posts mean."""

    vectors: Floats  # comment × SIZE
    nearness: Floats  # comment

    def part(self, chosen: Sequence[int]) -> "Meaning":
        """The chosen ones."""
        return Meaning(self.vectors[chosen], self.nearness[chosen])


@dataclass(frozen=True)
class Space:
    """The pieces that are known, how telling each is, and the middle of the dense numbers."""

    buckets: Ints  # of the pieces that are known, by column
    weights: Floats  # inverse document frequency, by column
    names: tuple[str, ...]  # of the circumstances
    middle: Floats
    spread: Floats
    meaning: Floats  # the mean sentence vector
    nearness: Floats  # middle and spread
    alike: Landmarks  # in circumstances
    akin: Landmarks  # in meaning

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

    def facts(self, situations: Sequence[Mapping[str, float]]) -> Floats:
        """Circumstances in units of their spread; a typical row has length 1."""
        facts: Floats = np.array(
            [[row[name] for name in self.names] for row in situations], dtype=np.float32
        ).reshape(len(situations), len(self.names))
        facts -= self.middle
        facts /= self.spread * np.float32(max(len(self.names), 1) ** 0.5)
        return facts

    def circumstances(self, situations: Sequence[Mapping[str, float]]) -> Floats:
        """The circumstances themselves, and how like those of the landmarks they are."""
        facts = self.facts(situations)
        like = self.alike.likeness(facts) * np.float32(LIKE_CIRCUMSTANCES_SHARE**0.5)
        return np.hstack([facts * np.float32(CIRCUMSTANCE_SHARE**0.5), like])

    def meanings(self, meaning: Meaning) -> Floats:
        """How near the post, and how like what the landmarks mean."""
        near = (meaning.nearness[:, None] - self.nearness[0]) / self.nearness[1]
        like = self.akin.likeness(self.away(meaning.vectors))
        near *= np.float32(NEARNESS_SHARE**0.5)
        like *= np.float32(LIKE_MEANING_SHARE**0.5)
        return np.hstack([near, like])

    def away(self, vectors: Floats) -> Floats:
        """In which direction the meaning lies from the mean."""
        away = vectors - self.meaning
        answer: Floats = away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-6)
        return answer


def read(subjects: Sequence[Subject]) -> Raw:
    """Everything but the meaning, which costs more than all the rest."""
    return Raw(
        [spelling(subject) for subject in subjects], [situation(subject) for subject in subjects]
    )


def read_meaning(subjects: Sequence[Subject]) -> Meaning:
    """The meaning as a whole."""
    vectors = sentence_vectors([subject.text for subject in subjects])
    posts = [post_vector(subject.context.post_text) for subject in subjects]
    of_posts = np.array(posts, dtype=np.float32).reshape(len(posts), SIZE)
    return Meaning(vectors, np.einsum("ij,ij->i", vectors, of_posts))


def learn_space(raw: Raw, meaning: Meaning, landmarks: Sequence[int]) -> Space:
    """The space that the training comments span; `landmarks` are those that may stand in it."""
    size = len(raw.spellings)
    found = pieces_of(raw.spellings)
    seen = np.zeros(BUCKETS, dtype=np.int64)
    for block in BLOCKS:
        _, buckets, _ = _counted(found[block].rows, found[block].buckets, BUCKETS)
        seen += np.bincount(buckets, minlength=BUCKETS)
    buckets = np.flatnonzero(seen >= RARE).astype(np.int32)
    names = tuple(raw.situations[0])
    facts = np.array([[row[name] for name in names] for row in raw.situations], dtype=np.float32)
    near = meaning.nearness
    nowhere = Landmarks(np.zeros((0, 0), dtype=np.float32), 0.0)
    space = Space(
        buckets=buckets,
        weights=(np.log((1 + size) / (1 + seen[buckets])) + 1.0).astype(np.float32),
        names=names,
        middle=facts.mean(axis=0),
        spread=facts.std(axis=0) + _SMALLEST_SPREAD,
        meaning=meaning.vectors.mean(axis=0),
        nearness=np.array([near.mean(), near.std() + _SMALLEST_SPREAD], dtype=np.float32),
        alike=nowhere,
        akin=nowhere,
    )
    return replace(
        space,
        alike=choose_landmarks(
            space.facts(raw.situations)[landmarks], CIRCUMSTANCE_LANDMARKS, width=CIRCUMSTANCE_WIDTH
        ),
        akin=choose_landmarks(
            space.away(meaning.vectors)[landmarks], MEANING_LANDMARKS, width=MEANING_WIDTH
        ),
    )


def _counted(rows: Numbers, columns: Numbers, width: int) -> tuple[Ints, Ints, Ints]:
    """Each pair of row and column once, with how often it stood there."""
    keys, counts = np.unique(rows * width + columns, return_counts=True)
    return keys // width, keys % width, counts
