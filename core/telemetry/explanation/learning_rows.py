"""The rows that the second model learns from: all that deviate, and a random part of the many that do not."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class LearningRows(NamedTuple):
    """A stratified sample of rows.

    Attributes:
        rows: row numbers in ascending order.
        weights: [len(rows)] how many rows each stands for, so that weighted sums are those over all rows in the mean.
    """

    rows: np.ndarray
    weights: np.ndarray

    def outside(self, left_out: slice) -> LearningRows:
        """Those that do not lie in a stretch of time."""
        kept = (self.rows < left_out.start) | (self.rows >= left_out.stop)
        return LearningRows(self.rows[kept], self.weights[kept])


def learning_rows(target: np.ndarray, most: int, seed: int) -> LearningRows:
    """Half of the sample is taken from the largest |target|, half is drawn from the rest and counts for all of it.

    Cost then does not grow with the length of the archive, and quantile bins of covariates lie as densely in the few
    hours of the events as in the months of calm.

    Args:
        target: [rows], NaN where there is none.
        most: rows of the sample; all that have a target where there are no more.
        seed: of the drawing.
    """
    known = np.flatnonzero(~np.isnan(target))
    if len(known) <= most:
        return LearningRows(known, np.ones(len(known)))
    largest = np.argsort(-np.abs(target[known]), kind="stable")[: most // 2]
    rest = np.delete(known, largest)
    drawn = np.random.default_rng(seed).choice(rest, most - len(largest), replace=False)
    rows = np.concatenate([known[largest], drawn])
    weights = np.concatenate([np.ones(len(largest)), np.full(len(drawn), len(rest) / len(drawn))])
    order = np.argsort(rows)
    return LearningRows(rows[order], weights[order])
