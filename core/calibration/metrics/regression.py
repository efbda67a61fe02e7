"""Calibration of Gaussian predictions of real targets."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from core.calibration.predictions import RegressionPredictions

LEVELS = np.arange(1, 100) / 100  # of the central intervals
GROUPS = 20


def coverage(predictions: RegressionPredictions, levels: np.ndarray = LEVELS) -> np.ndarray:
    """[len(levels)] share of targets inside the central interval of each level: |z| <= Phi^-1((1 + level) / 2).

    Kuleshov et al. 2018 (arXiv 1807.00263), section 3. A calibrated model covers exactly its level.
    """
    sizes = np.sort(np.abs(predictions.standardised))
    return np.searchsorted(sizes, ndtri((1 + levels) / 2), side="right") / predictions.n


def interval_mace(predictions: RegressionPredictions) -> float:
    """Mean over the 99 levels of |coverage - level|."""
    return float(np.abs(coverage(predictions) - LEVELS).mean())


def interval_rmsce(predictions: RegressionPredictions) -> float:
    """Root mean square over the 99 levels of coverage - level."""
    return float(np.sqrt(((coverage(predictions) - LEVELS) ** 2).mean()))


def miscalibration_area(predictions: RegressionPredictions) -> float:
    """Area between the coverage curve and the diagonal from (0, 0) to (1, 1), by exact integration of |gap|.

    Tran et al. 2020 (arXiv 1912.10066). The curve is linear between the 99 levels; where it crosses the diagonal the
    two triangles are counted apart.
    """
    x = np.concatenate([[0.0], LEVELS, [1.0]])
    gap = np.concatenate([[0.0], coverage(predictions) - LEVELS, [0.0]])
    left, right, width = gap[:-1], gap[1:], np.diff(x)
    total = np.abs(left) + np.abs(right)
    crossing = left * right < 0
    halves = np.where(crossing, (left**2 + right**2) / np.where(total > 0, total, 1.0), total)
    return float((halves * width / 2).sum())


def crps(predictions: RegressionPredictions) -> float:
    """Mean of s (z (2 Phi(z) - 1) + 2 phi(z) - 1/sqrt(pi)), in units of the target.

    Gneiting et al. 2005 (Monthly Weather Review 133:1098), equation 5: a proper score, the integral of the squared
    distance between the predicted and the observed distribution function.
    """
    z = predictions.standardised
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return float((predictions.deviation * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi))).mean())


def gaussian_nll(predictions: RegressionPredictions) -> float:
    """Mean of z^2 / 2 + log s + log(2 pi) / 2, in nats."""
    z = predictions.standardised
    return float((z**2 / 2 + np.log(predictions.deviation)).mean() + np.log(2 * np.pi) / 2)


def sharpness(predictions: RegressionPredictions) -> float:
    """Root mean predicted variance: how tight the intervals are, whatever they cover. Never to be read alone."""
    return float(np.sqrt((predictions.deviation**2).mean()))


def groups_by_deviation(predictions: RegressionPredictions, groups: int = GROUPS) -> pd.DataFrame:
    """Rows sorted by predicted deviation and split into equal parts: `size`, `predicted` (RMV) and `observed` (RMSE)."""
    order = np.argsort(predictions.deviation, kind="stable")
    parts = np.array_split(order, min(groups, predictions.n))
    error = predictions.targets - predictions.mean
    return pd.DataFrame(
        {
            "size": [part.size for part in parts],
            "predicted": [np.sqrt((predictions.deviation[part] ** 2).mean()) for part in parts],
            "observed": [np.sqrt((error[part] ** 2).mean()) for part in parts],
        }
    )


def ence(predictions: RegressionPredictions, groups: int = GROUPS) -> float:
    """ENCE = mean over groups of |RMV - RMSE| / RMV.

    Levi et al. 2022 (arXiv 1905.11659), equation 8.
    """
    table = groups_by_deviation(predictions, groups)
    return float((np.abs(table.predicted - table.observed) / table.predicted).mean())


def uce(predictions: RegressionPredictions, groups: int = GROUPS) -> float:
    """UCE = sum over groups of n_b/n |mean variance - mean squared error|, in squared units of the target.

    Laves et al. 2020 (PMLR 121), equation 13, with groups of equal size.
    """
    table = groups_by_deviation(predictions, groups)
    return float((table["size"] * np.abs(table.predicted**2 - table.observed**2)).sum() / predictions.n)


REGRESSION_METRICS = {
    "interval_mace": interval_mace,
    "interval_rmsce": interval_rmsce,
    "miscalibration_area": miscalibration_area,
    "crps": crps,
    "nll": gaussian_nll,
    "sharpness": sharpness,
    "ence": ence,
    "uce": uce,
}


def regression_battery(predictions: RegressionPredictions) -> pd.DataFrame:
    """All metrics of Gaussian predictions: columns `metric` and `value`."""
    return pd.DataFrame(
        [(name, metric(predictions)) for name, metric in REGRESSION_METRICS.items()], columns=["metric", "value"]
    )
