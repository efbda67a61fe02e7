"""Top-label calibration error."""

from __future__ import annotations

import numpy as np

from core.calibration.conventions import Rules
from core.calibration.metrics.cuts import STUDY, equal_width_cuts
from core.calibration.metrics.pairs import sorted_pairs
from core.calibration.predictions import Predictions


def top_label_ece(predictions: Predictions, bins: int, rules: Rules = STUDY) -> float:
    """TCE = sum over predicted classes l and bins b of |sum (c_i - k_i)| / n.

    Gupta and Ramdas 2022 (arXiv 2107.08353): the confidence must hold given the predicted class too. Cells are K
    times smaller than those of ECE, and so is their noise larger.

    Args:
        predictions: [n, K].
        bins: Bins of equal width within each predicted class.
        rules: Which edge of a bin is closed.
    """
    total = 0.0
    order = np.argsort(predictions.predicted, kind="stable")
    starts = np.flatnonzero(np.diff(predictions.predicted[order])) + 1
    for rows in np.split(order, starts):
        pairs = sorted_pairs(predictions.confidence[rows], predictions.correct[rows])
        total += float(np.abs(np.diff(pairs.cumulative[equal_width_cuts(pairs, bins, rules)])).sum())
    return total / predictions.n
