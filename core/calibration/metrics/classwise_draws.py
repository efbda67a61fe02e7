"""The classwise errors under many resamples at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.analysis import report
from core.calibration.metrics.arrays import Array, like
from core.calibration.metrics.cells import class_cells
from core.calibration.predictions import BLOCK_VALUES, Predictions


def classwise_draws(
    predictions: Predictions, bins: Sequence[int], counts: np.ndarray, labels: np.ndarray, device: str | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Resampled `cwce` and `cwce_em`; the bins are those of the sample itself, not redrawn.

    A bin's sum is linear in the weights of the rows, so that one sparse product of cells by rows answers all
    resamples of a class.

    Args:
        predictions: [n, K].
        bins: Numbers of bins.
        counts: [R, n] how often each row is in a bootstrap sample.
        labels: [R, n] labels of a perfectly calibrated model.
        device: of torch, which then adds up; None: scipy does.

    Returns:
        Bootstrap and calibrated values, both [2 * len(bins), R]: first cwce at each bin count, then cwce_em.
    """
    resamples, n = counts.shape
    drawn = np.zeros((2 * len(bins), resamples))
    calibrated = np.zeros_like(drawn)
    step = max(1, BLOCK_VALUES // n)
    for start in range(0, resamples, step):
        part = slice(start, start + step)
        weights, answers = by_sample(counts[part], device), by_sample(labels[part], device)
        for k in range(predictions.classes):
            p = np.ascontiguousarray(predictions.probabilities[:, k])
            cells = class_cells(p, bins)
            drawn[:, part] += cells.errors(cells.sums(p - (predictions.labels == k), weights))
            expected = np.add.reduceat(p[cells.order], cells.cuts[:-1])
            happened = cells.sums(np.ones(n), 1.0 * (answers == k))
            calibrated[:, part] += cells.errors(like(expected, happened) - happened)
            done = start + (k + 1) / predictions.classes * min(step, resamples - start)
            report(0.5 + 0.5 * done / resamples, "resampling the classes")
    scale = n * predictions.classes
    return drawn / scale, calibrated / scale


def by_sample(rows: np.ndarray, device: str | None) -> Array:
    """Rows [R, n] as float64 on a device of torch; without one for scipy, which multiplies fastest sample by sample."""
    if device is None:
        return np.ascontiguousarray(rows.T, dtype=np.float64).T
    import torch

    return torch.as_tensor(rows, device=device).double()
