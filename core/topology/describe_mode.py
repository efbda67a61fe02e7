"""Mode `describe`: what has one item at every radius and every level?"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.analysis import Compute, Estimate, Inputs, Step
from core.topology.costs import BASE_MEMORY, item_cost
from core.topology.describe_explore import explore_step
from core.topology.describe_params import DescribeParams
from core.topology.describe_steps import item_step, lines_step

SECONDS_OF_LINE = 4e-6  # of a barcode on one line, for each point, measured on clouds in the plane
SECONDS_OF_MATCHING = 4e-5  # the bars of two neighbouring lines, for each point
EXPLORED_LINES = 100


def compute_describe(params: DescribeParams, inputs: Inputs) -> Compute:
    """Filters the item and samples its Hilbert functions, then draws lines through the plane, and keeps what to explore."""
    asked, memory = params.asked(inputs), estimate_describe(params, inputs).memory
    degrees = list(params.degrees)
    (found,) = yield [
        Step(
            item_step,
            {"asked": asked, "number": params.item, "degrees": degrees, "resolution": params.resolution},
            label="Signed measures and Hilbert functions",
            share=0.6,
            memory=memory,
        )
    ]
    low = np.array([found["radii"][0], found["levels_axis"][0]])
    high = np.array([found["radii"][-1], found["levels_axis"][-1]])
    results: list[Any] = yield [
        Step(
            lines_step,
            {
                "asked": asked,
                "number": params.item,
                "degrees": degrees,
                "resolution": params.landscape_resolution,
                "layers": params.layers,
                "low": low,
                "high": high,
            },
            label="Landscapes and the diagonal",
            share=0.2,
            memory=memory,
        ),
        Step(
            explore_step,
            {"asked": asked, "number": params.item, "degrees": degrees, "low": low, "high": high},
            label="Summands, and what to explore",
            share=0.2,
            memory=memory,
        ),
    ]
    from core.topology.describe_report import describe_result

    return describe_result(params, found, results[0], results[1])


def estimate_describe(params: DescribeParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the numbers of points alone."""
    outlined, cost = item_cost(params, inputs)
    lines = 2 * params.landscape_resolution
    seconds = 1.5 + 4 * cost.seconds + lines * (1e-4 + SECONDS_OF_LINE * outlined.most_points)
    seconds += EXPLORED_LINES * (1e-3 + SECONDS_OF_MATCHING * min(outlined.most_points, 1_000)) * len(params.degrees)
    return Estimate(seconds=seconds, memory=BASE_MEMORY + cost.memory, steps=3)
