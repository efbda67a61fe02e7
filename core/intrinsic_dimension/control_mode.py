"""Mode `control`: the smallest random subspace in which a policy solves a control task."""

from __future__ import annotations

from core.analysis import Compute, Estimate, Inputs, Step
from core.intrinsic_dimension.control.tasks import TASKS
from core.intrinsic_dimension.control_params import ControlParams

SECONDS_A_PARAMETER = 4e-6  # of a generation, measured on one core
TYPICAL_SHARE = 0.4  # of the generations that are run: what is solved stops early
SEEDS_A_RUN = 1_000_000


def compute_control(params: ControlParams, inputs: Inputs) -> Compute:
    """All searches side by side, then the grid's answer."""
    from core.intrinsic_dimension.control.evolution import search_subspace
    from core.intrinsic_dimension.control_report import control_result

    dimensions = sorted(set(params.subspace_dimensions))
    planned = [(dimension, place) for dimension in dimensions for place in range(params.replicates)]
    memory = estimate_control(params, inputs).memory
    seeds = [params.seed * SEEDS_A_RUN + number for number in range(len(planned))]
    found = yield [
        Step(
            search_subspace,
            {
                "task": params.task,
                "hidden": list(params.hidden),
                "generations": params.generations,
                "attempts": params.attempts,
                "subspace_dimension": dimension,
                "seed": seed,
            },
            label=f"Searching {dimension:,} dimensions",
            share=1 / len(planned),
            memory=memory,
        )
        for (dimension, _), seed in zip(planned, seeds, strict=True)
    ]
    return control_result(params, [dimension for dimension, _ in planned], seeds, found)


def estimate_control(params: ControlParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the sizes alone."""
    searches = len(set(params.subspace_dimensions)) * params.replicates
    generations = searches * params.generations * params.attempts * TYPICAL_SHARE
    size = params.full_dimension
    return Estimate(
        seconds=3 + generations * (TASKS[params.task].seconds + SECONDS_A_PARAMETER * size),
        memory=int(3e8 + 4.0 * size * (max(params.subspace_dimensions) + 100)),
        steps=searches,
    )
