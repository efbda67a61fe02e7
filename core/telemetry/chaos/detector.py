"""The baselines as detectors: the error of their forecast of the next row, scored as the first model's."""

from __future__ import annotations

import numpy as np

from core.telemetry.chaos.baselines import NextValue
from core.telemetry.chaos.first_model import ROW_SECONDS
from core.telemetry.detection.lags import choose_smoothing
from core.telemetry.detection.residual_scale import residual_scale
from core.telemetry.detection.robust_score import clipped, moving_mean


def baseline_scores(next_value: NextValue, series: np.ndarray, calm: np.ndarray, memory: int) -> np.ndarray:
    """[rows] size of the averaged residuals in robust sigma; NaN in the first rows.

    Args:
        next_value: of the forecaster.
        series: [rows] to be scored.
        calm: [rows] that the scale is measured on.
        memory: rows that the forecaster looks back.
    """
    scale = residual_scale(residuals(next_value, calm, memory)[memory:], calm, calm)
    sigmas = clipped(scale.robust(residuals(next_value, series, memory)))
    return np.abs(moving_mean(sigmas, choose_smoothing(ROW_SECONDS)))


def residuals(next_value: NextValue, series: np.ndarray, memory: int) -> np.ndarray:
    """[rows] measured - predicted from the rows before; NaN in the first `memory` rows."""
    found = np.full(len(series), np.nan)
    past = np.lib.stride_tricks.sliding_window_view(series[:-1], memory)
    found[memory:] = series[memory:] - next_value(past)
    return found
