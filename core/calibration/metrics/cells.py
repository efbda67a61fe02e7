"""Samples cut into the cells of several binnings at once, for sums over many resamples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array

from core.calibration.conventions import Rules
from core.calibration.metrics.arrays import Array, as_numpy, before, bounded, is_numpy, like, namespace, take
from core.calibration.metrics.cuts import STUDY, equal_mass_cuts, equal_width_cuts
from core.calibration.metrics.pairs import Pairs


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells such that every bin of every binning is a run of whole cells.

    Attributes:
        order: [n] rows in the order of the cells.
        cuts: [cells + 1] union of the cuts of all binnings.
        binnings: For each binning, the first cell of each of its bins.
    """

    order: np.ndarray
    cuts: np.ndarray
    binnings: list[np.ndarray]

    def sums(self, values: np.ndarray, weights: Array) -> Array:
        """[R, cells] sums over each cell of values [n] times weights [R, n], rows in the original order."""
        if is_numpy(weights):
            shape = (self.cuts.size - 1, self.order.size)
            return (csr_array((values[self.order], self.order, self.cuts), shape=shape) @ weights.T).T
        running = before(weights[:, like(self.order, weights)] * like(values[self.order], weights))
        return take(running, like(self.cuts, weights)).diff()

    def errors(self, sums: Array) -> np.ndarray:
        """[binnings, R] sum over the bins of |sum of the bin|, of sums [R, cells]."""
        running = before(sums)
        ends = (like(bounded(first[1:], self.cuts.size - 1), sums) for first in self.binnings)
        return np.stack([as_numpy(abs(namespace(sums).diff(take(running, end))).sum(-1)) for end in ends])


def class_cells(scores: np.ndarray, bins: Sequence[int]) -> Cells:
    """Cells of scores [n]: equal width at each bin count, then equal mass at each bin count."""
    order = np.argsort(scores, kind="stable")
    pairs = Pairs(scores[order], np.zeros(scores.size))
    binnings = [np.unique(equal_width_cuts(pairs, b)) for b in bins] + [
        np.unique(equal_mass_cuts(pairs, b)) for b in bins
    ]
    cuts = np.unique(np.concatenate(binnings))
    return Cells(order, cuts, [np.searchsorted(cuts, binning[:-1]) for binning in binnings])


def top_label_cells(predicted: np.ndarray, confidence: np.ndarray, bins: Sequence[int], rules: Rules = STUDY) -> Cells:
    """Cells of predicted class and confidence, both [n]: bins of equal width within each predicted class."""
    order = np.lexsort((confidence, predicted))
    starts = np.flatnonzero(np.diff(predicted[order])) + 1
    bounds = [0, *starts.tolist(), predicted.size]
    groups = [(low, Pairs(confidence[order[low:high]], np.zeros(high - low))) for low, high in pairwise(bounds)]
    binnings = [
        np.unique(np.concatenate([low + equal_width_cuts(pairs, b, rules) for low, pairs in groups])) for b in bins
    ]
    cuts = np.unique(np.concatenate(binnings))
    return Cells(order, cuts, [np.searchsorted(cuts, binning[:-1]) for binning in binnings])
