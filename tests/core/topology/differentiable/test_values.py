"""Tensors have the values that the engine has for arrays."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist, squareform

from core import topology
from core.errors import BadInput
from core.topology import differentiable
from core.topology.engine.mass import complete_rectangles
from core.topology.engine.measure import SignedMeasure, collect, evaluate
from core.topology.functions.dtm import distance_to_measure
from core.topology.functions.eccentricity import eccentricity
from core.topology.functions.kde import codensity
from tests.core.topology.differentiable.clouds import cloud

TOLERANCE = 1e-12


def tensors(*arrays: np.ndarray) -> list[torch.Tensor]:
    """The arrays as tensors that gather derivatives."""
    return [torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in arrays]


def sorted_measure(measure: tuple[torch.Tensor, torch.Tensor]) -> SignedMeasure:
    """The measure as the engine has it: equal positions added up."""
    positions, weights = measure
    return collect(positions.detach().numpy(), weights.numpy())[0]


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("filtration", ["rips", "alpha"])
@pytest.mark.parametrize("invariant", ["hilbert", "euler", "rank"])
@pytest.mark.parametrize("levels", [None, 4])
def test_signed_measures_are_the_engines(dimensions: int, filtration: str, invariant: str, levels: int | None) -> None:
    """Positions to 1e-12 and weights exactly, in the same order, for exact levels and for given ones."""
    points, function = cloud(13 if invariant == "rank" else 30, dimensions)
    axis = None if levels is None or invariant == "rank" else np.linspace(-1.0, 1.5, levels)
    mine = differentiable.signed_measure(*tensors(points, function), (0, 1), filtration, invariant, axis)
    theirs = topology.signed_measure(points, function, (0, 1), filtration, invariant, axis)
    assert mine.keys() == theirs.keys()
    for key, (positions, weights) in theirs.items():
        assert len(weights) > 0
        np.testing.assert_allclose(mine[key].positions.detach().numpy(), positions, atol=TOLERANCE)
        np.testing.assert_array_equal(mine[key].weights.numpy(), weights)


def test_degree_two_and_distances_are_the_engines() -> None:
    """Voids of a sphere from points and from their distances."""
    points, function = cloud(24, 3)
    distances = squareform(pdist(points))
    theirs = topology.signed_measure(points, function, (2,))[2]
    for mine in (
        differentiable.signed_measure(*tensors(points, function), (2,))[2],
        differentiable.signed_measure(None, *tensors(function), (2,), distances=tensors(distances)[0])[2],
    ):
        np.testing.assert_allclose(mine.positions.detach().numpy(), theirs.positions, atol=TOLERANCE)
        np.testing.assert_array_equal(mine.weights.numpy(), theirs.weights)


def test_rank_on_some_of_its_own_values() -> None:
    """A resolution takes radii and levels of the complex itself; the engine on these has the same rectangles."""
    points, function = cloud(25)
    mine = differentiable.signed_measure(*tensors(points, function), (0, 1), invariant="rank", resolution=6)
    finite = [m.positions.detach().numpy() for m in mine.values()]
    radii = np.unique(np.concatenate([table[:, [0, 2]].reshape(-1) for table in finite]))
    levels = np.unique(np.concatenate([table[:, [1, 3]].reshape(-1) for table in finite]))
    radii, levels = radii[np.isfinite(radii)], levels[np.isfinite(levels)]
    assert 2 < len(radii) <= 6 and 2 < len(levels) <= 6
    theirs = topology.signed_measure(points, function, (0, 1), invariant="rank", radii=radii, levels=levels)
    for degree, measure in theirs.items():
        np.testing.assert_array_equal(mine[degree].weights.numpy(), measure.weights)
        np.testing.assert_allclose(mine[degree].positions.detach().numpy(), measure.positions, atol=TOLERANCE)


@pytest.mark.parametrize("filtration", ["rips", "alpha"])
def test_landscapes_are_the_engines(filtration: str) -> None:
    """To 1e-12, for two layers and a direction of its own."""
    points, function = cloud(30)
    axes = np.linspace(0.1, 2.0, 9), np.linspace(-1.0, 1.5, 7)
    for direction in ((1.0, 1.0), (0.7, 1.9)):
        mine = differentiable.landscape(*tensors(points, function), *axes, (0, 1), 2, filtration, direction=direction)
        theirs = topology.landscape(points, function, *axes, (0, 1), 2, filtration, direction=direction)
        for degree, table in theirs.items():
            assert table.max() > 0
            np.testing.assert_allclose(mine[degree].detach().numpy(), table, atol=TOLERANCE)


def test_images_and_distances_are_the_engines() -> None:
    """Completion, convolution of Diracs and of rectangles, and the sliced Wasserstein distance."""
    first, second = (cloud(20, seed=seed) for seed in (1, 2))
    corner = (3.0, 4.0)
    pairs = []
    for points, function in (first, second):
        mine = differentiable.signed_measure(*tensors(points, function), (1,))[1]
        theirs = topology.signed_measure(points, function, (1,))[1]
        completed = differentiable.complete_mass(*mine, corner)
        expected = topology.complete_mass(*theirs, corner)
        found = sorted_measure(completed)
        np.testing.assert_array_equal(found.weights, expected.weights)
        np.testing.assert_allclose(found.positions, expected.positions, atol=TOLERANCE)
        pairs.append((completed, expected))
    grid = np.linspace(0.0, 2.0, 6), np.linspace(-1.0, 2.0, 5)
    for reduction in ("sum", "mean"):
        image = differentiable.convolve(*mine, grid, [0.3, 0.2], reduction)
        expected_image = topology.convolve(*theirs, grid, [0.3, 0.2], reduction)
        np.testing.assert_allclose(image.detach().numpy(), expected_image, atol=TOLERANCE)
    distance = differentiable.sliced_wasserstein(*pairs[0][0], *pairs[1][0], directions=7)
    assert distance.item() == pytest.approx(
        topology.sliced_wasserstein(*pairs[0][1], *pairs[1][1], directions=7), abs=TOLERANCE
    )
    rectangles = differentiable.signed_measure(*tensors(*first), (1,), invariant="rank", resolution=6)[1]
    cut = differentiable.complete_rectangles(*rectangles, corner)
    cut_expected = complete_rectangles(*sorted_measure(rectangles), corner)
    image = differentiable.convolve(*cut, (*grid, *grid), 0.5)
    np.testing.assert_allclose(
        image.detach().numpy(), topology.convolve(*cut_expected, (*grid, *grid), 0.5), atol=1e-12
    )


def test_a_smooth_function_tends_to_the_function_itself() -> None:
    """With a narrow Gaussian the smoothed Hilbert and Euler functions are the functions, away from their jumps."""
    points, function = cloud(20)
    radii, levels = np.linspace(0.05, 1.5, 6), np.linspace(-1.0, 1.5, 5)
    for invariant, key in (("hilbert", 1), ("euler", "euler")):
        mine = differentiable.signed_measure(*tensors(points, function), (1,), invariant=invariant)[key]
        image = differentiable.smooth_function(*mine, (radii, levels), 1e-9)
        exact = evaluate(sorted_measure(mine), radii, levels)
        assert np.ptp(exact) > 0
        np.testing.assert_allclose(image.detach().numpy(), exact, atol=1e-9)


@pytest.mark.parametrize("are_distances", [False, True])
def test_functions_are_those_of_arrays(are_distances: bool) -> None:
    """Codensity with a bandwidth and with a share of the diameter, distance to a measure, eccentricity."""
    points, _ = cloud(25)
    table = squareform(pdist(points)) if are_distances else points
    (tensor,) = tensors(table)
    for bandwidth in (0.3, -0.2):
        mine = differentiable.codensity(tensor, bandwidth, are_distances=are_distances)
        theirs = codensity(table, bandwidth, are_distances=are_distances).values
        np.testing.assert_allclose(mine.detach().numpy(), theirs, atol=TOLERANCE)
    mine = differentiable.distance_to_measure(tensor, 0.2, are_distances=are_distances)
    np.testing.assert_allclose(
        mine.detach().numpy(), distance_to_measure(table, 0.2, are_distances=are_distances), atol=TOLERANCE
    )
    for power in (1.0, 2.5, np.inf):
        mine = differentiable.eccentricity(tensor, power, are_distances=are_distances)
        theirs = eccentricity(table, power, are_distances=are_distances)
        np.testing.assert_allclose(mine.detach().numpy(), theirs, atol=TOLERANCE)


def test_single_precision_comes_back_as_it_went_in() -> None:
    """Everything is computed in float64; the derivative has the precision of the points."""
    points = torch.tensor(cloud(12)[0], dtype=torch.float32, requires_grad=True)
    measure = differentiable.signed_measure(points, differentiable.codensity(points, 0.5), (0,))[0]
    assert measure.positions.dtype == torch.float64 and measure.weights.dtype == torch.int64
    measure.positions.sum().backward()
    assert points.grad is not None and points.grad.dtype == torch.float32 and points.grad.abs().max() > 0


def test_what_cannot_be_used_is_refused_in_a_sentence() -> None:
    """The engine's own refusals hold for tensors, and those that only tensors need."""
    points, function = tensors(*cloud(8))
    with pytest.raises(BadInput, match="function is missing"):
        differentiable.signed_measure(points, None)
    with pytest.raises(BadInput, match="points"):
        differentiable.signed_measure(points * torch.nan, function)
    with pytest.raises(BadInput, match="give resolution instead"):
        differentiable.signed_measure(points, function, invariant="rank", levels=[0.0, 1.0])
    with pytest.raises(BadInput, match="resolution is 1"):
        differentiable.signed_measure(points, function, invariant="rank", resolution=1)
    with pytest.raises(BadInput, match="equal masses"):
        differentiable.sliced_wasserstein(points, torch.ones(8), points, torch.zeros(8))
    with pytest.raises(BadInput, match="not finite"):
        differentiable.convolve(points / 0, torch.ones(8), ([0.0], [0.0]), 1.0)
    with pytest.raises(BadInput, match="bandwidth is 0"):
        differentiable.codensity(points, 0.0)
    with pytest.raises(BadInput, match="mass"):
        differentiable.distance_to_measure(points, 1.0)
