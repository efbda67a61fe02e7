"""All comparators by name, and alarms from their scores."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.errors import BadInput
from core.telemetry.comparators.absolute_z import absolute_z
from core.telemetry.comparators.isolation_forest import isolation_forest
from core.telemetry.comparators.kmeans_ad import kmeans_ad
from core.telemetry.comparators.pca import pca
from core.telemetry.comparators.random_scores import random_scores
from core.telemetry.comparators.sub_pca import sub_pca

Comparator = Callable[[np.ndarray, np.ndarray, int], np.ndarray]

COMPARATORS: dict[str, Comparator] = {
    "pca": pca,
    "sub_pca": sub_pca,
    "isolation_forest": isolation_forest,
    "kmeans_ad": kmeans_ad,
    "absolute_z": absolute_z,
    "random": random_scores,
}


def nominal_alarms(scores: np.ndarray, nominal: np.ndarray, quantile: float = 0.999) -> np.ndarray:
    """[rows] bool, rows whose score is above a quantile of the nominal rows' scores; no label has a say in it.

    Args:
        scores: [rows]; NaN raises no alarm.
        nominal: [rows] bool.
        quantile: from 0 to 1.

    Raises:
        BadInput: no nominal row has a score.
    """
    usual = scores[nominal]
    usual = usual[np.isfinite(usual)]
    if usual.size == 0:
        raise BadInput("No nominal row has a score, so there is nothing to set a threshold by.")
    return scores > np.quantile(usual, quantile)
