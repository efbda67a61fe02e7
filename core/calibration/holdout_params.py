"""The parameters of mode `holdout`, with their defaults and bounds."""

from __future__ import annotations

from typing import Literal

from core.analysis import Params, parameter
from core.calibration.evaluate_params import SCORES_HELP


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
