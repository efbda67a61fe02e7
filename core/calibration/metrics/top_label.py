"""Top-label calibration error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.calibration.conventions import Rules
from core.calibration.metrics.arrays import like
from core.calibration.metrics.cells import top_label_cells
from core.calibration.metrics.classwise_draws import by_sample
from core.calibration.metrics.cuts import STUDY
from core.calibration.predictions import Predictions


def top_label_ece(predictions: Predictions, bins: Sequence[int], rules: Rules = STUDY) -> np.ndarray:
    """TCE = sum over predicted classes l and bins b of |sum (c_i - k_i)| / n, for each number of bins.

    Gupta and Ramdas 2022 (arXiv 2107.08353): the confidence must hold given the predicted class too. Cells are K
    times smaller than those of ECE, and so is their noise larger.

    Args:
        predictions: [n, K].
        bins: Numbers of bins of equal width within each predicted class.
        rules: Which edge of a bin is closed.

    Returns:
        [len(bins)] float64.
    """
    cells = top_label_cells(predictions.predicted, predictions.confidence, bins, rules)
    sums = cells.sums(predictions.confidence - predictions.correct, np.ones((1, predictions.n)))
    return cells.errors(sums)[:, 0] / predictions.n


def top_label_draws(
    predictions: Predictions,
    bins: Sequence[int],
    counts: np.ndarray,
    labels: np.ndarray,
    rules: Rules = STUDY,
    device: str | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Values under bootstrap counts [R, n] and calibrated labels [R, n], both [len(bins), R]; the bins are kept."""
    cells = top_label_cells(predictions.predicted, predictions.confidence, bins, rules)
    ones = np.ones((1, predictions.n))
    expected = cells.sums(predictions.confidence, ones)
    happened = cells.sums(ones[0], by_sample(predictions.predicted == labels, device))
    drawn = cells.errors(cells.sums(predictions.confidence - predictions.correct, by_sample(counts, device)))
    calibrated = cells.errors(like(expected, happened) - happened)
    return drawn / predictions.n, calibrated / predictions.n
