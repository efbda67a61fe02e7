"""Scores of a series by each forecaster: the robust, smoothed error of its forecast of the next row."""

from __future__ import annotations

import numpy as np

from core.telemetry.chaos.baselines import NextValue

MAD_TO_SIGMA = 1.4826
SMOOTHED = 2  # rows of 15 minutes: half an hour


def residuals(next_value: NextValue, series: np.ndarray, memory: int) -> np.ndarray:
    """[rows] measured - predicted from the rows before; NaN in the first `memory` rows."""
    found = np.full(len(series), np.nan)
    past = np.lib.stride_tricks.sliding_window_view(series[:-1], memory)
    found[memory:] = series[memory:] - next_value(past)
    return found


def anomaly_scores(errors: np.ndarray, calm: np.ndarray) -> np.ndarray:
    """[rows] |moving mean of the errors, in robust standard deviations of a calm part|.

    Args:
        errors: [rows] residuals; NaN: no score.
        calm: [rows] residuals of a part without faults that the forecaster was not fitted on.
    """
    known = calm[~np.isnan(calm)]
    centre = np.median(known)
    scale = MAD_TO_SIGMA * np.median(np.abs(known - centre))
    smoothed = np.convolve((errors - centre) / scale, np.ones(SMOOTHED) / SMOOTHED, mode="same")
    return np.abs(smoothed)
