"""From which size on a score is an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.telemetry.detection.nonparametric_threshold import nonparametric_threshold

ThresholdRule = Literal["automatic", "quantile", "telemanom", "manual"]
QUANTILE = 0.999  # of the nominal rows


@dataclass(frozen=True)
class Threshold:
    """The threshold in force.

    Attributes:
        value: in sigma of the smoothed score.
        rule: that gave it: "quantile", "telemanom" or "manual".
    """

    value: float
    rule: str


def choose_threshold(
    score: np.ndarray,
    nominal: np.ndarray,
    rule: ThresholdRule = "automatic",
    manual: float | None = None,
    quantile: float = QUANTILE,
    buffer: int = 0,
) -> Threshold:
    """The threshold of one parameter.

    Args:
        score: [rows] signed score in sigma, NaN where there is none.
        nominal: [rows] bool.
        rule: "quantile": that of the nominal rows' sizes; "telemanom": of all rows; "automatic": the larger of the two;
            "manual": the number given.
        manual: in sigma.
        quantile: from 0 to 1.
        buffer: rows by which telemanom widens what is above.
    """
    if rule == "manual" and manual is not None:
        return Threshold(float(manual), "manual")
    size = np.abs(score)
    usual = size[nominal & ~np.isnan(size)]
    found = []
    if rule in ("automatic", "quantile"):
        found.append(Threshold(float(np.quantile(usual, quantile)), "quantile"))
    if rule in ("automatic", "telemanom"):
        found.append(Threshold(nonparametric_threshold(size, buffer).threshold, "telemanom"))
    return max(found, key=lambda one: one.value)
