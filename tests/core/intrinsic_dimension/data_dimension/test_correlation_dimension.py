"""The correlation integral against all pairs, and its slope."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from core.intrinsic_dimension.data_dimension import correlation_dimension as module
from core.intrinsic_dimension.data_dimension.correlation_dimension import correlation_dimension
from tests.core.intrinsic_dimension.data_dimension.manifolds import ball, flat_torus_2, sphere

POINTS = 30 * sphere(300, 1) + 5


def test_the_integral_counts_all_pairs() -> None:
    """C(r) is the share of pairs closer than r, counted one by one; beyond twice the fitted range it is sampled."""
    found = correlation_dimension(POINTS)
    apart = pdist(POINTS)
    counted = np.array([(apart < radius).mean() for radius in found.radii])
    np.testing.assert_allclose(found.integral[counted <= 80 / 299], counted[counted <= 80 / 299], rtol=1e-12)
    np.testing.assert_allclose(found.integral, counted, rtol=0.05)
    assert found.integral[0] <= 2 / 299
    assert found.integral[-1] >= 0.9


def test_the_slope_is_the_least_squares_line_of_the_stated_range() -> None:
    """The dimension is numpy's fit over the radii with 5 to 40 neighbours on average."""
    found = correlation_dimension(POINTS)
    neighbours = found.integral * 299
    np.testing.assert_array_equal(found.fitted, (neighbours >= 5) & (neighbours <= 40))
    slope, intercept = np.polyfit(np.log(found.radii[found.fitted]), np.log(found.integral[found.fitted]), 1)
    np.testing.assert_allclose([found.dimension, found.intercept], [slope, intercept], rtol=1e-9)


def test_the_error_counts_pairs_that_share_a_point() -> None:
    """The sum over all couples of pairs with a point in common, written out, gives the stated error."""
    points = POINTS[:40]
    found = correlation_dimension(points)
    log_radii = np.log(found.radii[found.fitted])
    weights = (log_radii - log_radii.mean()) / np.square(log_radii - log_radii.mean()).sum()
    ends = np.array(list(combinations(range(40), 2)))
    closer = pdist(points)[:, None] < found.radii[found.fitted]
    influences = closer @ (weights / closer.sum(axis=0))
    shared = (ends[:, None, :, None] == ends[None, :, None, :]).any(axis=(2, 3))
    np.testing.assert_allclose(found.standard_error, np.sqrt(influences @ shared @ influences), rtol=1e-9)


@pytest.mark.parametrize("draw", [flat_torus_2, ball])
def test_the_error_is_the_spread_over_samples(draw: Callable[[int, int], np.ndarray]) -> None:
    """Over 150 samples the stated error agrees with the true one within a fifth."""
    found = [correlation_dimension(draw(300, seed)) for seed in range(150)]
    spread = np.std([one.dimension for one in found], ddof=1)
    assert 0.8 < np.mean([one.standard_error for one in found]) / spread < 1.2


def test_blocks_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same counts come out when the pairs are visited a few at a time."""
    whole = correlation_dimension(POINTS)
    monkeypatch.setattr(module, "BLOCK_VALUES", 700)
    np.testing.assert_allclose(correlation_dimension(POINTS).integral, whole.integral, atol=1 / 44850)


def test_a_simplex_has_no_slope() -> None:
    """Where all distances are equal no radius lies in the range, and the answer is NaN."""
    assert np.isnan(correlation_dimension(np.eye(60)).dimension)
