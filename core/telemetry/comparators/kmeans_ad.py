"""Distance of windows from the centres of nominal windows."""

from __future__ import annotations

import numpy as np

from core.telemetry.comparators.scaling import scaled
from core.telemetry.comparators.windows import nominal_windows, scores_by_window

MOST_FITTED = 10_000
WIDTH = 20
CLUSTERS = 20


def kmeans_ad(values: np.ndarray, nominal: np.ndarray, seed: int = 0, width: int = WIDTH) -> np.ndarray:
    """[rows] mean over the windows around a row of the distance to the nearest of 20 centres (Yairi et al. 2001).

    As KMeansAD in TSB-AD, but the centres come from the nominal rows, and channels are scaled once instead of each
    window by itself: a window's level counts.

    Args:
        values: [rows, channels]; NaN is missing.
        nominal: [rows] bool, the rows to learn from.
        seed: of the first centres.
        width: rows of a window.

    Raises:
        BadInput: sizes that don't match, nothing that moves, or too few nominal rows.
    """
    from sklearn.cluster import KMeans

    data = scaled(values, nominal)
    learned = nominal_windows(data, width, MOST_FITTED)
    clusters = KMeans(min(CLUSTERS, len(learned)), n_init=1, random_state=seed).fit(learned)
    return scores_by_window(data, width, lambda points: clusters.transform(points).min(axis=1))
