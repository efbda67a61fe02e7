"""Signed measures of tensors: Hilbert function, Euler characteristic and rank invariant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from core.errors import BadInput
from core.topology.differentiable.filtration_values import Sources
from core.topology.engine.bifiltration import FILTRATIONS, Cloud, bifiltration, checked_cloud, checked_cloud_degrees
from core.topology.engine.checks import checked_axis, checked_choice
from core.topology.engine.complex import BifilteredComplex
from core.topology.engine.delaunay_bifiltration import delaunay_bifiltration
from core.topology.engine.dependence import euler_diracs, hilbert_diracs
from core.topology.engine.euler_rips import rips_euler
from core.topology.engine.measure import Diracs
from core.topology.engine.rank import rank_measure
from core.topology.engine.signed_measure import EULER, INVARIANTS


class TensorMeasure(NamedTuple):
    """A signed measure with derivatives; `positions, weights = measure` unpacks it.

    Attributes:
        positions: [m, 2] (radius, level), or [m, 4] rectangles of a rank measure; float64.
        weights: [m] int64.
    """

    positions: Tensor
    weights: Tensor


def signed_measure(
    points: Tensor | None = None,
    function: Tensor | None = None,
    degrees: Iterable[int] = (0, 1),
    filtration: str = "rips",
    invariant: str = "hilbert",
    levels: ArrayLike | None = None,
    *,
    distances: Tensor | None = None,
    threshold: float | None = None,
    resolution: int | None = None,
) -> dict[int | str, TensorMeasure]:
    """`core.topology.signed_measure` for tensors.

    Args:
        points: [n, d].
        function: [n] second parameter.
        degrees: of homology; not used by the Euler measure.
        filtration: "rips" or "alpha".
        invariant: "hilbert", "euler" or "rank".
        levels: [m] increasing, of "hilbert" and "euler": numbers, which have no derivatives. None: all, exactly.
        distances: [n, n] in place of points.
        threshold: edges longer than this are left out.
        resolution: of "rank": so many of the complex's own radii and levels, evenly spread among them, are the grid, which
            thus moves with the points. None: all of them, for some tens of points.

    Returns:
        By degree (the Euler measure: by "euler").

    Raises:
        BadInput: input that can't be used; the sentence says what and why.
        TooLarge: more simplices or grid points than fit.
    """
    checked_choice(invariant, INVARIANTS, "invariant")
    checked_choice(filtration, FILTRATIONS, "filtration")
    axis = None if levels is None else checked_axis(levels, "levels")
    if invariant == "rank" and axis is not None:
        raise BadInput("levels are numbers and would give a rank measure no derivatives; give resolution instead.")
    sources, cloud = prepared(points, function, filtration, distances, threshold)
    if invariant == "euler":
        return {EULER: _measure(sources, _euler(cloud, filtration, axis))}
    chosen = checked_cloud_degrees(degrees, filtration)
    whole = complex_of(cloud, chosen, filtration)
    if invariant == "rank":
        return _ranks(sources, whole, chosen, resolution)
    return {degree: _measure(sources, diracs) for degree, diracs in hilbert_diracs(whole, chosen, axis).items()}


def prepared(
    points: Tensor | None, function: Tensor | None, filtration: str, distances: Tensor | None, threshold: float | None
) -> tuple[Sources, Cloud]:
    """The tensors, and a checked cloud of their values.

    Raises:
        BadInput: neither or both of points and distances, or values that can't be used.
    """
    if function is None:
        raise BadInput("function is missing: one value for each point is expected.")
    cloud = checked_cloud(_numbers(points), _numbers(function), filtration, _numbers(distances), threshold)
    return Sources.of(points, function, distances), cloud


def complex_of(cloud: Cloud, degrees: tuple[int, ...], filtration: str) -> BifilteredComplex:
    """The complex of a cloud with its homology in some degrees, and all maps.

    Raises:
        BadInput: degrees that it does not have.
        TooLarge: more simplices than fit.
    """
    threshold = None if np.isinf(cloud.threshold) else cloud.threshold
    return bifiltration(
        cloud.points, cloud.function, degrees, filtration, distances=cloud.distances, threshold=threshold
    )


def _numbers(tensor: Tensor | None) -> np.ndarray | None:
    return None if tensor is None else tensor.detach().double().cpu().numpy()


def _euler(cloud: Cloud, filtration: str, levels: np.ndarray | None) -> Diracs:
    if filtration == "rips":
        return rips_euler(cloud.all_distances(), cloud.function, levels, cloud.threshold)
    assert cloud.points is not None
    return euler_diracs(delaunay_bifiltration(cloud.points, cloud.function, cloud.points.shape[1] + 1), levels)


def _measure(sources: Sources, diracs: Diracs) -> TensorMeasure:
    positions, weights = diracs.measure
    coordinates = sources.radii(diracs.radius_points), sources.levels(diracs.level_point, positions[:, 1])
    return TensorMeasure(torch.stack(coordinates, dim=1), torch.as_tensor(weights, device=sources.function.device))


def _ranks(
    sources: Sources, whole: BifilteredComplex, degrees: tuple[int, ...], resolution: int | None
) -> dict[int | str, TensorMeasure]:
    radii, levels = (_spread(values, resolution) for values in (whole.radii, whole.levels))
    end = sources.function.new_full((1,), torch.inf)
    axes = (
        torch.cat([sources.radii(whole.radius_points(radii)), end]),
        torch.cat([sources.levels(whole.level_points(levels), levels), end]),
    )
    measures: dict[int | str, TensorMeasure] = {}
    for degree, (positions, weights) in rank_measure(whole, degrees, radii, levels).items():
        corners = [
            axes[column % 2][np.searchsorted((radii, levels)[column % 2], positions[:, column])] for column in range(4)
        ]
        measures[degree] = TensorMeasure(torch.stack(corners, dim=1), torch.as_tensor(weights, device=end.device))
    return measures


def _spread(values: np.ndarray, count: int | None) -> np.ndarray:
    """So many of some increasing values, first and last among them."""
    if count is None or count >= len(values):
        return values
    if count < 2:
        raise BadInput(f"resolution is {count}; at least 2 is expected.")
    return values[np.unique(np.linspace(0, len(values) - 1, count).round().astype(np.int64))]
