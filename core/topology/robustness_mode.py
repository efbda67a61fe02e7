"""Mode `robustness`: how far is one item moved by noise, outliers and missing points?"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from core.analysis import Compute, Estimate, Inputs, Step
from core.topology.asked import filtration_for
from core.topology.costs import BASE_MEMORY, item_cost
from core.topology.robustness_params import SWEEPS, RobustnessParams
from core.topology.robustness_steps import look_step, sweep_step, yardstick_step

ITEMS_A_STEP = 5  # of the yardstick
MOST_UNITS = 4_000  # of mass, that are matched exactly


def compute_robustness(params: RobustnessParams, inputs: Inputs) -> Compute:
    """Looks at the item, then runs every size of every sweep, and the other items, beside each other."""
    asked, memory = params.asked(inputs), estimate_robustness(params, inputs).memory
    shared = {"number": params.item, "degrees": list(params.degrees), "invariant": params.invariant}
    (found,) = yield [
        Step(
            look_step,
            {
                "asked": asked,
                **shared,
                "sweeps": list(params.sweeps),
                "others": params.others,
                "bandwidth": params.kernel_bandwidth,
            },
            label="Reading the item",
            share=0.05,
            memory=memory,
        )
    ]
    asked = replace(asked, settings={**asked.settings, "bandwidth": found["bandwidth"]})
    shared |= {"low": found["low"], "high": found["high"], "bandwidth": params.kernel_bandwidth}
    sizes = [(sweep, size) for sweep in SWEEPS if sweep in found["sweeps"] for size in params.sizes(sweep)]
    chunks = [found["others"][start : start + ITEMS_A_STEP] for start in range(0, len(found["others"]), ITEMS_A_STEP)]
    share = 0.95 / (len(sizes) + len(chunks))
    results: list[Any] = yield [
        Step(
            sweep_step,
            {"asked": asked, **shared, "sweep": sweep, "size": size, "repeats": params.repeats},
            label=f"{sweep.capitalize()} {size:g}",
            share=share,
            memory=memory,
        )
        for sweep, size in sizes
    ] + [
        Step(
            yardstick_step,
            {"asked": asked, **shared, "places": chunk},
            label=f"{len(chunk)} other items",
            share=share,
            memory=memory,
        )
        for chunk in chunks
    ]
    rows = [row for part in results[: len(sizes)] for row in part]
    others = [row for part in results[len(sizes) :] for row in part]
    from core.topology.robustness_report import robustness_result

    return robustness_result(params, found, rows, others)


def estimate_robustness(params: RobustnessParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the numbers of points alone."""
    outlined, cost = item_cost(params, inputs)
    comparisons = params.repeats * sum(len(params.sizes(sweep)) for sweep in params.sweeps)
    points = outlined.most_points
    simplices = 0
    if filtration_for(params.filtration, outlined.form) == "rips":
        largest = round(points * (1 + max(params.outliers) * ("outliers" in params.sweeps)))
        simplices = math.comb(largest, max(params.degrees) + 2)
    units = min(2 * points, MOST_UNITS)
    matched = 3e-10 * units**3 + 3e-7 * units**2  # measured on clouds in the plane
    each = cost.seconds + matched * len(params.degrees) + 6e-9 * simplices + 3e-4 * points
    others = min(params.others, outlined.items - 1)
    seconds = 2.0 + comparisons * each + others * (2 * cost.seconds + matched)
    memory = BASE_MEMORY + cost.memory + 32 * units**2 + 200 * points**2 * bool(simplices)
    steps = 1 + sum(len(params.sizes(sweep)) for sweep in params.sweeps) + -(-others // ITEMS_A_STEP)
    return Estimate(seconds=seconds, memory=memory, steps=steps)
