"""The second model: boosted trees from the covariates' features to the signed residual of one parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.telemetry.explanation.covariate_features import CovariateFeatures
from core.telemetry.explanation.learning_rows import LearningRows

if TYPE_CHECKING:
    from xgboost import Booster


@dataclass(frozen=True)
class ExplainerSettings:
    """How the second model is fitted, and what it sees.

    Seeds 0 to 3 of the synthetic spacecraft (10 minutes, 120 days, 85 caused and 44 sensor-only events) chose them:
    the cause comes first in 0.94 of the events whatever trees, rows or bins, save that 32 bins lose one; explained
    shares separate the two kinds with an AUROC of 0.95 with 8 blocks, 0.97 with 16 and 0.98 with 24 or 32, since two
    events of one cause often share a long block; smallest_gain 0, 5 and 20 take 26, 19 and 16 s of a busy core for 11
    parameters.

    Attributes:
        differences: durations over which covariates are differenced, in seconds.
        trees: rounds of boosting.
        depth: of a tree.
        learning_rate: of boosting.
        smallest_gain: by which a split must lower the squared error, in sigma^2 (XGBoost's gamma): calm rows are
            noise, and splits of it cost time and blur the explanation.
        clip: the target is cut off at +- so many sigma, lest one event be all that counts.
        rows: that it learns from at most: the largest deviations, and a part of the others that counts for all.
        bins: of each feature.
        seed: of everything that is drawn.
        blocks: of time, for the explained share.
        background: rows whose SHAP values are kept for the whole picture.
        interactions: whether those of each event's peak are computed; they cost many times a SHAP value.
    """

    differences: tuple[float, ...] = (900.0, 3600.0)
    trees: int = 150
    depth: int = 4
    learning_rate: float = 0.1
    smallest_gain: float = 5.0
    clip: float = 60.0
    rows: int = 4000
    bins: int = 64
    seed: int = 0
    blocks: int = 24
    background: int = 500
    interactions: bool = False


@dataclass(frozen=True, eq=False)
class Explainer:
    """A fitted second model.

    Attributes:
        booster: predicts target - centre.
        centre: mean of the target where it was fitted; taken off first, since float32 sums lose digits far from zero.
    """

    booster: Booster
    centre: float

    def predict(self, values: np.ndarray) -> np.ndarray:
        """[rows] float64 predictions of the target, in sigma, from [rows, features]."""
        from xgboost import DMatrix

        return self.booster.predict(DMatrix(values, nthread=1)).astype(np.float64) + self.centre


def target_of(signed_score: np.ndarray, clip: float) -> np.ndarray:
    """[rows] what the second model learns: the signed smoothed residual in sigma, within +-clip; NaN stays NaN."""
    return np.clip(signed_score, -clip, clip)


def fit_explainer(
    features: CovariateFeatures, target: np.ndarray, sample: LearningRows, settings: ExplainerSettings
) -> Explainer:
    """Fits the second model.

    Args:
        features: of the covariates.
        target: [rows of the grid] in sigma.
        sample: the rows that it learns from; all have a target.
        settings: trees, depth, rate, bins and seed.
    """
    import xgboost

    known = target[sample.rows]
    centre = float(np.average(known, weights=sample.weights))
    data = xgboost.QuantileDMatrix(features.values[sample.rows], known - centre, max_bin=settings.bins, nthread=1)
    data.set_weight(sample.weights)  # after the bins were made: these are to lie where the rows of the sample are
    return Explainer(xgboost.train(_parameters(settings), data, settings.trees), centre)


def _parameters(settings: ExplainerSettings) -> dict[str, Any]:
    return {
        "objective": "reg:squarederror",
        "tree_method": "hist",
        "max_depth": settings.depth,
        "eta": settings.learning_rate,
        "gamma": settings.smallest_gain,
        "base_score": 0.0,
        "seed": settings.seed,
        "max_bin": settings.bins,
        "nthread": 1,
    }
