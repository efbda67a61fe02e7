"""Brier score."""

from __future__ import annotations

import numpy as np

from core.calibration.predictions import Predictions, row_blocks


def brier_terms(predictions: Predictions) -> np.ndarray:
    """sum_k (p_k - 1[y = k])^2 of each sample, [n]."""
    p = predictions.probabilities
    squares = np.empty(predictions.n)
    for rows in row_blocks(predictions.n, predictions.classes):
        squares[rows] = np.einsum("ij,ij->i", p[rows], p[rows])
    return squares + 1.0 - 2.0 * p[np.arange(predictions.n), predictions.labels]


def brier(predictions: Predictions, scale: str = "sum") -> float:
    """Brier = mean over samples of sum_k (p_k - 1[y = k])^2, in one of the three scalings in use.

    Brier 1950 is the sum. Half of it is the squared error of one probability when K = 2; divided by K it is the mean
    over samples and classes (the study).

    Args:
        predictions: [n, K].
        scale: `sum`, `half` or `mean`.
    """
    divisor = {"sum": 1, "half": 2, "mean": predictions.classes}[scale]
    return float(brier_terms(predictions).mean() / divisor)
