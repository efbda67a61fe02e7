"""Mode `degeneracy`: how many directions of a network make no difference, of brought checkpoints or of networks trained here."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from core.analysis import Compute, Estimate, Inputs, Step
from core.data.columns import class_count
from core.errors import BadInput
from core.landscape.degeneracy.chains_step import Sampling, chains_step
from core.landscape.degeneracy.examined import Grown, Origin, names_step
from core.landscape.degeneracy.layers_step import SHUFFLES, Looking, layers_step
from core.landscape.degeneracy.sizes import check_width, widest
from core.landscape.degeneracy_params import DegeneracyParams
from core.landscape.own.brought import Brought
from core.landscape.sweep.problem import Recipe, Sweep
from core.landscape.sweep.train_step import train_cells

if TYPE_CHECKING:
    from core.models.architectures import Architecture

MOMENTUM = 0.9
SEEDS_A_RUN = 1_000

# Measured on one core; they serve for the estimate alone.
MULTIPLICATIONS_A_SECOND = 8e9
STEP_SECONDS = 4e-4  # of a step of all chains, whatever the network
TRAINING_SECONDS = 1e-4  # of a gradient of a network among several
EDGE_SECONDS = 4e-5  # of an interaction in one division in modules
PLACES = 4  # of a sample where a weight of a convolution is used, relative to the pixels


def compute_degeneracy(params: DegeneracyParams, inputs: Inputs) -> Compute:
    """Trains or reads the networks, then looks into the layers of each and samples the loss around it."""
    memory = estimate_degeneracy(params, inputs).memory
    origin: Origin
    if "checkpoints" in inputs:
        origin = brought_of(params, inputs)
        (look,) = yield [
            Step(
                names_step,
                {"brought": origin},
                label="Reading checkpoints and data",
                share=0.05,
                memory=memory,
            )
        ]
        names, description, diverged = look["names"], look["description"], 0
    else:
        sweep = sweep_of(params, inputs)
        seeds = [params.seed * SEEDS_A_RUN + number for number in range(params.seeds)]
        arguments = {
            "sweep": sweep,
            "load": float(params.width),
            "temperatures": [params.learning_rate],
            "seeds": seeds,
        }
        (trained,) = yield [
            Step(train_cells, arguments, device=params.device, label="Training the networks", share=0.2, memory=memory)
        ]
        kept = ~trained["diverged"][0]
        if not kept.any():
            raise BadInput(
                f"All {params.seeds} networks diverged at learning rate {params.learning_rate:g}; take a smaller one."
            )
        buffers = {name: values[0][kept] for name, values in trained["buffers"].items()}
        origin = Grown(sweep, float(params.width), trained["weights"][0][kept], buffers)
        names = [f"seed {number}" for number in range(params.seeds) if kept[number]]
        description, diverged = f"{params.network} of width {params.width}, trained here", params.seeds - len(names)
    looking = Looking(params.tolerance, params.layer_rows, params.behaviour_rows, params.seed)
    found: list[Any] = yield [
        step
        for place, name in enumerate(names)
        for step in (
            Step(
                layers_step,
                {"origin": origin, "place": place, "looking": looking, "device": params.device},
                device=params.device,
                label=f"Layers of {name}",
                share=0.25 / len(names),
                memory=memory,
            ),
            Step(
                chains_step,
                {"origin": origin, "place": place, "sampling": sampling_of(params), "device": params.device},
                device=params.device,
                label=f"Chains around {name}",
                share=0.5 / len(names),
                memory=memory,
            ),
        )
    ]
    from core.landscape.degeneracy_report import Subject, degeneracy_result

    subject = Subject(inputs["dataset"].name, description, tuple(names), diverged)
    return degeneracy_result(params, subject, found[0::2], found[1::2])


def brought_of(params: DegeneracyParams, inputs: Inputs) -> Brought:
    """Checkpoints and data, out of parameters and inputs."""
    return Brought(
        checkpoints=inputs["checkpoints"],
        dataset=inputs["dataset"],
        table=None,
        target=params.target,
        architecture=params.architecture.strip(),
        scaling="none" if params.scaling == "automatic" else params.scaling,
        most_rows=params.most_rows,
    )


def sweep_of(params: DegeneracyParams, inputs: Inputs) -> Sweep:
    """What is trained where nothing is brought: one width, one learning rate."""
    return Sweep(
        dataset=inputs["dataset"],
        target=params.target,
        architecture=params.network,
        load="width",
        temperature="learning_rate",
        width=params.width,
        recipe=Recipe(params.learning_rate, params.batch_size, params.epochs, params.weight_decay, MOMENTUM),
        scaling=params.scaling,
        most_rows=params.most_rows,
        validation_fraction=0.2,
        seed=params.seed,
        device=params.device,
    )


def sampling_of(params: DegeneracyParams) -> Sampling:
    """How chains are run, out of parameters."""
    return Sampling(
        params.chains,
        params.burn_in,
        params.draws,
        params.gamma,
        params.nbeta,
        params.step,
        params.chain_batch,
        params.seed,
    )


def estimate_degeneracy(params: DegeneracyParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the numbers of rows, features and parameters alone.

    Raises:
        BadInput: a convolutional network for what is no image.
        TooLarge: layers whose eigenvalues would not fit.
    """
    details = inputs["dataset"].details
    shape = tuple(details.get("shape") or (details.get("features") or 100,))
    classes = max(2, class_count(inputs["dataset"], params.target) or 10)
    brought = inputs.get("checkpoints")
    architecture = _architecture(params, inputs, shape, classes)
    if architecture is not None:
        check_width(
            architecture, inputs["checkpoints"].name if brought else f"{params.network} of width {params.width}"
        )
    networks = int(brought.details.get("checkpoints") or 1) if brought else params.seeds
    parameters = (
        architecture.parameters if architecture else int(brought.details.get("parameters") or 100_000) if brought else 0
    )
    convolves = architecture is None or architecture.architecture != "mlp"
    reuse = prod(shape[-2:]) / PLACES if convolves else 1.0
    rows = min(int(details.get("rows") or params.most_rows), params.most_rows)
    one_row = 6.0 * parameters * reuse / MULTIPLICATIONS_A_SECOND  # seconds of the gradient of a row
    steps = params.burn_in + params.draws
    seconds = steps * (STEP_SECONDS + params.chains * params.chain_batch * one_row)
    seconds += 30 * rows * one_row * 2.5  # the largest curvature
    width = widest(architecture) if architecture else 600
    some, outputs = min(rows, params.layer_rows), classes
    seconds += 20.0 * width**3 / MULTIPLICATIONS_A_SECOND + some * outputs * one_row
    if not convolves:
        seconds += (1 + SHUFFLES) * EDGE_SECONDS * min(parameters, 20_000)
    seen = min(rows, params.behaviour_rows, max(1, 100_000_000 // max(1, outputs * parameters))) * outputs
    small = min(seen, parameters)
    seconds += (2.0 * seen * parameters * small + 10.0 * small**3) / MULTIPLICATIONS_A_SECOND
    total = networks * seconds
    if not brought:
        total += networks * params.epochs * 0.8 * rows * (TRAINING_SECONDS / params.batch_size + one_row)
    memory = 6e8 + 16.0 * rows * prod(shape) + 12.0 * seen * parameters + 40.0 * width**2
    memory += params.chains * (24.0 * parameters + 16.0 * params.chain_batch * prod(shape) * (32 if convolves else 4))
    memory += 8.0 * params.chains * steps
    return Estimate(seconds=3 + total, memory=int(memory), steps=1 + 2 * networks)


def _architecture(
    params: DegeneracyParams, inputs: Inputs, shape: tuple[int, ...], classes: int
) -> Architecture | None:
    """Of what is looked at; None for checkpoints that do not say it."""
    from core.models.architectures import Cnn, parse_architecture
    from core.models.builtin import image_shape, mlp_for

    if "checkpoints" in inputs:
        said = params.architecture.strip() or inputs["checkpoints"].details.get("architecture")
        return parse_architecture(said) if said else None
    if params.network == "mlp":
        return mlp_for(shape, (params.width, params.width), classes)
    return Cnn(channels=image_shape(shape, "cnn")[0], width=params.width, classes=classes)
