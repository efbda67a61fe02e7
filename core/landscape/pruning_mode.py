"""Mode `pruning`: train dense networks, prune and retrain them, and name the regime of each cell."""

from __future__ import annotations

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
    """Trains the dense networks, then prunes and retrains them, one step a density."""
    sweep, memory = sweep_of(params, inputs, "width"), estimate_pruning(params, inputs).memory
    temperatures, densities = params.temperature_values(), params.density_values()
    seeds = [params.seed * SEEDS_A_STUDY + number for number in range(params.seeds)]
    (dense,) = yield [
        Step(
            train_cells,
            {"sweep": sweep, "load": float(params.width), "temperatures": list(temperatures), "seeds": seeds},
            device=sweep.device,
            label="Training the dense networks",
            share=0.2,
            memory=memory,
        )
    ]
    retraining = Retraining(
        tuple(params.seed * SEEDS_A_STUDY + number for number in range(params.twins)),
        params.retraining_rate,
        params.batch_size,
        params.retraining_epochs,
        params.momentum,
    )
    pruned: list[Any] = yield [
        Step(
            retrain_pruned,
            {
                "sweep": sweep,
                "weights": dense["weights"],
                "diverged": dense["diverged"],
                "density": density,
                "retraining": retraining,
            },
            device=sweep.device,
            label=f"Retraining at density {density:g}",
            share=0.8 / len(densities),
            memory=memory,
        )
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
    parameters = parameters_of(sweep, params.width, shape, classes)
    seconds = 0.0
    for temperature in params.temperature_values():
        recipe = sweep.recipe.at(params.temperature, temperature)
        twins = len(params.density_values()) * params.twins * params.retraining_epochs
        for passes, batch in ((recipe.epochs, recipe.batch_size), (twins, params.batch_size)):
            gradients = params.seeds * passes * max(1.0, rows / batch)
            seconds += gradients * (STEP_SECONDS if together else ALONE_SECONDS)
            seconds += params.seeds * passes * 6.0 * rows * parameters * reuse / MULTIPLICATIONS_A_SECOND
    networks = len(params.temperature_values()) * params.seeds * params.twins
    memory = int(
        6e8 + 24 * rows * prod(shape) + networks * (40.0 * parameters + 16.0 * params.batch_size * prod(shape) * reuse)
    )
    return Estimate(seconds=3 + seconds, memory=memory, steps=1 + len(params.density_values()))
