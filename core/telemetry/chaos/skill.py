"""How good forecasts are by how far they look ahead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.telemetry.chaos.baselines import NextValue

VALID = 0.5  # error in standard deviations up to which a forecast counts as valid


@dataclass(frozen=True)
class Forecasts:
    """Forecasts from many starts, in standard deviations of the series.

    Attributes:
        predicted: [starts, horizon] the first column one row ahead.
        true: [starts, horizon] what came.
    """

    predicted: np.ndarray
    true: np.ndarray


@dataclass(frozen=True)
class Skill:
    """Skill at one horizon.

    Attributes:
        nrmse: root mean square error in standard deviations: 1 is as good as the mean.
        correlation: of forecasts and what came, over the starts; NaN where all forecasts are the same.
        low: of an interval of the nrmse over the starts.
        high: of it.
    """

    nrmse: float
    correlation: float
    low: float
    high: float


def forecast(next_value: NextValue, series: np.ndarray, starts: np.ndarray, horizon: int, memory: int) -> Forecasts:
    """Iterates a forecaster on its own forecasts.

    Args:
        next_value: of the model.
        series: [rows] with mean 0 and standard deviation 1.
        starts: [starts] first rows that are forecast; `memory` rows lie before each, `horizon` rows from it on.
        horizon: rows ahead.
        memory: rows before a start that the model may look at.
    """
    history = series[starts[:, None] + np.arange(-memory, 0)]
    predicted = np.empty((len(starts), horizon))
    for ahead in range(horizon):
        value = next_value(history)
        predicted[:, ahead] = value
        history = np.column_stack([history[:, 1:], value])
    return Forecasts(predicted, series[starts[:, None] + np.arange(horizon)])


def skill_at(forecasts: Forecasts, ahead: int, resamples: int, rng: np.random.Generator, level: float = 0.95) -> Skill:
    """Skill `ahead` rows ahead (1: the next row), with a bootstrap interval over the starts."""
    predicted, true = forecasts.predicted[:, ahead - 1], forecasts.true[:, ahead - 1]
    squares = (predicted - true) ** 2
    drawn = squares[rng.integers(0, len(squares), (resamples, len(squares)))].mean(axis=1)
    low, high = np.sqrt(np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2]))
    moves = bool(np.ptp(predicted) > 0 and np.ptp(true) > 0)
    correlation = float(np.corrcoef(predicted, true)[0, 1]) if moves else float("nan")
    return Skill(float(np.sqrt(squares.mean())), correlation, float(low), float(high))


def valid_rows(forecasts: Forecasts, limit: float = VALID) -> np.ndarray:
    """[starts] rows until the error first exceeds `limit` standard deviations; the horizon where it never does.

    The valid prediction time of Vlachas et al. 2020, Neural Networks 126:191, for one observed variable.
    """
    wrong = np.abs(forecasts.predicted - forecasts.true) > limit
    return np.where(wrong.any(axis=1), wrong.argmax(axis=1), wrong.shape[1])
