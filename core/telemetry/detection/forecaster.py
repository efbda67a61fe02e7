"""The first model: small boosted trees, one for each parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis import Device

if TYPE_CHECKING:
    from xgboost import Booster


@dataclass(frozen=True)
class ForecastSettings:
    """How the trees are grown.

    Attributes:
        rounds: of boosting, at most.
        patience: rounds without progress after which it stops.
        depth: of a tree.
        learning_rate: of boosting.
        bins: of each feature.
        seed: of XGBoost.
        device: "cpu" or "gpu".
    """

    rounds: int = 200
    patience: int = 20
    depth: int = 4
    learning_rate: float = 0.1
    bins: int = 256
    seed: int = 0
    device: Device = "cpu"

    def of_xgboost(self) -> dict[str, Any]:
        """The settings under XGBoost's names; one thread, as a step has one core."""
        return {
            "tree_method": "hist",
            "max_depth": self.depth,
            "eta": self.learning_rate,
            "max_bin": self.bins,
            "seed": self.seed,
            "nthread": 1,
            "device": "cuda" if self.device == "gpu" else "cpu",
        }


@dataclass(frozen=True, eq=False)
class Forecaster:
    """A fitted model of target - centre.

    Attributes:
        booster: the trees; None predicts the centre, for a target that never varied.
        centre: mean of the target where it was fitted; taken off first, since float32 loses digits far from zero.
        rounds: of boosting.
        error: root mean square residual in the rows that were held back; NaN where the rounds were fixed.
    """

    booster: Booster | None
    centre: float
    rounds: int
    error: float

    def predict(self, features: np.ndarray) -> np.ndarray:
        """[rows] float64 predictions of the target."""
        if self.booster is None:
            return np.full(len(features), self.centre)
        from xgboost import DMatrix

        found = self.booster.predict(DMatrix(features, nthread=1), iteration_range=(0, self.rounds))
        return found.astype(np.float64) + self.centre


def fit_forecaster(
    features: np.ndarray, target: np.ndarray, settings: ForecastSettings, rounds: int | None = None
) -> Forecaster:
    """Fits trees to rows in the order of time.

    The last fifth is held back and says when to stop.

    Args:
        features: [rows, features], at least 5 rows.
        target: [rows], no NaN.
        settings: of the trees.
        rounds: fixed beforehand; None: by early stopping.
    """
    centre = float(target.mean())
    if np.ptp(target) == 0:
        return Forecaster(None, centre, 0, 0.0)
    from xgboost import DMatrix, train

    if rounds is not None:
        learn = DMatrix(features, target - centre, nthread=1)
        return Forecaster(train(settings.of_xgboost(), learn, rounds), centre, rounds, float("nan"))
    split = len(target) - len(target) // 5
    learn = DMatrix(features[:split], target[:split] - centre, nthread=1)
    check = DMatrix(features[split:], target[split:] - centre, nthread=1)
    booster = train(
        settings.of_xgboost(),
        learn,
        settings.rounds,
        evals=[(check, "held_back")],
        early_stopping_rounds=settings.patience,
        verbose_eval=False,
    )
    best = booster.best_iteration + 1
    return Forecaster(booster, centre, best, float(booster.best_score))
