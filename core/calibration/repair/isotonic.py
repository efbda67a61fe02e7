"""Isotonic regression: the non-decreasing map from probability to frequency with the least squared error.

Zadrozny and Elkan 2002 (KDD): one map a class, then renormalised. CORP (Dimitriadis, Gneiting and Jordan 2021, PNAS)
is the same fit of the outcome "the prediction is right" on the confidence. Both interpolate linearly between blocks,
as scikit-learn does. The first block is often exactly zero, which makes the NLL infinite on new rows: the board flags
that and never clips it.
"""

from __future__ import annotations

import numpy as np
from sklearn.isotonic import IsotonicRegression

from core.calibration.repair.recalibrator import Recalibrator
from core.calibration.repair.tables import Table, of_top_label, one_vs_rest


def fit(scores: np.ndarray, labels: np.ndarray) -> Recalibrator:
    """Isotonic regression of each class against the rest, renormalised."""
    return one_vs_rest("isotonic", "interpolated", scores, labels, isotonic_table)


def fit_corp(scores: np.ndarray, labels: np.ndarray) -> Recalibrator:
    """Isotonic regression of the confidence in the predicted class; the other classes keep their proportions."""
    return of_top_label("corp", scores, labels, isotonic_table)


def isotonic_table(c: np.ndarray, outcomes: np.ndarray) -> Table:
    """The ends of the blocks of the isotonic fit, to interpolate between.

    Args:
        c: [n] probabilities.
        outcomes: [n] 0 or 1.
    """
    fitted = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(c, outcomes)
    return fitted.X_thresholds_, fitted.y_thresholds_
