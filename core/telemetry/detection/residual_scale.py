"""How large residuals are where all is well, measured on rows that the model has not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.telemetry.detection.forecaster import ForecastSettings, fit_forecaster
from core.telemetry.detection.own_past import OwnPast

BLOCKS = 4
NORMAL_MAD = 1.4826  # a normal variable's standard deviation over its median absolute deviation
RESIDUAL_SHARE, DEVIATION_SHARE, RANGE_SHARE = 0.2, 0.01, 0.001  # of the floors


@dataclass(frozen=True)
class ResidualScale:
    """What counts as one sigma.

    Attributes:
        location: median of the residuals.
        scale: one sigma in the parameter's unit.
    """

    location: float
    scale: float

    def robust(self, residual: np.ndarray) -> np.ndarray:
        """Residuals in sigma."""
        return (residual - self.location) / self.scale


def blocked_residuals(past: OwnPast, rows: np.ndarray, rounds: int, settings: ForecastSettings) -> np.ndarray:
    """[len(rows)] residuals, each of a model that was fitted without the block of time that the row lies in.

    A model's residuals on its own rows are too small, and with neighbours left in it nearly sees the row itself.

    Args:
        past: the parameter as a regression.
        rows: to learn from, ascending; cut into 4 contiguous blocks of about the same number.
        rounds: of boosting.
        settings: of the trees.
    """
    found = np.empty(len(rows))
    for block in np.array_split(np.arange(len(rows)), BLOCKS):
        others = np.delete(rows, block)
        model = fit_forecaster(past.features[others], past.target[others], settings, rounds)
        found[block] = past.target[rows[block]] - model.predict(past.features[rows[block]])
    return found


def residual_scale(residuals: np.ndarray, values: np.ndarray, series: np.ndarray) -> ResidualScale:
    """Median and scale of residuals.

    The scale is 1.4826 x the median absolute deviation, but no less than 0.2 x the residuals' standard deviation and
    no less than 0.01 x the standard deviation + 0.001 x the range of the parameter: one that hardly ever moves would
    otherwise own every score. One that does not move at all in these rows takes that floor from the whole series.

    Args:
        residuals: [n] out of fold, of the nominal rows.
        values: [n] of the parameter in these rows.
        series: [rows] of the parameter, NaN where unknown.
    """
    location = float(np.median(residuals))
    spread = NORMAL_MAD * float(np.median(np.abs(residuals - location)))
    scale = max(spread, RESIDUAL_SHARE * float(residuals.std()), _floor(values) or _floor(series[~np.isnan(series)]))
    return ResidualScale(location, scale or 1.0)  # of a constant: all its residuals are 0


def _floor(values: np.ndarray) -> float:
    return DEVIATION_SHARE * float(values.std()) + RANGE_SHARE * float(np.ptp(values))
