"""The parameters of mode `population`, with their defaults and bounds."""

from __future__ import annotations

from typing import Literal

from core.analysis import Params, parameter
from core.calibration.evaluate_params import SCORES_HELP


class PopulationParams(Params):
    """Which findings on calibration hold across models: seven questions, each as rank correlations beside their noise."""

    mode: Literal["population"] = "population"
    bins: int = parameter(
        15,
        title="Bins",
        description="Bin count of the binned metrics in questions that take one; the nearest that is known is used.",
        unit="bins",
        main=True,
        minimum=2,
        maximum=1000,
    )
    temperature: Literal["likelihood", "study"] = parameter(
        "likelihood",
        title="Temperature by",
        description="likelihood: the T with the lowest NLL; study: the T of the grid 0.1, 0.2, ..., 10 with the lowest "
        "15-bin ECE, as published.",
        main=True,
    )
    accurate: float = parameter(
        0.9,
        title="Accurate above",
        description="Accuracy from which on a model counts as accurate in question v.",
        main=True,
        minimum=0.0,
        maximum=1.0,
    )
    convention: Literal["study", "netcal", "torchmetrics", "sklearn"] = parameter(
        "study", title="Convention", description="Whose definitions the metrics follow.", main=True
    )
    least_accuracy: float = parameter(
        0.0,
        title="Least accuracy",
        description="Models below are left out of every question, such as those that are no better than chance (1/K for "
        "K classes); 0 keeps all.",
        minimum=0.0,
        maximum=1.0,
    )
    beta: float = parameter(
        1.0, title="HCS beta", description="Weight of calibration in the hybrid score.", minimum=0.01, maximum=100.0
    )
    splits: int = parameter(
        3,
        title="Halvings",
        description="Random halvings of the rows, which tell how large a rank correlation noise lets through; one is enough for hundreds of "
        "models.",
        minimum=1,
        maximum=50,
    )
    fit_share: float = parameter(
        0.2,
        title="Fit share",
        description="Where models bring no validation part: share of the rows that the temperature is fitted on.",
        minimum=0.05,
        maximum=0.95,
    )
    samples: int | None = parameter(
        None,
        title="Test samples",
        description="For a table of metrics alone: how many samples they were measured on, for the noise floor.",
        minimum=2,
        maximum=1_000_000_000,
    )
    resamples: int = parameter(
        200, title="Resamples", description="Of the models, for the intervals.", minimum=20, maximum=5000
    )
    level: float = parameter(
        0.9, title="Level", description="Share that each interval is meant to cover.", minimum=0.5, maximum=0.999
    )
    device: Literal["cpu", "gpu"] = parameter(
        "cpu",
        title="Device",
        description="Where the models of a file are measured; gpu waits for a worker that has one. The built-in population, whose "
        "networks are tiny, stays on the processor.",
    )
    scores: Literal["auto", "logits", "probabilities"] = parameter("auto", title="Scores", description=SCORES_HELP)
    seed: int = parameter(
        0, title="Seed", description="Of splits, resamples and trainings.", minimum=0, maximum=2**31 - 1
    )
