"""What an item of a run will cost, from the details of the input alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis import Inputs
from core.topology.asked import filtration_for
from core.topology.topology_params import TopologyParams

if TYPE_CHECKING:
    from core.topology.inputs import Cost, Outline

BASE_MEMORY = 350_000_000  # of a worker with the engine loaded
PAIR_SECONDS = 2e-8  # of a distance between two points, for functions of all of them


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
    pairs = 0 if found.form in ("graphs", "images") else whole.most_points**2
    return found, Cost(cost.seconds + PAIR_SECONDS * pairs, cost.memory)
