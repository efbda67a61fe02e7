"""What an item of a run will cost, from the details of the input alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis import Inputs
from core.topology.asked import filtration_for, second_for
from core.topology.topology_params import TopologyParams

if TYPE_CHECKING:
    from core.topology.inputs import Cost, Outline

BASE_MEMORY = 350_000_000  # of a worker with the engine loaded
PAIR_SECONDS = 2e-8  # of a distance between two points, for functions of all of them
SPECTRUM_SECONDS = 3e-10  # of the eigenvectors of a graph, for each vertex cubed
CURVATURE_SECONDS = 2e-4  # of the curvature of a graph's edges, for each vertex
SPECTRAL = ("heat_kernel", "fiedler")


def item_cost(params: TopologyParams, inputs: Inputs) -> tuple[Outline, Cost]:
    """The outline of the input, and the cost of its largest item.

    The second parameter is computed on all points before a cloud is thinned out, so their pairs count too.
    """
    from core.topology.inputs import Cost, Preparation, cost_of_item, outline

    details, preparation = inputs["data"].details, params.preparation()
    found = outline(details, Preparation(**preparation), params.form)
    whole = outline(details, Preparation(**{**preparation, "most_points": None}), params.form)
    cost = cost_of_item(
        filtration_for(params.filtration, found.form),
        found.most_points,
        found.dimensions,
        max(params.degrees),
        params.levels,
    )
    return found, Cost(cost.seconds + _function_seconds(params, found.form, whole.most_points), cost.memory)


def _function_seconds(params: TopologyParams, form: str, points: int) -> float:
    """Of the functions on all points, or on the vertices of a graph."""
    if form == "images":
        return 0.0
    if form != "graphs":
        return PAIR_SECONDS * points**2
    seconds = PAIR_SECONDS * points**2
    for name in (params.first, second_for(params.second, form)):
        if name in SPECTRAL:
            seconds += SPECTRUM_SECONDS * points**3
        if name == "ricci":
            seconds += CURVATURE_SECONDS * points
    return seconds
