"""Forecast skill on series whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from core.telemetry.chaos.baselines import autoregression, mean, persistence
from core.telemetry.chaos.skill import Forecasts, forecast, skill_at, valid_rows


def test_autoregression_continues_a_wave() -> None:
    """A sine satisfies x(t) = 2 cos(w) x(t-1) - x(t-2): the linear model continues it for ever."""
    wave = np.sin(0.3 * np.arange(600) + 0.2)
    given = forecast(autoregression(wave[:300]), wave, np.arange(300, 500, 10), 100, 8)
    np.testing.assert_allclose(given.predicted, given.true, atol=1e-6)


def test_mean_and_persistence() -> None:
    """The mean forecasts the training mean, persistence the last value before the start, at every horizon."""
    series = np.arange(50.0)
    starts = np.array([20, 30])
    np.testing.assert_array_equal(forecast(mean(series[:11]), series, starts, 3, 2).predicted, np.full((2, 3), 5.0))
    held = forecast(persistence(), series, starts, 3, 2)
    np.testing.assert_array_equal(held.predicted, [[19, 19, 19], [29, 29, 29]])
    np.testing.assert_array_equal(held.true, [[20, 21, 22], [30, 31, 32]])


def test_error_of_the_mean_is_one_standard_deviation() -> None:
    """In noise of unit variance the mean has an NRMSE of 1, persistence of sqrt(2); the interval holds it."""
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(4000)
    starts = np.arange(10, 3900)
    flat = skill_at(forecast(mean(noise), noise, starts, 5, 4), 3, 200, rng)
    assert flat.nrmse == pytest.approx(1, abs=0.03)
    assert flat.low < flat.nrmse < flat.high
    assert np.isnan(flat.correlation)
    held = skill_at(forecast(persistence(), noise, starts, 5, 4), 3, 200, rng)
    assert held.nrmse == pytest.approx(np.sqrt(2), abs=0.04)
    assert held.correlation == pytest.approx(0, abs=0.05)


def test_valid_rows_end_at_the_first_error() -> None:
    """Rows before the first error beyond the limit; a later return to small errors does not count."""
    true = np.zeros((3, 4))
    predicted = np.array([[0.1, 0.6, 0.0, 0.0], [0.9, 0, 0, 0], [0.5, 0.4, 0.1, 0.2]])
    assert valid_rows(Forecasts(predicted, true)).tolist() == [1, 0, 4]
