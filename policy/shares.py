"""Figures over few cases, told with their uncertainty. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

_Z = 1.959963984540054  # 97.5 % of the normal distribution lie below it


@dataclass(frozen=True, slots=True)
class Interval:
    """From where to where a share lies, with 95 % confidence."""

    low: float
    high: float


def wilson(part: int, whole: int) -> Interval:
    """Wilson's 95 % score interval for `part` of `whole`; from 0 to 1 where nothing was seen.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference,
    JASA 22 (1927).
    """
    if not whole:
        return Interval(0.0, 1.0)
    share = part / whole
    middle = share + _Z**2 / (2 * whole)
    spread = _Z * sqrt(share * (1 - share) / whole + _Z**2 / (4 * whole**2))
    scale = 1 + _Z**2 / whole
    low = 0.0 if part == 0 else max(0.0, (middle - spread) / scale)
    high = 1.0 if part == whole else min(1.0, (middle + spread) / scale)
    return Interval(low, high)


def kappa(pairs: Sequence[tuple[bool, bool]]) -> float | None:
    """Cohen's kappa of two people's yes or no: 1 always the same, 0 no better than by chance.

    None without pairs, and where both always gave one and the same answer: chance alone would
    then explain everything. Source: J. Cohen, A coefficient of agreement for nominal scales,
    Educational and Psychological Measurement 20 (1960).
    """
    if not pairs:
        return None
    count = len(pairs)
    same = sum(one == other for one, other in pairs) / count
    first = sum(one for one, _ in pairs) / count
    second = sum(other for _, other in pairs) / count
    chance = first * second + (1 - first) * (1 - second)
    return None if chance == 1 else (same - chance) / (1 - chance)


@dataclass(frozen=True, slots=True)
class Recall:
    """How much of what is there was found: an estimate, and the bounds that a sample gives it."""

    estimate: float
    low: float
    high: float


def recall(
    *, found: int, elsewhere: int, noticed: int, drawn: int, sampled: int, passed: int
) -> Recall | None:
    """Recall where what was missed is known from a random sample alone.

    `found` and `elsewhere` were looked at by people (the second kind for another reason). Of
    `passed` comments that nobody had to look at, `sampled` were drawn by lot and `drawn` of those
    should have been found; `noticed` were met by chance, so at least as many were missed.
    None where there was nothing to find, as far as anybody knows.
    """
    share = wilson(drawn, sampled)
    known = noticed + drawn
    missed = max(known, passed * drawn / sampled if sampled else 0.0)
    least, most = max(known, passed * share.low), max(known, passed * share.high)
    if not found + elsewhere + missed:
        return None
    seen = found + elsewhere
    return Recall(
        estimate=found / (seen + missed),
        low=found / (seen + most) if seen + most else 0.0,
        high=found / (seen + least) if seen + least else 1.0,
    )
