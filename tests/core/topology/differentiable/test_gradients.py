"""Derivatives agree with central differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist, squareform
from torch import Tensor

from core.topology.differentiable import (
    clutter_loss,
    codensity,
    complete_mass,
    complete_rectangles,
    convolve,
    distance_to_measure,
    eccentricity,
    landscape,
    landscape_loss,
    localized_loss,
    norm_loss,
    signed_measure,
    sliced_wasserstein,
    smooth_function,
)
from core.topology.differentiable.filtration_values import circumdiameters
from tests.core.topology.differentiable.clouds import cloud
from tests.core.topology.differentiable.gradients import relative_error

TOLERANCE = 1e-5
GRID = (np.linspace(0.0, 2.0, 6), np.linspace(-1.5, 2.0, 5))
Measures = dict[int | str, tuple[Tensor, Tensor]]


def _image(measures: Measures) -> Tensor:
    images = [convolve(*measure, GRID, 0.4) for measure in measures.values()]
    return torch.stack(images).square().sum()


def _smooth(measures: Measures) -> Tensor:
    images = [smooth_function(*measure, GRID, (0.3, 0.4)) for measure in measures.values()]
    return torch.stack(images).square().mean()


def _transport(measures: Measures) -> Tensor:
    corner = (4.0, 5.0)
    fixed = complete_mass(
        torch.tensor([[0.31, -0.42], [1.3, 0.27]], dtype=torch.float64), torch.tensor([1, -1]), corner
    )
    distances = [sliced_wasserstein(*complete_mass(*m, corner), *fixed, directions=8) for m in measures.values()]
    return torch.stack(distances).sum()


LOSSES: dict[str, Callable[[Measures], Tensor]] = {
    "norm": norm_loss,
    "localized": lambda measures: localized_loss(measures, 0.7),
    "image": _image,
    "smooth function": _smooth,
    "transport": _transport,
}


@pytest.mark.parametrize("loss", list(LOSSES))
@pytest.mark.parametrize("invariant", ["hilbert", "euler"])
@pytest.mark.parametrize(("filtration", "dimensions"), [("rips", 2), ("rips", 3), ("alpha", 2), ("alpha", 3)])
def test_points_and_function_values(loss: str, invariant: str, filtration: str, dimensions: int) -> None:
    """To 1e-5 of the largest derivative, for each coordinate of each point and each value of the function."""

    def value(points: Tensor, function: Tensor) -> Tensor:
        return LOSSES[loss](signed_measure(points, function, (0, 1), filtration, invariant))

    assert relative_error(value, *cloud(9, dimensions)) < TOLERANCE


@pytest.mark.parametrize("loss", ["norm", "image", "transport"])
@pytest.mark.parametrize("second", ["codensity", "dtm", "eccentricity"])
@pytest.mark.parametrize(("filtration", "dimensions"), [("rips", 2), ("alpha", 2), ("alpha", 3)])
def test_points_through_a_function_of_themselves(loss: str, second: str, filtration: str, dimensions: int) -> None:
    """Moving a point moves radii and levels at once."""
    functions: dict[str, Callable[[Tensor], Tensor]] = {
        "codensity": lambda points: codensity(points, -0.2),
        "dtm": lambda points: distance_to_measure(points, 0.2),
        "eccentricity": lambda points: eccentricity(points, 2.0),
    }

    def value(points: Tensor) -> Tensor:
        return LOSSES[loss](signed_measure(points, functions[second](points), (0, 1), filtration))

    assert relative_error(value, cloud(10, dimensions)[0]) < TOLERANCE


@pytest.mark.parametrize("filtration", ["rips", "alpha"])
@pytest.mark.parametrize("bandwidth", [0.5, -0.3])
def test_the_bandwidth_of_a_codensity(filtration: str, bandwidth: float) -> None:
    """A parameter of the second parameter has derivatives like any other, as a length and as a share."""
    points = torch.tensor(cloud(20)[0])

    def value(width: Tensor) -> Tensor:
        return norm_loss(signed_measure(points, codensity(points, width), (0, 1), filtration))

    assert relative_error(value, np.array(bandwidth)) < TOLERANCE


def test_the_bandwidth_of_images() -> None:
    """The width of a Gaussian image and of a smoothed function."""
    measure = signed_measure(*map(torch.tensor, cloud(15)), (1,))[1]
    assert relative_error(lambda h: convolve(*measure, GRID, h).square().sum(), np.array(0.4)) < TOLERANCE
    assert relative_error(lambda h: smooth_function(*measure, GRID, h).square().sum(), np.array(0.4)) < TOLERANCE


@pytest.mark.parametrize("filtration", ["rips", "alpha"])
def test_rectangles_of_rank_measures(filtration: str) -> None:
    """Images of rectangles on four axes; the grid moves with the points."""

    def value(points: Tensor, function: Tensor) -> Tensor:
        measures = signed_measure(points, function, (0, 1), filtration, "rank", resolution=5)
        cut = [complete_rectangles(*measure, (3.0, 3.0)) for measure in measures.values()]
        return torch.stack([convolve(*measure, (*GRID, *GRID), 0.6) for measure in cut]).square().sum()

    assert relative_error(value, *cloud(12)) < TOLERANCE


@pytest.mark.parametrize(("filtration", "dimensions"), [("rips", 2), ("alpha", 2), ("alpha", 3)])
def test_landscapes(filtration: str, dimensions: int) -> None:
    """The first two landscapes of components and loops."""
    axes = np.linspace(0.0, 2.0, 4), np.linspace(-1.5, 2.0, 3)
    weights = torch.tensor(np.random.default_rng(0).uniform(0.5, 1.5, (2, 4, 3)))

    def value(points: Tensor, function: Tensor) -> Tensor:
        found = landscape(points, function, *axes, (0, 1), 2, filtration, direction=(1.0, 1.4))
        return landscape_loss(found[1]) + (weights * (found[0] + found[1])).sum()

    assert relative_error(value, *cloud(9, dimensions)) < TOLERANCE


def test_clutter_and_distances() -> None:
    """The loss of clutter, and derivatives with respect to a matrix of distances, each entry on its own."""
    points, function = cloud(12)
    distances = squareform(pdist(points))
    upper = np.triu_indices(len(points), 1)

    def value(lengths: Tensor, values: Tensor) -> Tensor:
        table = torch.zeros(12, 12, dtype=torch.float64).index_put(tuple(map(torch.tensor, upper)), lengths)
        return clutter_loss(signed_measure(None, values, (0,), distances=table + table.T)[0], -0.2)

    assert relative_error(value, distances[upper], function) < TOLERANCE


@pytest.mark.parametrize("corners", [2, 3, 4])
def test_diameters_of_spheres(corners: int) -> None:
    """A smallest sphere through two, three or four points of space."""
    places = np.random.default_rng(8).normal(size=(2, corners, 3))
    assert relative_error(lambda x: circumdiameters(x).square().sum(), places) < TOLERANCE


def test_coinciding_points_have_finite_derivatives() -> None:
    """Copies of a point, whose distance has no derivative, spoil nothing."""
    points = np.repeat(cloud(6)[0], 2, axis=0)
    tensor = torch.tensor(points, requires_grad=True)
    for filtration in ("rips", "alpha"):
        for function in (codensity(tensor, 0.5), distance_to_measure(tensor, 0.0), eccentricity(tensor)):
            (gradient,) = torch.autograd.grad(norm_loss(signed_measure(tensor, function, (0, 1), filtration)), tensor)
            assert torch.isfinite(gradient).all()


def test_without_diracs_the_loss_is_zero() -> None:
    """Two points have no loop: the loss is 0 and can still be differentiated."""
    points = torch.tensor([[0.0, 0.0], [1.0, 0.0]], dtype=torch.float64, requires_grad=True)
    loss = norm_loss(signed_measure(points, codensity(points, 0.5), (1,)))
    loss.backward()
    assert loss.item() == 0.0 and points.grad is not None and not points.grad.any()
