"""The parameters of mode `detect`, with their defaults and bounds."""

from __future__ import annotations

from typing import Literal

from core.analysis import parameter
from core.telemetry.detection_params import DetectionParams


class DetectParams(DetectionParams):
    """Where each parameter leaves what its own past lets expect, what moved first, and which covariate explains it."""

    mode: Literal["detect"] = "detect"
    combine: Literal["mean", "top3"] = parameter(
        "mean",
        title="Combined score",
        description="Of all parameters together: mean of their sizes, or of the three largest alone.",
    )
    interactions: bool = parameter(
        False,
        title="Interactions",
        description="Which covariates explain each listed event together: exact SHAP interaction values at its peak; some "
        "seconds an event with dozens of covariates.",
    )
    window: int = parameter(
        100,
        title="VUS window",
        description="Longest slope around labelled events that VUS grants, in rows; TSB-AD and aeon differ in the rest.",
        unit="rows",
        minimum=0,
        maximum=10_000,
    )
    resamples: int = parameter(
        100,
        title="Resamples",
        description="Of the labelled events, for the intervals of the scores; 0 leaves the intervals out.",
        minimum=0,
        maximum=5000,
    )
