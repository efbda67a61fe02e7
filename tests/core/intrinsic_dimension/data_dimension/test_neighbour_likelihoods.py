"""MLE and Gride against brute-force likelihoods, and their errors against simulated spread."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import betaln

from core.intrinsic_dimension.data_dimension.gride import gride
from core.intrinsic_dimension.data_dimension.mle import mle
from core.intrinsic_dimension.data_dimension.neighbours import Neighbours, nearest_neighbours
from core.intrinsic_dimension.data_dimension.two_nn import two_nn
from tests.core.intrinsic_dimension.data_dimension.manifolds import flat_torus_2, sphere, torus

SPHERE = nearest_neighbours(sphere(400, 0), 64)


@pytest.mark.parametrize("k", [2, 5, 30])
def test_mle_inverts_the_mean_of_the_inverse_local_estimates(k: int) -> None:
    """The estimate is the definition, written out point by point."""
    local = []
    for distances in SPHERE.distances:
        local.append(np.mean([np.log(distances[k - 1] / distances[j]) for j in range(k - 1)]))
    np.testing.assert_allclose(mle(SPHERE, k)[0], 1 / np.mean(local))


@pytest.mark.parametrize("n1", [1, 2, 8, 32])
def test_gride_maximises_its_likelihood(n1: int) -> None:
    """The root of the score is the maximum of the density of the paper, found by a plain search."""
    log_ratios = np.log(SPHERE.distances[:, 2 * n1 - 1] / SPHERE.distances[:, n1 - 1])

    def loss(d: float) -> float:
        density = np.log(d) + (n1 - 1) * np.log(np.expm1(d * log_ratios)) - ((2 * n1 - 1) * d + 1) * log_ratios
        return float(len(log_ratios) * betaln(n1, n1) - density.sum())

    best = minimize_scalar(loss, bounds=(1, 20), method="bounded", options={"xatol": 1e-9}).x
    np.testing.assert_allclose(gride(SPHERE, n1)[0], best, rtol=1e-6)


def test_gride_of_order_one_is_two_nn() -> None:
    """With n1 = 1 both are N / sum ln mu."""
    np.testing.assert_allclose(gride(SPHERE, 1)[0], two_nn(SPHERE).dimension, rtol=1e-9)


def test_gride_recovers_the_dimension_of_ratios_drawn_from_its_law() -> None:
    """mu^-d is Beta(n1, n1) distributed: with independent ratios the dimension is within three errors."""
    n, n1, dimension = 5000, 4, 7.0
    ratios = np.random.default_rng(0).beta(n1, n1, size=n) ** (-1 / dimension)
    distances = np.ones((n, 2 * n1))
    distances[:, -1] = ratios
    own_neighbours = np.tile(np.arange(n)[:, None], 2 * n1)
    found, error = gride(Neighbours(distances, own_neighbours), n1)
    assert abs(found - dimension) < 3 * error


ESTIMATORS: dict[str, Callable[[Neighbours], tuple[float, float]]] = {
    "mle 5": lambda neighbours: mle(neighbours, 5),
    "mle 10": lambda neighbours: mle(neighbours, 10),
    "gride 1": lambda neighbours: gride(neighbours, 1),
    "gride 4": lambda neighbours: gride(neighbours, 4),
}


@pytest.mark.parametrize("draw", [flat_torus_2, torus])
def test_standard_errors_are_the_spread_over_samples(draw: Callable[[int, int], np.ndarray]) -> None:
    """Over 150 samples of a torus the stated error is within a fifth of the true one, dependence included."""
    samples = [nearest_neighbours(draw(400, seed), 10) for seed in range(150)]
    for name, estimator in ESTIMATORS.items():
        values, errors = np.array([estimator(sample) for sample in samples]).T
        assert 0.8 < errors.mean() / values.std(ddof=1) < 1.2, name


@pytest.mark.parametrize("name", ESTIMATORS)
def test_zero_and_tied_distances(name: str) -> None:
    """A point at distance zero is left out; where all distances are equal there is no dimension."""
    with_zero = Neighbours(SPHERE.distances.copy(), SPHERE.indices)
    with_zero.distances[0, 0] = 0.0
    assert abs(ESTIMATORS[name](with_zero)[0] / ESTIMATORS[name](SPHERE)[0] - 1) < 0.02
    tied = Neighbours(np.ones((400, 64)), SPHERE.indices)
    assert np.isnan(ESTIMATORS[name](tied)).all()
