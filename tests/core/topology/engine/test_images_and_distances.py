"""Convolution, completion, sliced Wasserstein and Kantorovich-Rubinstein distances."""

from __future__ import annotations

import numpy as np
import pytest

from core.topology import complete_mass, convolve, sliced_wasserstein
from core.topology.engine.mass import complete_rectangles, upper_corner
from core.topology.engine.measure import SignedMeasure
from core.topology.engine.sliced_wasserstein import (
    checked_directions,
    sliced_wasserstein_kernel,
    sliced_wasserstein_matrix,
)
from core.topology.engine.transport import kantorovich_rubinstein
from tests.core.topology.engine.cases import zero_mass_measures

RNG = np.random.default_rng(1)
POSITIONS, WEIGHTS = RNG.normal(size=(9, 2)), RNG.integers(-3, 4, 9)
AXES = (np.linspace(-2.0, 2.0, 5), np.linspace(-1.0, 3.0, 7))


def test_an_image_is_the_sum_of_weighted_kernels() -> None:
    """At each grid point, first axis first, one bandwidth or one for each axis."""
    for h, k in ((0.4, 0.4), (0.3, 0.8)):
        ours = convolve(POSITIONS, WEIGHTS, AXES, h if h == k else (h, k))
        for i, x in enumerate(AXES[0]):
            for j, y in enumerate(AXES[1]):
                far = ((x - POSITIONS[:, 0]) / h) ** 2 + ((y - POSITIONS[:, 1]) / k) ** 2
                assert ours[i, j] == pytest.approx((WEIGHTS * np.exp(-far / 2)).sum() / (2 * np.pi * h * k))


def test_images_add_up_unless_they_are_means() -> None:
    """Two equal Diracs give twice the image of one; their mean gives once, and a Dirac without weight halves it."""
    one = convolve([[0.0, 0.0]], [1], AXES, 0.5)
    two = [[0.0, 0.0], [0.0, 0.0]]
    np.testing.assert_allclose(convolve(two, [1, 1], AXES, 0.5), 2 * one)
    np.testing.assert_allclose(convolve(two, [1, 1], AXES, 0.5, "mean"), one)
    np.testing.assert_allclose(convolve(two, [1, 0], AXES, 0.5, "mean"), one / 2)
    assert not convolve(np.zeros((0, 2)), [], AXES, 0.5, "mean").any()


def test_images_of_rectangles_have_four_axes_and_of_numbers_one() -> None:
    """Any number of coordinates, as an outer product of kernels."""
    four = convolve([[0.1, 0.2, 0.3, 0.4]], [2], ([0, 1], [0], [0, 1, 2], [0, 1]), 0.7)
    kernels = [np.exp(-((np.arange(n) - p) ** 2) / 2 / 0.49) for n, p in ((2, 0.1), (1, 0.2), (3, 0.3), (2, 0.4))]
    np.testing.assert_allclose(four, 2 * np.einsum("i,j,k,l->ijkl", *kernels) / (2 * np.pi * 0.49) ** 2)
    assert convolve([[0.0]], [1], ([0.0],), 1.0)[0] == pytest.approx(1 / np.sqrt(2 * np.pi))


def test_completed_rectangles_end_at_the_corner() -> None:
    """One that never ends, one that begins beyond, and what balances the mass."""
    completed = complete_rectangles([[0.0, 1.0, np.inf, 2.0], [9.0, 0.0, 9.5, 1.0]], [3, 4], (5.0, 6.0))
    assert completed.positions.tolist() == [[0.0, 1.0, 5.0, 2.0], [5.0, 6.0, 5.0, 6.0]]
    assert completed.weights.tolist() == [3, -3]


def test_what_lies_beyond_the_corner_vanishes() -> None:
    """In either coordinate."""
    assert complete_mass([[6.0, 0.0], [0.0, 5.0]], [1, 2], (5.0, 5.0)).weights.shape == (0,)


def test_the_corner_is_a_tenth_of_the_extent_above() -> None:
    """1.1 max - 0.1 min of each finite axis."""
    corner = upper_corner([np.array([[0.0, 1.0]]), np.array([[10.0, np.inf], [5.0, 3.0]])])
    assert corner.tolist() == pytest.approx([11.0, 3.2])


def by_definition(first: SignedMeasure, second: SignedMeasure, directions: np.ndarray) -> float:
    """The mean over directions of the integral of the absolute difference of masses."""
    total = 0.0
    for ray in directions:
        places = np.concatenate([first.positions @ ray, second.positions @ ray])
        weights = np.concatenate([first.weights, -second.weights])
        order = np.argsort(places)
        total += (np.abs(np.cumsum(weights[order])[:-1]) * np.diff(places[order])).sum()
    return total / len(directions)


def test_sliced_distances_are_those_of_projections() -> None:
    """Of measures of equal mass, whatever it is; the same alone, in a matrix and between lists."""
    rng = np.random.default_rng(3)
    sizes = (5, 8, 1, 3)
    measures = [SignedMeasure(rng.normal(size=(n, 2)), np.append(rng.integers(1, 4, n - 1), 0)) for n in sizes]
    measures = [SignedMeasure(p, np.append(w[:-1], 7 - w.sum())) for p, w in measures]
    rays = checked_directions(13, 2)
    table = sliced_wasserstein_matrix(measures, directions=rays)
    between = sliced_wasserstein_matrix(measures[:1], measures[1:], rays)
    for i, first in enumerate(measures):
        for j, second in enumerate(measures):
            expected = by_definition(first, second, rays)
            assert table[i, j] == pytest.approx(expected, abs=1e-12)
            assert sliced_wasserstein(*first, *second, rays) == pytest.approx(expected, abs=1e-12)
    np.testing.assert_allclose(between[0], table[0, 1:], rtol=0, atol=1e-15)
    assert (table == table.T).all()


def test_directions_are_spread_evenly_and_the_same_each_time() -> None:
    """Angles pi (k + 1/2) / d in the plane; of two points the mean of |cos| is 2 / pi."""
    assert sliced_wasserstein([[0, 0]], [1], [[1, 0]], [1], 1000) == pytest.approx(2 / np.pi, abs=1e-6)
    assert checked_directions(4, 4).tolist() == checked_directions(4, 4).tolist()
    assert np.linalg.norm(checked_directions(4, 4), axis=1) == pytest.approx(np.ones(4))


def test_empty_measures_are_at_distance_zero() -> None:
    """Nothing need be moved."""
    assert sliced_wasserstein(np.zeros((0, 2)), [], np.zeros((0, 2)), []) == 0.0
    assert sliced_wasserstein(np.zeros((0, 2)), [], [[0, 0], [0, 0]], [1, -1]) == 0.0


def test_the_kernel_is_a_weighted_mean_of_exponentials() -> None:
    """mean over degrees of weight exp(-d / 2 sigma^2)."""
    kernel = sliced_wasserstein_kernel([np.array([[0.0, 2.0]]), np.array([[0.0, 4.0]])], [1.0, 3.0], 2.0)
    assert kernel.tolist() == [pytest.approx([2.0, (np.exp(-0.25) + 3 * np.exp(-0.5)) / 2])]


def test_transport_is_the_cheapest_matching() -> None:
    """Of two Diracs to two others, crosswise where that is cheaper; projections never cost more."""
    first = SignedMeasure(np.array([[0.0, 0.0], [5.0, 5.0]]), np.array([1, 1]))
    second = SignedMeasure(np.array([[0.0, 1.0], [5.0, 3.0]]), np.array([1, 1]))
    assert kantorovich_rubinstein(first, second) == 3.0
    moved = [SignedMeasure(p, w) for p, w in zero_mass_measures()]
    assert sliced_wasserstein(*moved[0], *moved[1]) <= kantorovich_rubinstein(*moved)


@pytest.mark.parametrize("axes", [1, 2, 4])
def test_a_measure_without_diracs_has_an_image_of_zeros(axes: int) -> None:
    """On any number of axes."""
    image = convolve(np.zeros((0, axes)), [], (np.linspace(0.0, 1.0, 3),) * axes, 0.1)
    assert image.shape == (3,) * axes and not image.any()
