"""Metrics of Gaussian predictions with intervals, floors and p-values, and the curve of their coverage."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.analysis import report
from core.calibration.metrics.regression import LEVELS, REGRESSION_METRICS, coverage
from core.calibration.metrics.uncertainty import consistency_p_value, error_interval, percentile_interval
from core.calibration.predictions import RegressionPredictions

ERRORS = frozenset({"interval_mace", "interval_rmsce", "miscalibration_area", "ence", "uce"})


def evaluate_regression(predictions: RegressionPredictions, *, resamples: int, level: float, seed: int) -> pd.DataFrame:
    """Every metric of Gaussian predictions, as `evaluate` gives those of a classifier.

    Args:
        predictions: [n].
        resamples: bootstrap samples, and targets drawn from the predictions themselves.
        level: share that the interval covers.
        seed: of the resampling.

    Returns:
        `metric`, `bins` (missing), `stage` ("pre"), `value`, `low`, `high`, `floor`, `p_value`.
    """
    rng = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {name: [] for name in REGRESSION_METRICS}
    ideal: dict[str, list[float]] = {name: [] for name in REGRESSION_METRICS}
    for index in range(resamples):
        again, perfect = _bootstrap(predictions, rng), _calibrated(predictions, rng)
        for name, metric in REGRESSION_METRICS.items():
            drawn[name].append(metric(again))
            ideal[name].append(metric(perfect))
        report((index + 1) / resamples, "resampling the predictions")
    rows = []
    for name, metric in REGRESSION_METRICS.items():
        value, boot, null = metric(predictions), np.array(drawn[name]), np.array(ideal[name])
        low, high = error_interval(value, boot, null, level) if name in ERRORS else percentile_interval(boot, level)
        p_value = np.nan if name == "sharpness" else consistency_p_value(value, null, rng)
        rows.append((name, None, "pre", value, low, high, float(null.mean()), p_value))
    columns = ["metric", "bins", "stage", "value", "low", "high", "floor", "p_value"]
    return pd.DataFrame(rows, columns=columns).astype({"bins": "Int64"})


def coverage_curve(predictions: RegressionPredictions, *, resamples: int, level: float, seed: int) -> pd.DataFrame:
    """Share of targets inside each central interval, and where that of a calibrated model would lie.

    Args:
        predictions: [n].
        resamples: targets drawn from the predictions themselves.
        level: share of the band.
        seed: of the draws.

    Returns:
        `level` of the interval, `coverage`, `low`, `high`.
    """
    rng = np.random.default_rng(seed)
    ideal = np.array([coverage(_calibrated(predictions, rng)) for _ in range(resamples)])
    low, high = np.quantile(ideal, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return pd.DataFrame({"level": LEVELS, "coverage": coverage(predictions), "low": low, "high": high})


def _bootstrap(predictions: RegressionPredictions, rng: np.random.Generator) -> RegressionPredictions:
    rows = rng.integers(0, predictions.n, predictions.n)
    return RegressionPredictions(predictions.mean[rows], predictions.deviation[rows], predictions.targets[rows])


def _calibrated(predictions: RegressionPredictions, rng: np.random.Generator) -> RegressionPredictions:
    """The same predictions with targets as they would be if every predicted distribution were right."""
    targets = predictions.mean + predictions.deviation * rng.standard_normal(predictions.n)
    return RegressionPredictions(predictions.mean, predictions.deviation, targets)
