"""The two kinds of random repetition: other samples of the data, and labels of a perfectly calibrated model."""

from __future__ import annotations

import numpy as np

from core.calibration.predictions import Predictions, row_blocks


def bootstrap_counts(n: int, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """[resamples, n] int32: how often each row is drawn when n rows are drawn with replacement."""
    counts = np.empty((resamples, n), dtype=np.int32)
    for row in counts:
        row[:] = np.bincount(rng.integers(0, n, n), minlength=n)
    return counts


def calibrated_labels(predictions: Predictions, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """[resamples, n] int32 labels y* ~ Cat(p): what the labels could be if every probability were right.

    All rows of a block are one ascending array, row number plus cumulative probability, so that one bisection draws
    for all of them.
    """
    n, classes = predictions.probabilities.shape
    labels = np.empty((resamples, n), dtype=np.int32)
    for rows in row_blocks(n, classes):
        cumulative = np.cumsum(predictions.probabilities[rows], axis=1)
        cumulative /= cumulative[:, -1:]
        height = cumulative.shape[0]
        offset = np.arange(height)
        cumulative += offset[:, None]
        flat = cumulative.ravel()
        for row in labels:
            place = np.searchsorted(flat, rng.random(height) + offset, side="right") - offset * classes
            row[rows] = np.minimum(place, classes - 1)
    return labels
