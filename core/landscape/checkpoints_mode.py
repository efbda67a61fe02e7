"""Mode `checkpoints`: curvature, connectivity, similarity, averages, surface and phases of what a person trained."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from core.analysis import Compute, Estimate, Inputs, Step
from core.landscape.checkpoints_params import CheckpointsParams
from core.landscape.own.average_steps import average_step, fine_tuning_step
from core.landscape.own.brought import Brought
from core.landscape.own.measure_steps import curvature_step, look_step, pair_step, surface_step

MULTIPLICATIONS_A_SECOND = 1.5e10  # on one core, measured; for the estimate alone
REUSE = {"lenet5": 0.036, "cnn": 0.25, "resnet": 0.2}  # of each parameter by one pixel of a sample; once by others
PASSES = 3.0  # of a gradient, in multiplications a parameter and sample
PRODUCT = 2.5  # of a Hessian-vector product, in gradients
FISHER_ROW = 40.0  # of the Fisher information of one row, in gradients of it: one a class, and slower alone
AVERAGES, SEEDS = 8, 3  # averages of a family; checkpoints of a usual cell


def compute_checkpoints(params: CheckpointsParams, inputs: Inputs) -> Compute:
    """Looks at what was brought, measures each checkpoint, each pair and each average, and the plane around the first."""
    brought, memory = brought_of(params, inputs), estimate_checkpoints(params, inputs).memory
    (look,) = yield [
        Step(
            look_step,
            {"brought": brought, "most_pairs": params.most_pairs, "pretrained": params.pretrained.strip()},
            label="Reading checkpoints and data",
            share=0.05,
            device=params.device,
            memory=memory,
        )
    ]
    names, pairs = look["names"], look["pairs"]
    spectra: list[Any] = yield [
        Step(
            curvature_step,
            {
                "brought": brought,
                "place": place,
                "eigenvalues": params.eigenvalues,
                "products": params.products,
                "rows": params.curvature_rows,
                "statistics": params.statistics,
                "seed": params.seed,
            },
            label=f"Curvature of {name}",
            share=0.35 / len(names),
            device=params.device,
            memory=memory,
        )
        for place, name in enumerate(names)
    ]
    measured: list[Any] = yield [
        *(
            Step(
                pair_step,
                {
                    "brought": brought,
                    "first": first,
                    "second": second,
                    "curve_epochs": params.curve_epochs,
                    "curve_learning_rate": params.curve_learning_rate,
                    "batch_size": params.batch_size,
                    "rows": params.curvature_rows,
                    "seed": params.seed,
                },
                label=f"{names[first]} and {names[second]}",
                share=0.3 / max(len(pairs), 1),
                device=params.device,
                memory=memory,
            )
            for first, second in pairs
        ),
        Step(
            surface_step,
            {"brought": brought, "points": params.surface_points, "rows": params.curvature_rows, "seed": params.seed},
            label="The surface around the first",
            share=0.1,
            device=params.device,
            memory=memory,
        ),
        *_average_steps(params, inputs, look, brought, memory),
    ]
    found, surface, averaged = measured[: len(pairs)], measured[len(pairs)], measured[len(pairs) + 1 :]
    from core.landscape.checkpoints_report import checkpoints_result

    return checkpoints_result(params, inputs, look, spectra, found, surface, averaged)


def _average_steps(
    params: CheckpointsParams, inputs: Inputs, look: Mapping[str, Any], brought: Brought, memory: int
) -> list[Step]:
    """A step a family, then a step a fine-tuned checkpoint."""
    if not params.averaging:
        return []
    shared = {
        "brought": brought,
        "held_out": inputs.get("held_out"),
        "choosing_share": params.choosing_share,
        "seed": params.seed,
    }
    names, start = look["names"], look["pretrained"]
    tuned = [place for place in range(len(names)) if place != start] if start is not None else []
    share = 0.2 / max(1, len(look["families"]) + len(tuned))
    families = [
        Step(
            average_step,
            {**shared, "members": family["members"], "fisher_rows": params.fisher_rows},
            label=f"Averages of {len(family['members'])} checkpoints",
            share=share,
            device=params.device,
            memory=memory,
        )
        for family in look["families"]
    ]
    lines = [
        Step(
            fine_tuning_step,
            {**shared, "before": start, "after": place, "points": params.line_points},
            label=f"From {names[start]} to {names[place]}",
            share=share,
            device=params.device,
            memory=memory,
        )
        for place in tuned
    ]
    return families + lines


def brought_of(params: CheckpointsParams, inputs: Inputs) -> Brought:
    """What was brought, out of parameters and inputs."""
    return Brought(
        checkpoints=inputs["checkpoints"],
        dataset=inputs["dataset"],
        table=inputs.get("table"),
        target=params.target,
        architecture=params.architecture.strip(),
        scaling=params.scaling,
        most_rows=params.most_rows,
        device=params.device,
    )


def estimate_checkpoints(params: CheckpointsParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the numbers of checkpoints, parameters and rows alone."""
    details, data = inputs["checkpoints"].details, inputs["dataset"].details
    count, parameters = int(details.get("checkpoints") or 1), int(details.get("parameters") or 100_000)
    shape = tuple(data.get("shape") or (data.get("features") or 100,))
    unsaid = "cnn" if len(shape) > 1 else "mlp"  # a program does not say what it is; of images, likely convolutions
    kind = (details.get("architecture") or {}).get("architecture", unsaid)
    rows = min(int(data.get("rows") or params.most_rows), params.most_rows)
    pairs = min(params.most_pairs, count * (count - 1) // 2)
    reuse = max(1.0, REUSE[kind] * prod(shape[-2:])) if kind in REUSE else 1.0
    gradient = 2 * PASSES * parameters * reuse / MULTIPLICATIONS_A_SECOND  # of one row
    some = min(rows, params.curvature_rows)
    seconds = count * (0.3 + PRODUCT * params.products * some * gradient)
    seconds += pairs * (
        0.5 + (params.curve_epochs + 10) * rows * gradient + params.curve_epochs * rows / params.batch_size * 1e-3
    )
    seconds += params.surface_points**2 * (1e-3 + some * gradient / 3)
    families = 1 + count // SEEDS
    if params.averaging and count > 1:
        seconds += 2 * count * (0.2 + FISHER_ROW * min(rows, params.fisher_rows) * gradient)
        seconds += (families * AVERAGES + 4 * count) * (2e-3 + 2 * rows * gradient / 3)
    memory = int(
        6e8 + 12.0 * count * parameters + 16.0 * rows * prod(shape) + 200.0 * some * prod(shape) * (kind != "mlp")
    )
    return Estimate(seconds=3 + seconds, memory=memory, steps=2 + count + pairs + families)
