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

    Attributes:
        differences: durations over which covariates are differenced, in seconds.
        trees: rounds of boosting.
        depth: of a tree.
        learning_rate: of boosting.
        clip: the target is cut off at +- so many sigma, lest one event be all that counts.
        seed: of everything that is drawn.
        rows: that it learns from at most: the largest deviations, and a part of the others that counts for all.
        bins: of each feature.
        blocks: of time, for the explained share.
        background: rows whose SHAP values are kept for the whole picture.
    """

    differences: tuple[float, ...] = (900.0, 3600.0)
    trees: int = 150
    depth: int = 4
    learning_rate: float = 0.1
    clip: float = 60.0
    seed: int = 0
    rows: int = 6000
    bins: int = 64
    blocks: int = 8
    background: int = 500


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
        "base_score": 0.0,
        "seed": settings.seed,
        "max_bin": settings.bins,
        "nthread": 1,
    }
