"""Mode `holdout`: how a holdout that is asked again and again begins to lie, and how Thresholdout stays honest."""

from __future__ import annotations

from typing import Literal

from core.analysis import Compute, Estimate, Inputs, Params, Step, parameter
from core.calibration.evaluate_mode import SCORES_HELP
from core.calibration.holdout_steps import demonstration_step, submissions_step


class HoldoutParams(Params):
    """How far a holdout that is asked again and again drifts from the truth, with and without Thresholdout."""

    mode: Literal["holdout"] = "holdout"
    samples: int = parameter(
        4000,
        title="Samples",
        description="Of each of the three parts: to learn from, to hold out, and fresh ones.",
        unit="samples",
        main=True,
        minimum=100,
        maximum=20_000,
    )
    features: int = parameter(
        4000,
        title="Features",
        description="Coin flips that are tried against labels that are coin flips too.",
        unit="features",
        main=True,
        minimum=10,
        maximum=20_000,
    )
    informative: int = parameter(
        0,
        title="Informative features",
        description="How many features do say something of the label; none is pure noise.",
        main=True,
        minimum=0,
        maximum=1000,
    )
    budget: int | None = parameter(
        None,
        title="Budget",
        description="How often the holdout may contradict the training part; automatic: a tenth of the samples.",
        main=True,
        minimum=1,
        maximum=1_000_000,
    )
    repeats: int = parameter(
        5, title="Repeats", description="Independent demonstrations, with seeds that follow.", minimum=1, maximum=50
    )
    scores: Literal["auto", "logits", "probabilities"] = parameter("auto", title="Scores", description=SCORES_HELP)
    seed: int = parameter(0, title="Seed", description="Of samples and noise.", minimum=0, maximum=2**31 - 1)


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
