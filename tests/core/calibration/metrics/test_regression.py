"""Calibration of Gaussian predictions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from core.calibration.metrics.regression import (
    LEVELS,
    REGRESSION_METRICS,
    coverage,
    crps,
    ence,
    gaussian_nll,
    groups_by_deviation,
    interval_mace,
    interval_rmsce,
    miscalibration_area,
    regression_battery,
    uce,
)
from core.calibration.predictions import RegressionPredictions, from_intervals


def _scaled(factor: float, n: int = 20_000, seed: int = 0) -> RegressionPredictions:
    """Residuals `factor` times as large as predicted."""
    rng = np.random.default_rng(seed)
    mean, deviation = rng.normal(size=n), rng.uniform(0.5, 2, n)
    return from_intervals(mean, deviation, mean + factor * deviation * rng.normal(size=n))


def test_coverage_of_a_known_factor() -> None:
    """Residuals twice as large as predicted are covered as often as half the quantile says."""
    expected = 2 * norm.cdf(norm.ppf((1 + LEVELS) / 2) / 2) - 1
    np.testing.assert_allclose(coverage(_scaled(2.0)), expected, atol=0.012)


def test_errors_of_a_known_factor() -> None:
    """MACE, RMSCE and area of a known factor are those of its coverage curve."""
    gap = 2 * norm.cdf(norm.ppf((1 + LEVELS) / 2) / 2) - 1 - LEVELS
    found = _scaled(2.0)
    assert interval_mace(found) == pytest.approx(np.abs(gap).mean(), abs=0.01)
    assert interval_rmsce(found) == pytest.approx(np.sqrt((gap**2).mean()), abs=0.01)
    area = quad(lambda q: abs(2 * norm.cdf(norm.ppf((1 + q) / 2) / 2) - 1 - q), 0, 1)[0]
    assert miscalibration_area(found) == pytest.approx(area, abs=0.01)


def test_area_counts_both_sides_of_a_crossing() -> None:
    """Where the coverage crosses the level, the area on both sides counts: it equals a fine integral."""
    predictions = from_intervals(np.zeros(3), np.ones(3), np.array([0.1, 0.7, 2.5]))
    x = np.linspace(0, 1, 2_000_001)
    curve = np.interp(x, np.concatenate([[0], LEVELS, [1]]), np.concatenate([[0], coverage(predictions), [1]]))
    assert miscalibration_area(predictions) == pytest.approx(np.abs(curve - x).mean(), abs=1e-6)


def test_calibrated_errors_are_small() -> None:
    """A calibrated model has small errors of every kind."""
    table = regression_battery(_scaled(1.0)).set_index("metric").value
    assert list(table.index) == list(REGRESSION_METRICS)
    for metric in ("interval_mace", "interval_rmsce", "miscalibration_area", "ence"):
        assert table[metric] < 0.03


def test_crps_is_the_integral() -> None:
    """CRPS is the integral of the squared distance of the distribution functions."""
    expected = quad(lambda t: (norm.cdf(t, 1.0, 0.5) - (t >= 1.7)) ** 2, -5, 7, points=[1.7])[0]
    assert crps(from_intervals([1.0], [0.5], [1.7])) == pytest.approx(expected, abs=1e-7)


def test_nll_is_the_log_density() -> None:
    """NLL is minus the mean log density."""
    found = _scaled(1.3, n=50)
    expected = -norm.logpdf(found.targets, found.mean, found.deviation).mean()
    assert gaussian_nll(found) == pytest.approx(expected, abs=1e-12)


def test_ence_and_uce_by_hand() -> None:
    """ENCE and UCE of two groups are those computed by hand."""
    found = from_intervals(np.zeros(4), [1.0, 1.0, 2.0, 2.0], [1.0, -1.0, 3.0, 3.0])
    table = groups_by_deviation(found, 2)
    assert table.predicted.tolist() == [1.0, 2.0]
    assert table.observed.tolist() == [1.0, 3.0]
    assert ence(found, 2) == pytest.approx((0 + 0.5) / 2)
    assert uce(found, 2) == pytest.approx((0 + 5) / 2)


def test_fewer_rows_than_groups() -> None:
    """With fewer rows than groups, each row is a group."""
    assert len(groups_by_deviation(_scaled(1.0, n=5))) == 5
