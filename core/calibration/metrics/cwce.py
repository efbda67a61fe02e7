"""Classwise calibration error over bins of equal width."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from core.calibration.predictions import BLOCK_VALUES, Predictions

MOST_CELLS = 20_000


def cwce(predictions: Predictions, bins: Sequence[int]) -> np.ndarray:
    """cwCE = mean over classes k of sum_b |sum_{p_k in b} (p_k - 1[y = k])| / n, for each number of bins.

    Kull et al. 2019 (arXiv 1910.12656), equation 2, with bins (low, high] as in the study: every class has all n
    samples, so that the first bin dominates when there are many classes. The bin counts of the study all divide 3000:
    one fine histogram answers all nine.

    Args:
        predictions: [n, K].
        bins: Numbers of bins.

    Returns:
        [len(bins)] float64.
    """
    cells = math.lcm(*bins)
    if cells > MOST_CELLS:
        return (
            np.concatenate([cwce(predictions, [b]) for b in bins])
            if len(bins) > 1
            else _error(predictions, bins, bins[0])
        )
    return _error(predictions, bins, cells)


def _error(predictions: Predictions, bins: Sequence[int], cells: int) -> np.ndarray:
    sums = fine_residuals(predictions, cells)
    per_class = [np.abs(sums.reshape(sums.shape[0], b, -1).sum(axis=2)).sum(axis=1) for b in bins]
    return np.array([values.mean() for values in per_class]) / predictions.n


def fine_residuals(predictions: Predictions, cells: int) -> np.ndarray:
    """[K, cells] sums of p_k - 1[y = k] over the samples whose p_k lies in ((i)/cells, (i + 1)/cells]."""
    n, classes = predictions.probabilities.shape
    sums = np.empty((classes, cells))
    for first, columns in class_columns(predictions.probabilities):
        height = columns.shape[0]
        row, sample = np.nonzero(columns > 1 / cells)  # the rest is in the first cell
        values = columns[row, sample]
        found = np.bincount(row * cells + fine_cell(values, cells), values, minlength=height * cells)
        block = found.astype(np.float64, copy=False).reshape(height, cells)  # of no values, bincount gives integers
        block[:, 0] += columns.sum(axis=1) - block.sum(axis=1)
        sums[first : first + height] = block
    own = predictions.probabilities[np.arange(n), predictions.labels]
    sums -= np.bincount(predictions.labels * cells + fine_cell(own, cells), minlength=classes * cells).reshape(
        sums.shape
    )
    return sums


def fine_cell(values: np.ndarray, cells: int) -> np.ndarray:
    """Index i of the cell (i/cells, (i + 1)/cells] of each value; 0 belongs to the first.

    The product is off by a rounding error that matters for values on an edge, so the cell is checked against the
    edges themselves.
    """
    edges = np.arange(cells + 1) / cells
    cell = np.minimum((values * cells).astype(np.int64), cells - 1)
    cell -= values <= edges[cell]
    cell += values > edges[cell + 1]
    return np.clip(cell, 0, cells - 1)


def class_columns(probabilities: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Blocks of classes as contiguous rows [classes, n], with the number of the first class."""
    n, classes = probabilities.shape
    step = max(1, BLOCK_VALUES // n)
    for first in range(0, classes, step):
        yield first, np.ascontiguousarray(probabilities[:, first : first + step].T)
