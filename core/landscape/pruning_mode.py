"""Mode `pruning`: train dense networks, prune and retrain them, and name the regime of each cell."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import prod
from typing import Any

from core.analysis import Compute, Estimate, Inputs, Step
from core.data.columns import class_count
from core.landscape.pruning.retrain_step import Retraining, retrain_pruned
from core.landscape.pruning_params import PruningParams
from core.landscape.sweep.problem import parameters_of
from core.landscape.sweep.train_step import train_cells
from core.landscape.sweep_mode import ALONE_SECONDS, MULTIPLICATIONS_A_SECOND, PLACES, STEP_SECONDS, sweep_of

SEEDS_A_STUDY = 1_000


def compute_pruning(params: PruningParams, inputs: Inputs) -> Compute:
    """Trains the dense networks, one step a width, then prunes and retrains them, one step a width and density."""
    sweep, memory = sweep_of(params, inputs, "width"), estimate_pruning(params, inputs).memory
    temperatures, densities, widths = params.temperature_values(), params.density_values(), params.width_values()
    seeds = [params.seed * SEEDS_A_STUDY + number for number in range(params.seeds)]
    dense: list[Any] = yield [
        Step(
            train_cells,
            {"sweep": sweep, "load": float(width), "temperatures": list(temperatures), "seeds": seeds},
            device=sweep.device,
            label="Training the dense networks" + (f" of width {width}" if len(widths) > 1 else ""),
            share=0.2 / len(widths),
            memory=memory,
        )
        for width in widths
    ]
    retraining = Retraining(
        tuple(params.seed * SEEDS_A_STUDY + number for number in range(params.twins)),
        params.retraining_rate,
        params.retraining_batch_size,
        params.retraining_epochs,
        params.momentum,
    )
    pruned: list[Any] = yield [
        Step(
            retrain_pruned,
            {
                "sweep": replace(sweep, width=width),
                "weights": networks["weights"],
                "diverged": networks["diverged"],
                "density": density,
                "retraining": retraining,
            },
            device=sweep.device,
            label=f"Retraining at density {density:g}" + (f", width {width}" if len(widths) > 1 else ""),
            share=0.8 / len(densities) / len(widths),
            memory=memory,
        )
        for width, networks in zip(widths, dense, strict=True)
        for density in densities
    ]
    from core.landscape.pruning_report import pruning_result

    return pruning_result(params, inputs["dataset"], dense, pruned)


def estimate_pruning(params: PruningParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the numbers of rows, features and parameters alone.

    Raises:
        BadInput: a convolutional architecture for what is no image.
    """
    details, sweep = inputs["dataset"].details, sweep_of(params, inputs, "width")
    shape = tuple(details.get("shape") or (details.get("features") or 100,))
    classes = max(2, class_count(inputs["dataset"], params.target) or 10)
    rows = min(int(details.get("rows") or params.most_rows), params.most_rows) * (1 - params.validation_fraction)
    together = params.architecture == "mlp"
    reuse = 1.0 if together else prod(shape[-2:]) / PLACES
    widths, densities = params.width_values(), params.density_values()
    parameters = [parameters_of(sweep, width, shape, classes) for width in widths]
    seconds = 0.0
    for temperature, size in product(params.temperature_values(), parameters):
        recipe = sweep.recipe.at(params.temperature, temperature)
        twins = len(densities) * params.twins * params.retraining_epochs
        for passes, batch in (
            (recipe.epochs * recipe.gradients, recipe.batch_size),
            (twins, params.retraining_batch_size),
        ):
            gradients = params.seeds * passes * max(1.0, rows / batch)
            seconds += gradients * ALONE_SECONDS.get(sweep.architecture, STEP_SECONDS)
            seconds += params.seeds * passes * 6.0 * rows * size * reuse / MULTIPLICATIONS_A_SECOND
    networks = len(params.temperature_values()) * params.seeds * params.twins
    batch = max(params.batch_size, params.retraining_batch_size)
    each = 40.0 * max(parameters) + 16.0 * batch * prod(shape) * reuse
    memory = int(6e8 + 24 * rows * prod(shape) + networks * each)
    return Estimate(seconds=3 + seconds, memory=memory, steps=len(widths) * (1 + len(densities)))
