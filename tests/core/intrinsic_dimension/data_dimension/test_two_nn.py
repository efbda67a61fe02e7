"""2NN against its definition, the exponential law of ln mu, and simulated spread."""

from __future__ import annotations

import numpy as np

from core.intrinsic_dimension.data_dimension.neighbours import Neighbours
from core.intrinsic_dimension.data_dimension.two_nn import two_nn


def pareto_neighbours(dimension: float, n: int, seed: int) -> Neighbours:
    """Neighbour distances whose ratios are independent Pareto(1, d), as the method assumes."""
    ratios = np.exp(np.random.default_rng(seed).exponential(1 / dimension, size=n))
    distances = np.stack([np.ones(n), ratios], axis=1)
    return Neighbours(distances, np.zeros((n, 2), dtype=np.int64))


def test_the_estimate_is_n_over_the_sum_of_logs() -> None:
    """Three ratios of e give d = 1 and a standard error of 1 / sqrt(3)."""
    found = two_nn(Neighbours(np.tile([1.0, np.e], (3, 1)), np.zeros((3, 2), dtype=np.int64)))
    np.testing.assert_allclose([found.dimension, found.standard_error], [1.0, 3**-0.5])


def test_the_fit_is_the_least_squares_line_through_the_origin() -> None:
    """The slope is numpy's for -ln(1 - i/N) against ln mu without the largest tenth."""
    neighbours = pareto_neighbours(4.0, 200, 1)
    x = np.sort(np.log(neighbours.distances[:, 1]))[:180]
    y = -np.log(1 - np.arange(1, 181) / 200)
    slope = np.linalg.lstsq(x[:, None], y, rcond=None)[0][0]
    np.testing.assert_allclose(two_nn(neighbours).fit_dimension, slope)


def test_both_standard_errors_are_the_spread_over_repetitions() -> None:
    """For independent ratios the stated errors agree with the spread of 1,500 repetitions within 6 %."""
    found = [two_nn(pareto_neighbours(5.0, 400, seed)) for seed in range(1500)]
    for value, error in (("dimension", "standard_error"), ("fit_dimension", "fit_standard_error")):
        spread = np.std([getattr(one, value) for one in found])
        stated = np.mean([getattr(one, error) for one in found])
        assert abs(stated / spread - 1) < 0.06, value


def test_points_at_distance_zero_are_left_out() -> None:
    """A zero distance neither breaks nor changes the estimate of the others."""
    clean = pareto_neighbours(3.0, 100, 2)
    zeros = Neighbours(np.vstack([clean.distances, [[0.0, 1.0]]]), np.zeros((101, 2), dtype=np.int64))
    assert two_nn(zeros).dimension == two_nn(clean).dimension


def test_tied_distances_define_no_dimension() -> None:
    """On a regular grid every ratio is one, and the answer is NaN, not infinity."""
    found = two_nn(Neighbours(np.ones((50, 2)), np.zeros((50, 2), dtype=np.int64)))
    assert np.isnan([found.dimension, found.fit_dimension]).all()
