"""Otsu's split of numbers in two groups (Otsu 1979): the one whose groups vary least within themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

UNIFORM = 0.75  # separability of evenly spread numbers: where it is not exceeded there are no two groups to speak of


@dataclass(frozen=True)
class Split:
    """Two groups of numbers.

    Attributes:
        low: mean of the lower group, NaN where the numbers can't be split.
        high: mean of the upper group.
        separability: share of the variance that lies between the groups, from 0 to 1.
    """

    low: float
    high: float
    separability: float

    @property
    def threshold(self) -> float:
        """Half-way between the means: a best split leaves each number with the nearer of them."""
        return (self.low + self.high) / 2

    def margin(self, numbers: np.ndarray) -> np.ndarray:
        """How far above the threshold (negative: below), in units in which the means lie at -1 and 1."""
        return (numbers - self.threshold) / ((self.high - self.low) / 2)

    def above(self, numbers: np.ndarray) -> np.ndarray:
        """1 above the threshold, 0 below; NaN for missing numbers, and everywhere where there is no split."""
        return np.where(np.isnan(self.margin(numbers)), np.nan, (self.margin(numbers) > 0).astype(float))


def otsu(numbers: np.ndarray) -> Split:
    """The best split of the numbers that are not missing, over all places between two of them.

    Example:
        >>> otsu(np.array([0.0, 1.0, 10.0, 11.0])).threshold
        5.5
    """
    ordered = np.sort(numbers[~np.isnan(numbers)])
    n = len(ordered)
    if n < 2 or ordered[0] == ordered[-1]:
        return Split(np.nan, np.nan, np.nan)
    count = np.arange(1, n)
    sums = np.cumsum(ordered)
    low, high = sums[:-1] / count, (sums[-1] - sums[:-1]) / (n - count)
    between = count * (n - count) / n**2 * (high - low) ** 2
    between[ordered[1:] == ordered[:-1]] = -1.0  # equal numbers stay together
    best = int(between.argmax())
    return Split(float(low[best]), float(high[best]), float(between[best] / ordered.var()))
