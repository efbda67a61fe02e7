"""Mode `optimise`: where do points go, or values, when a loss of their topology is lowered by its derivatives?"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.analysis import Compute, Estimate, Inputs, Step
from core.topology.asked import filtration_for
from core.topology.costs import BASE_MEMORY, item_cost
from core.topology.optimise_limits import check_form, check_size
from core.topology.optimise_params import OptimiseParams
from core.topology.optimise_steps import begin, check_step, compare_step, iterate_step, start_step

CHUNK, MOST_CHUNKS = 10, 100  # iterations in a step, unless there are too many steps then
FRAMES = 30  # of the film
TORCH_MEMORY = 250_000_000
EVALUATION_SECONDS = 4e-3  # of torch's own work in an evaluation, and for each point
POINT_SECONDS = 3e-5
LANDSCAPE_SECONDS = 5e-5  # more for each point


def compute_optimise(params: OptimiseParams, inputs: Inputs) -> Compute:
    """Poses the problem, checks the gradient, goes downhill some iterations a step, checks again and compares."""
    asked, memory = params.asked(inputs), estimate_optimise(params, inputs).memory
    target_item = params.target_item if params.target == "item" else 0
    choice = {
        "loss": params.loss,
        "variables": params.variables,
        "degrees": list(params.loss_degrees()),
        "loss_level": params.loss_level,
        "target_item": target_item,
        "box_weight": params.box_weight,
        "anchor_weight": params.anchor_weight,
    }
    arguments: dict[str, Any] = {"asked": asked, "number": params.item, "choice": choice}
    (found,) = yield [Step(start_step, arguments, label="Posing the problem", share=0.03, memory=memory)]
    problem = found["problem"]
    states = [begin(problem, start, params.noise, params.seed) for start in range(params.starts)]
    runs: list[list[dict[str, Any]]] = [[] for _ in states]
    chunks = chunks_of(params.iterations)
    every = max(1, -(-params.iterations // (FRAMES - 1)))
    for count in chunks:
        parts: list[Any] = yield [
            Step(
                iterate_step,
                {
                    "problem": problem,
                    "state": state,
                    "count": count,
                    "total": params.iterations,
                    "learning_rate": params.learning_rate,
                    "every": every,
                    "start": start,
                },
                label=_label(state["iteration"], count, start, params.starts),
                share=0.8 / (len(chunks) * params.starts),
                memory=memory,
            )
            for start, state in enumerate(states)
        ]
        states = [part["state"] for part in parts]
        for run, part in zip(runs, parts, strict=True):
            run.append(part)
    losses = [float(run[-1]["rows"].loss.iloc[-1]) for run in runs]
    best = int(np.argmin(losses))
    after = states[best]["variables"]
    before = begin(problem, best, params.noise, params.seed)["variables"]  # in full precision
    places = [("before", before), ("after", after)] if params.iterations else [("before", before)]
    checks = [
        Step(
            check_step,
            {"problem": problem, "variables": variables, "count": params.check_gradient, "seed": params.seed},
            label=f"Checking the gradient {when}",
            share=0.12 / len(places),
            memory=memory,
        )
        for when, variables in places
        if params.check_gradient
    ]
    compare = Step(
        compare_step,
        {"problem": problem, "before": before, "after": after, "resolution": params.resolution},
        label="Hilbert functions before and after",
        share=0.05,
        memory=memory,
    )
    *checked, compared = yield [*checks, compare]
    from core.topology.optimise_report import optimise_result

    gradients = {when: table for (when, _), table in zip(places, checked, strict=False)}
    return optimise_result(params, found, runs, best, before, after, gradients, compared)


def chunks_of(iterations: int) -> list[int]:
    """How many iterations each step does; a step without iterations measures the loss.

    >>> chunks_of(25), chunks_of(0)
    ([10, 10, 5], [0])
    """
    size = max(CHUNK, -(-iterations // MOST_CHUNKS))
    return [min(size, iterations - done) for done in range(0, max(iterations, 1), size)]


def estimate_optimise(params: OptimiseParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the numbers of points alone.

    Raises:
        BadInput: data without points of their own.
        TooLarge: more points than can be optimised.
    """
    outlined, cost = item_cost(params, inputs)
    name = inputs["data"].name
    check_form(name, outlined.form)
    check_size(name, outlined.most_points, filtration_for(params.filtration, outlined.form))
    each = EVALUATION_SECONDS + POINT_SECONDS * outlined.most_points + cost.seconds
    if params.loss == "open_loops":
        each += LANDSCAPE_SECONDS * outlined.most_points
    evaluations = params.starts * (params.iterations + 1) + 4 * params.check_gradient
    steps = 2 + params.starts * len(chunks_of(params.iterations)) + 2 * (params.check_gradient > 0)
    pairs = 200 * outlined.most_points**2  # tables of the second parameter and what its derivatives keep
    return Estimate(
        seconds=3.0 + evaluations * each, memory=BASE_MEMORY + TORCH_MEMORY + cost.memory + pairs, steps=steps
    )


def _label(done: int, count: int, start: int, starts: int) -> str:
    words = f"Iterations {done + 1:,} to {done + count:,}" if count else "The loss at the start"
    return words if starts == 1 else f"{words}, start {start + 1} of {starts}"
