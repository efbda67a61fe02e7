"""One score for all parameters: the mean of their sizes, summed up batch by batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np

from core.telemetry.detection.robust_score import moving_mean

Combination = Literal["mean", "top3"]
TOP = 3


@dataclass(frozen=True, eq=False)
class Sizes:
    """What a batch of parameters adds to the combined score.

    Attributes:
        total: [rows] sum of |residual in sigma| over the parameters that have one.
        count: [rows] how many have one.
        largest: [rows, 3] the three largest, 0 where there are fewer.
    """

    total: np.ndarray
    count: np.ndarray
    largest: np.ndarray

    @classmethod
    def of(cls, sigmas: np.ndarray) -> Self:
        """From [rows, parameters] residuals in sigma, NaN where there is none."""
        sizes = np.abs(sigmas)
        known = ~np.isnan(sizes)
        filled = np.where(known, sizes, 0.0)
        return cls(filled.sum(axis=1), known.sum(axis=1), _largest(filled))

    def plus(self, other: Sizes) -> Sizes:
        """Both together."""
        largest = _largest(np.hstack([self.largest, other.largest]))
        return Sizes(self.total + other.total, self.count + other.count, largest)

    def combined(self, how: Combination, smoothing: int, causal: bool) -> np.ndarray:
        """[rows] the combined score; NaN where no parameter has a residual.

        The mean over the parameters, not the largest: the maximum of many belongs to whichever is the noisiest.

        Args:
            how: "mean" over all, or "top3": mean of the three largest.
            smoothing: rows that it is averaged over.
            causal: the average uses the past only.
        """
        counted = self.count if how == "mean" else np.minimum(self.count, TOP)
        sums = self.total if how == "mean" else self.largest.sum(axis=1)
        score = np.where(self.count > 0, sums / np.maximum(counted, 1), np.nan)
        return moving_mean(score, smoothing, causal)


def _largest(sizes: np.ndarray) -> np.ndarray:
    """[rows, 3] the three largest columns of each row."""
    if sizes.shape[1] < TOP:
        return np.pad(sizes, ((0, 0), (0, TOP - sizes.shape[1])))
    return np.partition(sizes, -TOP, axis=1)[:, -TOP:]
