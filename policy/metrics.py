"""Precision, recall, F1, average precision and AUROC, in plain Python.

Undefined figures (no positives, nothing predicted) are None, never zero: a figure that nobody
could earn must not lower an average.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """Hits and misses of one yes/no question over many texts."""

    true_positive: int
    false_positive: int
    false_negative: int

    @property
    def precision(self) -> float | None:
        """Of what was said, how much is right."""
        return _ratio(self.true_positive, self.true_positive + self.false_positive)

    @property
    def recall(self) -> float | None:
        """Of what is there, how much was said."""
        return _ratio(self.true_positive, self.true_positive + self.false_negative)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both; None when there was nothing to find and nothing was said."""
        wrong = self.false_positive + self.false_negative
        return _ratio(2 * self.true_positive, 2 * self.true_positive + wrong)


def count(truth: Sequence[bool], said: Sequence[bool]) -> Counts:
    """Compare two answers to the same question, text by text."""
    pairs = list(zip(truth, said, strict=True))
    return Counts(
        true_positive=sum(a and b for a, b in pairs),
        false_positive=sum(b and not a for a, b in pairs),
        false_negative=sum(a and not b for a, b in pairs),
    )


def average_precision(truth: Sequence[bool], scores: Sequence[float]) -> float | None:
    """Mean of the precision at each positive, best score first; ties share one threshold."""
    positives = sum(truth)
    if not positives:
        return None
    total, seen, right = 0.0, 0, 0
    for members in _by_score(truth, scores):
        seen += len(members)
        new = sum(members)
        right += new
        total += new * right / seen
    return total / positives


def auroc(truth: Sequence[bool], scores: Sequence[float]) -> float | None:
    """Chance that a positive scores above a negative; a tie counts half."""
    positives = sum(truth)
    negatives = len(truth) - positives
    if not positives or not negatives:
        return None
    below, won = negatives, 0.0
    for members in _by_score(truth, scores):
        new = sum(members)
        tied = len(members) - new
        below -= tied
        won += new * (below + tied / 2)
    return won / (positives * negatives)


def mean(values: Sequence[float | None]) -> float | None:
    """Mean of the figures that are defined."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _by_score(truth: Sequence[bool], scores: Sequence[float]) -> list[list[bool]]:
    """The answers grouped by equal score, highest score first."""
    groups: dict[float, list[bool]] = {}
    for answer, score in zip(truth, scores, strict=True):
        groups.setdefault(score, []).append(answer)
    return [groups[score] for score in sorted(groups, reverse=True)]


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
