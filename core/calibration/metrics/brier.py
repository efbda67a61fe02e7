"""Brier score."""

from __future__ import annotations

import numpy as np

from core.calibration.predictions import Predictions


def squared_norms(predictions: Predictions) -> np.ndarray:
    """sum_k p_k^2 of each sample, [n]."""
    p = predictions.probabilities
    return np.einsum("ij,ij->i", p, p)


def brier_of(predictions: Predictions, labels: np.ndarray, norms: np.ndarray) -> np.ndarray:
    """sum_k (p_k - 1[y = k])^2 = sum_k p_k^2 + 1 - 2 p_y of each sample, [n].

    Args:
        predictions: [n, K].
        labels: [n] the classes y, which need not be those of the predictions.
        norms: [n] from `squared_norms`.
    """
    return norms + 1.0 - 2.0 * predictions.probabilities[np.arange(predictions.n), labels]


def brier_terms(predictions: Predictions) -> np.ndarray:
    """sum_k (p_k - 1[y = k])^2 of each sample at its own label, [n]."""
    return brier_of(predictions, predictions.labels, squared_norms(predictions))


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
