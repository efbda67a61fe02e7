"""What a parameter's own past says of its next value: the features and the target of the first model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.telemetry.detection.lags import lagged

Form = Literal["increment", "level"]


@dataclass(frozen=True, eq=False)
class OwnPast:
    """One parameter as a regression.

    Attributes:
        features: [rows, features] float64; NaN in rows whose past is not known in full.
        target: [rows] what is predicted; NaN where the value or its past is not known.
        offset: [rows] what a prediction is added to, so that it becomes one of the value itself.
    """

    features: np.ndarray
    target: np.ndarray
    offset: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """[rows] bool, rows that can be learned from and judged."""
        return ~np.isnan(self.target)


def own_past(values: np.ndarray, lags: Sequence[int], form: Form) -> OwnPast:
    """Features and target of a parameter.

    "level": from y(t - L1), ..., y(t - Lm) to y(t). "increment": from those and the differences y(t - L1) - y(t - Lk)
    to y(t) - y(t - L1). Trees can't extrapolate: a level that never occurred leaves the first form with an endless
    residual, the second with one at the change.

    Args:
        values: [rows], NaN where unknown.
        lags: in rows, ascending.
        form: of the two.
    """
    past = [lagged(values, rows) for rows in lags]
    recent = past[0]
    columns = past if form == "level" else [*past, *(recent - before for before in past[1:])]
    features = np.column_stack(columns)
    offset = np.zeros(len(values)) if form == "level" else recent
    target = np.where(np.isnan(features).any(axis=1), np.nan, values - offset)
    return OwnPast(features, target, offset)
