"""Mode `sweep`: train networks at every load and temperature, measure them, and name the phase of each cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from core.analysis import Compute, Estimate, Inputs, Step, Stored
from core.data.columns import class_count
from core.landscape.pruning_params import PruningParams
from core.landscape.sweep.measure_step import Measuring, measure_load
from core.landscape.sweep.problem import STACKED_ON_CPU, Load, Recipe, Sweep, parameters_of
from core.landscape.sweep.train_step import train_cells
from core.landscape.sweep_params import SweepParams

# Measured on one core; they serve for the estimate alone.
MULTIPLICATIONS_A_SECOND = 1.5e10
STEP_SECONDS = 2e-5  # of a gradient of one network among many, whatever its size
NETWORK_SECONDS = 0.25  # of measuring a network, whatever its size
ALONE_SECONDS = {"cnn": 2e-3, "resnet": 1e-2}  # of a gradient of a network that is trained by itself
PLACES = 4  # of a sample where the same weight of a convolution is used, relative to the pixels


def compute_sweep(params: SweepParams, inputs: Inputs) -> Compute:
    """Trains the networks of each load, then measures them and draws the map.

    A step holds all temperatures of a load where networks are trained together, else one: what is finished when a run
    is interrupted is not done again. The weights go from step to step and are never all in one place.
    """
    sweep, memory = sweep_of(params, inputs, params.load), estimate_sweep(params, inputs).memory
    loads, temperatures = params.load_values(), params.temperature_values()
    groups = [temperatures] if sweep.stacked else [(temperature,) for temperature in temperatures]
    pieces = [(load, group) for load in loads for group in groups]
    seeds = [params.seed * 1_000 + number for number in range(params.seeds)]
    share = 1 / len(pieces)
    trained: list[Stored] = yield [
        Step(
            train_cells,
            {"sweep": sweep, "load": load, "temperatures": list(group), "seeds": seeds},
            device=sweep.device,
            label=f"Training at {_place(params, load, group)}",
            share=0.4 * share,
            memory=memory,
            stored=True,
        )
        for load, group in pieces
    ]
    measuring = Measuring(
        params.curve_epochs, params.curve_learning_rate, params.batch_size, params.curvature_rows, params.products
    )
    measured: list[Any] = yield [
        Step(
            measure_load,
            {"sweep": sweep, "load": load, "trained": networks, "measuring": measuring},
            device=sweep.device,
            label=f"Measuring at {_place(params, load, group)}",
            share=0.6 * share,
            memory=memory,
        )
        for (load, group), networks in zip(pieces, trained, strict=True)
    ]
    from core.landscape.sweep_report import sweep_result

    return sweep_result(params, inputs["dataset"], _of_loads(measured, len(groups)))


def _place(params: SweepParams, load: float, temperatures: Sequence[float]) -> str:
    """Load, and temperature where it is one."""
    knobs = [f"{params.load} {load:g}".replace("_", " ")]
    if len(temperatures) == 1:
        knobs.append(f"{params.temperature} {temperatures[0]:g}".replace("_", " "))
    return ", ".join(knobs)


def _of_loads(pieces: Sequence[Mapping[str, Any]], groups: int) -> list[dict[str, Any]]:
    """What the steps of each load found, along its temperatures."""
    return [_joined(pieces[first : first + groups]) for first in range(0, len(pieces), groups)]


def _joined(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    import numpy as np

    return {
        name: _joined([part[name] for part in parts])
        if isinstance(value, Mapping)
        else np.concatenate([part[name] for part in parts])
        for name, value in parts[0].items()
    }


def sweep_of(params: SweepParams | PruningParams, inputs: Inputs, load: Load) -> Sweep:
    """What is trained, out of parameters and inputs, with the knob that is the load."""
    return Sweep(
        dataset=inputs["dataset"],
        target=params.target,
        architecture=params.architecture,
        load=load,
        temperature=params.temperature,
        width=params.width,
        recipe=Recipe(
            params.learning_rate,
            params.batch_size,
            params.epochs,
            params.weight_decay,
            params.momentum,
            params.sam_rho,
        ),
        scaling=params.scaling,
        most_rows=params.most_rows,
        validation_fraction=params.validation_fraction,
        seed=params.seed,
        device=params.device,
    )


def estimate_sweep(params: SweepParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the numbers of rows, features and parameters alone.

    Raises:
        BadInput: a convolutional architecture for what is no image.
    """
    details, sweep = inputs["dataset"].details, sweep_of(params, inputs, params.load)
    shape = tuple(details.get("shape") or (details.get("features") or 100,))
    classes = max(2, class_count(inputs["dataset"], params.target) or 10)
    rows = min(int(details.get("rows") or params.most_rows), params.most_rows) * (1 - params.validation_fraction)
    loads, temperatures = params.load_values(), params.temperature_values()
    together = sweep.architecture in STACKED_ON_CPU
    reuse = 1.0 if together else prod(shape[-2:]) / PLACES
    pairs = params.seeds * (params.seeds - 1) // 2
    seconds, largest = 0.0, 0
    for load in loads:
        parameters = parameters_of(sweep, load, shape, classes)
        largest = max(largest, parameters)
        for temperature in temperatures:
            recipe = sweep.recipe.at(params.temperature, temperature)
            passes = params.seeds * recipe.epochs * recipe.gradients + pairs * params.curve_epochs
            gradients = passes * max(1.0, rows / recipe.batch_size)
            seconds += gradients * ALONE_SECONDS.get(sweep.architecture, STEP_SECONDS)
            seconds += NETWORK_SECONDS * params.seeds
            work = 6.0 * rows * parameters * reuse
            seconds += (passes + 2.5 * params.seeds * params.products) * work / MULTIPLICATIONS_A_SECOND
    networks = len(temperatures) * max(params.seeds, pairs)
    values = int(rows) * prod(shape)
    memory = int(6e8 + 24 * values + networks * (40.0 * largest + 16.0 * params.batch_size * prod(shape) * reuse))
    return Estimate(
        seconds=3 + seconds, memory=memory, steps=2 * len(loads) * (1 if sweep.stacked else len(temperatures))
    )
