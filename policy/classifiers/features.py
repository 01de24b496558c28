"""Subjects into numbers: one sparse row of pieces and one dense row of context and meaning each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from policy.phases.subject import Subject

from .grams import BLOCKS, CHARS, KANA, NAME, WORDS, grams_of
from .sentence import sentence_vectors
from .situation import situation

Floats = NDArray[np.floating]
Ints = NDArray[np.int32]

# How much each kind of evidence counts before learning, from cross-validation.
SHARES: Mapping[str, float] = {CHARS: 0.5, KANA: 0.5, WORDS: 0.6, NAME: 0.12}
SITUATION_SHARE, SENTENCE_SHARE = 0.6, 0.6
RARE = 2  # a piece that stands in fewer training comments is not kept
_SMALLEST_SPREAD = 0.05


@dataclass(frozen=True, slots=True)
class Raw:
    """What is read off the subjects, before anything that was learned touches it."""

    grams: list[dict[str, list[str]]]
    situations: list[dict[str, float]]
    sentences: Floats


@dataclass(frozen=True, slots=True)
class Sparse:
    """Rows of pieces: row i holds `ids` and `values` from `starts[i]` to `starts[i + 1]`."""

    starts: Ints
    ids: Ints
    values: Floats


@dataclass(frozen=True)
class Space:
    """The pieces that are known, how telling each is, and the middle of the dense numbers."""

    ids: Mapping[str, Mapping[str, int]]  # block → piece → column
    weights: Floats  # inverse document frequency, by column
    names: tuple[str, ...]  # of the situation
    middle: Floats
    spread: Floats
    meaning: Floats  # the mean sentence vector

    @property
    def pieces(self) -> int:
        """How many columns the sparse part has."""
        return len(self.weights)

    def sparse(self, grams: Sequence[Mapping[str, list[str]]]) -> Sparse:
        """Sublinear frequencies by inverse document frequency, each block of length √share."""
        starts, ids, values = [0], [], []
        for row in grams:
            for block in BLOCKS:
                found, weights = self._block(block, row[block])
                ids.append(found)
                values.append(weights)
            starts.append(starts[-1] + sum(len(part) for part in ids[-len(BLOCKS) :]))
        return Sparse(
            np.array(starts, dtype=np.int32),
            np.concatenate(ids) if ids else np.zeros(0, np.int32),
            np.concatenate(values) if values else np.zeros(0, np.float32),
        )

    def _block(self, block: str, pieces: list[str]) -> tuple[Ints, Floats]:
        known = self.ids[block]
        counts = Counter([known[piece] for piece in pieces if piece in known])
        size = len(counts)
        found = np.fromiter(counts.keys(), np.int32, size)
        values: Floats = np.fromiter(counts.values(), np.float32, size)
        values = (1.0 + np.log(values)) * self.weights[found]
        norm = float(np.sqrt(values @ values))
        return found, (values * (SHARES[block] ** 0.5 / norm) if norm else values)

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
        [grams_of(subject) for subject in subjects],
        [situation(subject) for subject in subjects],
        sentence_vectors([subject.text for subject in subjects]),
    )


def learn_space(raw: Raw) -> Space:
    """The space that the training comments span."""
    ids: dict[str, dict[str, int]] = {}
    weights: list[float] = []
    size = len(raw.grams)
    for block in BLOCKS:
        seen = Counter(piece for row in raw.grams for piece in set(row[block]))
        kept = sorted(piece for piece, rows in seen.items() if rows >= RARE)
        ids[block] = {piece: len(weights) + i for i, piece in enumerate(kept)}
        weights += [float(np.log((1 + size) / (1 + seen[piece]))) + 1.0 for piece in kept]
    names = tuple(raw.situations[0])
    facts = np.array([[row[name] for name in names] for row in raw.situations], dtype=np.float32)
    return Space(
        ids=ids,
        weights=np.array(weights, dtype=np.float32),
        names=names,
        middle=facts.mean(axis=0),
        spread=facts.std(axis=0) + _SMALLEST_SPREAD,
        meaning=raw.sentences.mean(axis=0),
    )
