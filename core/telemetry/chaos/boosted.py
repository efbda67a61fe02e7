"""The first model on a single series: boosted trees from its own past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from xgboost import Booster

LAGS = {"recommended": (1, 2, 4), "paper": (1, 4)}  # rows of 15 minutes
ROUNDS, PATIENCE, DEPTH, RATE = 200, 20, 4, 0.1
HELD_OUT = 0.2  # of the training part, its end: decides when to stop


@dataclass(frozen=True, eq=False)
class Boosted:
    """A fitted forecaster; "recommended" predicts the increment since the first lag, "paper" the level."""

    booster: Booster
    preset: str

    def next_value(self, history: np.ndarray) -> np.ndarray:
        """[starts] the value one row after histories [starts, rows]."""
        lags = LAGS[self.preset]
        lagged = history[:, [-lag for lag in lags]]
        return _level(self.booster, lagged, self.preset)


def fit_boosted(series: np.ndarray, preset: str, seed: int) -> Boosted:
    """Fits the forecaster on a training part.

    Args:
        series: [rows] in standard deviations.
        preset: "recommended" or "paper".
        seed: of XGBoost.
    """
    import xgboost

    lagged = lagged_values(series, LAGS[preset])
    target = series[max(LAGS[preset]) :]
    target = target - lagged[:, 0] if preset == "recommended" else target
    cut = round((1 - HELD_OUT) * len(target))
    features = _features(lagged, preset)
    train = xgboost.DMatrix(features[:cut], target[:cut], nthread=1)
    held_out = xgboost.DMatrix(features[cut:], target[cut:], nthread=1)
    settings = {"tree_method": "hist", "max_depth": DEPTH, "eta": RATE, "seed": seed, "nthread": 1}
    booster = xgboost.train(
        settings,
        train,
        ROUNDS,
        evals=[(held_out, "held_out")],
        early_stopping_rounds=PATIENCE,
        verbose_eval=False,
    )
    return Boosted(booster[: booster.best_iteration + 1], preset)


def lagged_values(series: np.ndarray, lags: tuple[int, ...]) -> np.ndarray:
    """[rows - longest lag, lags] the values before each row that has all of them."""
    longest = max(lags)
    return np.column_stack([series[longest - lag : len(series) - lag] for lag in lags])


def _level(booster: Booster, lagged: np.ndarray, preset: str) -> np.ndarray:
    found = booster.inplace_predict(_features(lagged, preset)).astype(np.float64)
    return lagged[:, 0] + found if preset == "recommended" else found


def _features(lagged: np.ndarray, preset: str) -> np.ndarray:
    return np.column_stack([lagged, lagged[:, :1] - lagged[:, 1:]]) if preset == "recommended" else lagged
