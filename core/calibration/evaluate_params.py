"""The parameters of mode `evaluate`, with their defaults and bounds."""

from __future__ import annotations

from typing import Literal

from core.analysis import Params, parameter

SCORES_HELP = (
    "What the values are; auto: what their name in the file says, and a question back where the values contradict it."
)


class EvaluateParams(Params):
    """How far a model's stated probabilities are from what happens, and how much of that chance alone would show."""

    mode: Literal["evaluate"] = "evaluate"
    convention: Literal["study", "netcal", "torchmetrics", "sklearn"] = parameter(
        "study",
        title="Convention",
        description="Whose definitions the metrics follow: edges of bins, scale of the Brier score, clipping of the NLL; "
        "a table shows what each would give.",
        main=True,
    )
    diagram_bins: int = parameter(
        15,
        title="Bins of the diagram",
        description="Bins of equal width in the reliability diagrams; the metrics are given at nine bin counts anyway.",
        unit="bins",
        main=True,
        minimum=2,
        maximum=100,
    )
    scores: Literal["auto", "logits", "probabilities"] = parameter(
        "auto", title="Scores", description=SCORES_HELP, main=True
    )
    resamples: int = parameter(
        200,
        title="Resamples",
        description="Bootstrap samples for the intervals, and labellings by a perfectly calibrated model for floor and "
        "p-value; time grows in proportion.",
        minimum=20,
        maximum=5000,
    )
    device: Literal["cpu", "gpu"] = parameter(
        "cpu",
        title="Device",
        description="Where the resampled metrics are computed; gpu waits for a worker that has one.",
    )
    level: float = parameter(
        0.9, title="Level", description="Share that each interval is meant to cover.", minimum=0.5, maximum=0.999
    )
    seed: int = parameter(0, title="Seed", description="Of the resampling.", minimum=0, maximum=2**31 - 1)
