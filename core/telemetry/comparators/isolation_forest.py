"""Isolation forest."""

from __future__ import annotations

import numpy as np

from core.telemetry.comparators.scaling import scaled
from core.telemetry.comparators.windows import nominal_windows, scores_by_window, usual_width

MOST_FITTED = 20_000
TREES = 100


def isolation_forest(values: np.ndarray, nominal: np.ndarray, seed: int = 0) -> np.ndarray:
    """[rows] anomaly score of scikit-learn's isolation forest (Liu et al. 2008) of 100 trees on 256 rows each.

    Of single rows; with at most 10 channels, of windows of 20 rows. On many channels it depends much on the seed.

    Args:
        values: [rows, channels]; NaN is missing.
        nominal: [rows] bool, the rows to learn from.
        seed: of the forest.

    Raises:
        BadInput: sizes that don't match, nothing that moves, or too few nominal rows.
    """
    from sklearn.ensemble import IsolationForest

    data = scaled(values, nominal)
    width = usual_width(data.values.shape[1])
    forest = IsolationForest(n_estimators=TREES, random_state=seed, n_jobs=1)
    forest.fit(nominal_windows(data, width, MOST_FITTED))
    return scores_by_window(data, width, lambda points: -forest.score_samples(points))
