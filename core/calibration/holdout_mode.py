"""Mode `holdout`: how a holdout that is asked again and again begins to lie, and how Thresholdout stays honest."""

from __future__ import annotations

from core.analysis import Compute, Estimate, Inputs, Step
from core.calibration.holdout_params import HoldoutParams
from core.calibration.holdout_steps import demonstration_step, submissions_step


def compute_holdout(params: HoldoutParams, inputs: Inputs) -> Compute:
    """The demonstrations side by side and, where predictions are given, queries about them."""
    memory = estimate_holdout(params, inputs).memory
    steps = [
        Step(
            demonstration_step,
            {
                "samples": params.samples,
                "features": params.features,
                "informative": params.informative,
                "budget": params.budget,
                "seed": params.seed + repeat,
            },
            label=f"Demonstration {repeat + 1} of {params.repeats}",
            share=0.9 / params.repeats,
            memory=memory,
        )
        for repeat in range(params.repeats)
    ]
    if "predictions" in inputs:
        steps.append(
            Step(
                submissions_step,
                {
                    "source": inputs["predictions"],
                    "scores": params.scores,
                    "budget": params.budget,
                    "seed": params.seed,
                },
                label="Queries about your predictions",
                share=0.1,
                memory=memory,
            )
        )
    found = yield steps
    from core.calibration.holdout_report import holdout_result

    return holdout_result(params, found[: params.repeats], found[params.repeats] if "predictions" in inputs else None)


def estimate_holdout(params: HoldoutParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the numbers of samples and features."""
    cells = float(params.samples) * params.features
    details = inputs["predictions"].details if "predictions" in inputs else {}
    own = float(details.get("rows") or 0) * float(details.get("classes") or 0)
    return Estimate(
        seconds=1 + params.repeats * cells * 6e-8 + own * 1e-5,
        memory=int(300e6 + 18 * cells + 60 * own),
        steps=params.repeats + bool(own),
    )
