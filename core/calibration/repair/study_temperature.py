"""The study's temperature: the T of a grid with the smallest ECE on the fit rows.

A Benchmark Study on Calibration (arXiv 2308.11838), whose code tries T = 0.1, 0.2, ..., 10 and keeps the first T with
the smallest ECE of 15 bins. ECE isn't a proper score, so this T isn't that of the likelihood.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.calibration.metrics.arrays import Array, as_numpy
from core.calibration.metrics.cuts import equal_width_cuts
from core.calibration.metrics.ece import ece
from core.calibration.metrics.pairs import sorted_pairs
from core.calibration.predictions import row_blocks
from core.calibration.repair.recalibrator import Recalibrator
from core.calibration.repair.scores import check_fit_rows

GRID = np.arange(1, 101) / 10
BINS = 15


def fit(scores: np.ndarray, labels: np.ndarray) -> Recalibrator:
    """Temperature scaling with the temperature of `grid_temperature`."""
    check_fit_rows(scores, labels)
    return Recalibrator(
        "study_temperature", "temperature", scores.shape[1], {"temperature": grid_temperature(scores, labels)}
    )


def grid_temperature(scores: np.ndarray, labels: np.ndarray) -> float:
    """The first temperature of the grid with the smallest ECE_15.

    Args:
        scores: [n, K] logits or log-probabilities.
        labels: [n] integers in 0..K-1.
    """
    correct = scores.argmax(axis=1) == labels
    return float(first_best(lambda temperature: _confidence(scores, temperature), correct))


def first_best(confidence: Callable[[float], Array], correct: Array) -> np.ndarray:
    """The first temperature of the grid with the smallest ECE_15, for one model or for each of many.

    Args:
        confidence: temperature -> [..., n] largest probability of each row.
        correct: [..., n] whether the predicted class is the label.
    """
    errors = []
    for temperature in GRID.tolist():
        pairs = sorted_pairs(confidence(temperature), correct)
        errors.append(as_numpy(ece(pairs, equal_width_cuts(pairs, BINS))))
    best: np.ndarray = GRID[np.argmin(errors, axis=0)]
    return best


def _confidence(scores: np.ndarray, temperature: float) -> np.ndarray:
    """[n] largest probability of each row: one over the sum of exp(distances to the largest logit)."""
    out = np.empty(len(scores))
    for rows in row_blocks(*scores.shape):
        block = scores[rows].astype(np.float64)
        block = (block - block.max(axis=1, keepdims=True)) / temperature
        out[rows] = 1 / np.exp(block).sum(axis=1)
    return out
