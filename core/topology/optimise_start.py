"""From the choices of a person to the problem that mode `optimise` solves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import BadInput
from core.topology.asked import Asked
from core.topology.bifiltrations.filtering import Filtering, check_filtering
from core.topology.engine.mass import complete_mass, upper_corner
from core.topology.engine.signed_measure import signed_measure
from core.topology.functions.choices import point_function
from core.topology.functions.kde import diameter_of
from core.topology.inputs import Preparation, prepare
from core.topology.items import filtering_of, ready, with_common_bandwidth
from core.topology.optimise_limits import check_form, check_size
from core.topology.optimise_problem import Problem

if TYPE_CHECKING:
    from core.data.shapes import Shapes
    from core.topology.engine.measure import SignedMeasure

GRID = 12  # values on each axis of the landscapes
REACH = 0.9  # of the diameter: a circle ends at sqrt(3) / 2 of it
ABOVE = 0.25  # of the levels' range, by which that grid is wider


@dataclass(frozen=True)
class LossChoice:
    """What a person asks of the loss; fields of `OptimiseParams`.

    Attributes:
        loss: its name.
        variables: "points" or "function".
        degrees: that it looks at.
        loss_level: share of the points below its level.
        target_item: number of the item whose measure is the target, 0 for a circle.
        box_weight: of the box.
        anchor_weight: of the anchor.
    """

    loss: str
    variables: str
    degrees: Sequence[int]
    loss_level: float
    target_item: int
    box_weight: float
    anchor_weight: float


@dataclass(frozen=True, eq=False)
class _Cloud:
    points: np.ndarray
    function: np.ndarray | None  # values that came with the points
    whole: int  # points before the cloud was thinned out
    cover_radius: float


def posed(asked: Asked, number: int, choice: LossChoice) -> tuple[Problem, dict[str, Any]]:
    """The problem, and what a reader must know of how it came about.

    Unlike in other modes the second parameter is that of the points that stay, since it has to follow them.

    Args:
        asked: the data and the two parameters.
        number: of the item, from 1.
        choice: the loss.

    Returns:
        The problem; and `name`, `items`, `points` (that the item had), `cover_radius`, `notes`.

    Raises:
        BadInput: data or choices that can't be used.
        TooLarge: more points than can be optimised.
    """
    shapes = asked.shapes()
    check_form(shapes.name, shapes.form)
    cloud = _cloud(asked, number)
    filtering = _lengths(filtering_of(asked, shapes.form), ready(asked, [number - 1]), cloud)
    check_filtering(filtering, shapes.form, cloud.points.shape[1])
    check_size(f"{shapes.name}, item {number:,}", len(cloud.points), filtering.filtration)
    function = point_function(filtering.second, cloud.points, cloud.function, filtering.settings)
    radii, levels = _grid(cloud.points, function)
    problem = Problem(
        points=np.array(cloud.points, dtype=np.float64),
        function=np.array(function, dtype=np.float64),
        variables=choice.variables,
        filtration=filtering.filtration,
        threshold=filtering.threshold,
        second=filtering.second,
        bandwidth=filtering.settings.bandwidth,
        mass=filtering.settings.mass,
        loss=choice.loss,
        degrees=tuple(choice.degrees),
        level=float(np.quantile(function, choice.loss_level)),
        radii=radii,
        levels=levels,
        corner=np.zeros(2),
        unit=np.ones(2),
        target={},
        box_weight=choice.box_weight,
        anchor_weight=choice.anchor_weight,
    )
    if choice.loss == "target":
        problem = _with_target(problem, _target_cloud(asked, choice.target_item, problem), filtering)
    known = {
        "name": shapes.name,
        "items": len(shapes),
        "points": cloud.whole,
        "cover_radius": cloud.cover_radius,
        "notes": list(shapes.notes),
    }
    return problem, known


def _cloud(asked: Asked, number: int) -> _Cloud:
    """An item with at most so many points as are asked for."""
    shapes = ready(asked, [number - 1])
    thin = prepare(shapes, Preparation(**asked.preparation))
    points, whole = thin.shapes.items[0], shapes.items[0]
    assert isinstance(points, np.ndarray) and isinstance(whole, np.ndarray)
    column = None if thin.shapes.functions is None else thin.shapes.functions[0]
    return _Cloud(points, column, len(whole), float(thin.cover_radius[0]))


def _lengths(filtering: Filtering, shapes: Shapes, cloud: _Cloud) -> Filtering:
    """A bandwidth that is a share of the diameter becomes a length once and for all: the diameter will change."""
    return with_common_bandwidth(filtering, replace(shapes, items=(cloud.points,), functions=None))


def _grid(points: np.ndarray, function: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    reach = REACH * diameter_of(points)
    wider = ABOVE * float(np.ptp(function))
    low, high = float(function.min()) - wider, float(function.max()) + wider
    return (
        np.linspace(0.0, reach if reach > 0 else 1.0, GRID),
        np.linspace(low, high if high > low else low + 1.0, GRID),
    )


def _target_cloud(asked: Asked, number: int, problem: Problem) -> _Cloud:
    if number:
        return _cloud(asked, number)
    n, dimensions = problem.points.shape
    if dimensions < 2:
        raise BadInput("A circle is no target for points on a line; choose another loss, or target=item.")
    centre = problem.points.mean(axis=0)
    radius = float(np.linalg.norm(problem.points - centre, axis=1).mean())
    angles = 2 * np.pi * np.arange(n) / n
    circle = np.tile(centre, (n, 1))
    circle[:, :2] += radius * np.column_stack([np.cos(angles), np.sin(angles)])
    return _Cloud(circle, np.full(n, np.median(problem.function)), n, 0.0)


def _with_target(problem: Problem, target: _Cloud, filtering: Filtering) -> Problem:
    """The problem with the measures of a target, cut at a corner that is above everything at the start."""
    values = point_function(filtering.second, target.points, target.function, filtering.settings)
    here = _measures(problem, problem.points, problem.function)
    there = _measures(problem, target.points, values)
    tables = [measure.positions for measure in (*here.values(), *there.values()) if len(measure.positions)]
    if not tables:
        raise BadInput(
            "Neither the item nor the target has a class of these degrees, so there is nothing to bring nearer."
        )
    corner = upper_corner(tables, margin=ABOVE)
    unit = corner - np.concatenate(tables).min(axis=0)
    target_measures = {}
    for degree, measure in there.items():
        complete = complete_mass(*measure, corner.tolist())
        target_measures[str(degree)] = (complete.positions / unit, complete.weights)
    return replace(problem, corner=corner, unit=unit, target=target_measures)


def _measures(problem: Problem, points: np.ndarray, function: np.ndarray) -> Mapping[int | str, SignedMeasure]:
    return signed_measure(points, function, problem.degrees, problem.filtration, threshold=problem.threshold)
