"""How like a comment is to each of some comments that were learned from: the landmarks.

Weighing likeness lets the model say "like these, in these circumstances", which no sum of single
numbers can. A sample of the training comments stands for all of them (Nyström's method; Williams
and Seeger 2001): the kernel's cost does not grow with the corpus.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular

Floats = NDArray[np.floating]

_SEED = 0
_RIDGE = np.float32(1e-3)  # two landmarks may be the same


@dataclass(frozen=True)
class Landmarks:
    """Points, and how fast likeness falls with distance (the factor of its square)."""

    points: Floats  # landmark × number
    width: float

    def likeness(self, numbers: Floats) -> Floats:
        """Row by row, between 0 and 1: how near each landmark is."""
        own, theirs = np.square(numbers).sum(axis=1), np.square(self.points).sum(axis=1)
        squares = numbers @ self.points.T
        squares *= -2
        squares += own[:, None]
        squares += theirs
        np.maximum(squares, 0, out=squares)
        squares *= -self.width
        answer: Floats = np.exp(squares, out=squares)
        return answer

    def features(self, likeness: Floats) -> Floats:
        """What a linear model may learn from: its products are those of the kernel."""
        answer: Floats = solve_triangular(self._root(), likeness.T, lower=True).T
        return answer

    def weights(self, of_features: Floats) -> Floats:
        """The weights of `likeness` itself that come to the same as these weights of `features`."""
        answer: Floats = solve_triangular(self._root(), of_features, lower=True, trans="T")
        return answer

    def _root(self) -> Floats:
        kernel = self.likeness(self.points)
        kernel[np.diag_indices(len(kernel))] += _RIDGE
        answer: Floats = cholesky(kernel, lower=True)
        return answer


def choose_landmarks(numbers: Floats, most: int, *, width: float) -> Landmarks:
    """A sample of the rows, always the same one; as exact as a file keeps them."""
    chosen = np.random.default_rng(_SEED).permutation(len(numbers))[:most]
    return Landmarks(numbers[chosen].astype(np.float16).astype(np.float32), width)
