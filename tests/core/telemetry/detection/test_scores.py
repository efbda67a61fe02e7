"""Scales, cutting off, averages, the combined score."""

from __future__ import annotations

import numpy as np
import pytest

from core.telemetry.detection.combined import Sizes
from core.telemetry.detection.residual_scale import residual_scale
from core.telemetry.detection.robust_score import LARGEST, clipped, moving_mean


def test_the_scale_of_normal_residuals_is_their_standard_deviation() -> None:
    """1.4826 x the median absolute deviation, about the median."""
    residuals = np.random.default_rng(0).normal(0.5, 2.0, 20_000)
    found = residual_scale(residuals, residuals, residuals)
    assert found.location == pytest.approx(0.5, abs=0.05)
    assert found.scale == pytest.approx(2.0, rel=0.03)
    np.testing.assert_allclose(found.robust(residuals), (residuals - found.location) / found.scale)


def test_residuals_that_are_mostly_zero_have_a_floor_of_a_fifth_of_their_standard_deviation() -> None:
    """A channel that moves now and then would otherwise have an infinite score whenever it does."""
    residuals = np.zeros(1000)
    residuals[::50] = 1.0
    values = np.cumsum(residuals) % 3
    found = residual_scale(residuals, values, values)
    assert found.scale == pytest.approx(0.2 * residuals.std())


def test_a_well_predicted_parameter_has_a_floor_from_its_own_spread() -> None:
    """0.01 x standard deviation + 0.001 x range."""
    values = np.linspace(0, 10, 500)
    found = residual_scale(np.zeros(500), values, values)
    assert found.scale == pytest.approx(0.01 * values.std() + 0.001 * 10)


def test_a_parameter_that_is_constant_where_all_is_well_takes_its_floor_from_the_whole_series() -> None:
    """Its first move is then large but finite; without any move one unit is one sigma."""
    nominal = np.full(100, 7.0)
    series = np.r_[nominal, 7.0, np.nan, 9.0]
    known = series[~np.isnan(series)]
    assert residual_scale(nominal - 7, nominal, series).scale == pytest.approx(0.01 * known.std() + 0.001 * 2)
    assert residual_scale(nominal - 7, nominal, nominal).scale == 1.0


def test_no_row_counts_for_more_than_fifty_sigma() -> None:
    """Of either sign."""
    assert clipped(np.array([-1e9, 3.0, 70.0])).tolist() == [-LARGEST, 3.0, LARGEST]


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("rows", [1, 4, 5])
def test_a_moving_mean_equals_the_mean_of_each_window(rows: int, causal: bool) -> None:
    """Unknown rows stay unknown and are left out of the means of others."""
    values = np.random.default_rng(1).normal(size=40)
    values[[3, 4, 20]] = np.nan
    ahead = 0 if causal else (rows - 1) // 2
    expected = [
        np.nan if np.isnan(values[t]) else np.nanmean(values[max(t + ahead + 1 - rows, 0) : t + ahead + 1])
        for t in range(40)
    ]
    np.testing.assert_allclose(moving_mean(values, rows, causal), expected, atol=1e-12)


def test_a_causal_mean_does_not_see_what_comes() -> None:
    """The rows before a change are those of a series without it."""
    values = np.random.default_rng(2).normal(size=60)
    changed = np.r_[values[:40], values[40:] + 9]
    np.testing.assert_array_equal(moving_mean(values, 7, True)[:40], moving_mean(changed, 7, True)[:40])


def test_the_combined_score_is_the_mean_size_over_the_parameters_that_have_one() -> None:
    """In one batch or in several; rows without any are NaN."""
    sigmas = np.array([[1.0, -3.0, np.nan, 4.0], [2.0, np.nan, np.nan, np.nan], [np.nan] * 4, [5.0, 1.0, -1.0, 3.0]])
    whole = Sizes.of(sigmas)
    parts = Sizes.of(sigmas[:, :1]).plus(Sizes.of(sigmas[:, 1:3])).plus(Sizes.of(sigmas[:, 3:]))
    for sizes in (whole, parts):
        np.testing.assert_allclose(sizes.combined("mean", 1, False), [8 / 3, 2, np.nan, 2.5])
        np.testing.assert_allclose(sizes.combined("top3", 1, False), [8 / 3, 2, np.nan, 3.0])
