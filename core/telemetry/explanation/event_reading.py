"""What a fitted second model says at the peak of one event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.telemetry.explanation.covariate_features import CovariateFeatures
from core.telemetry.explanation.explainer import Explainer
from core.telemetry.explanation.shapley import contributions


@dataclass(frozen=True, eq=False)
class EventReading:
    """Means over the rows at a peak, in sigma.

    Attributes:
        base: prediction with no covariate known.
        shap: [features] float64.
        target: the signed residual.
    """

    base: float
    shap: np.ndarray
    target: float

    @property
    def prediction(self) -> float:
        """Of the model: base + the sum of its SHAP values, which its own float32 sum meets to a millionth."""
        return self.base + float(self.shap.sum())

    @property
    def unexplained(self) -> float:
        """What the model leaves over: target - prediction."""
        return self.target - self.prediction


def read_event(model: Explainer, features: CovariateFeatures, target: np.ndarray, rows: slice) -> EventReading:
    """Reads the model in some rows, of which at least one has a target."""
    from xgboost import DMatrix

    known = np.arange(rows.start, rows.stop)[~np.isnan(target[rows])]
    found = contributions(model.booster, DMatrix(features.values[known], nthread=1))
    return EventReading(
        base=float(found.base[0]) + model.centre,
        shap=found.shap[:, 0].mean(axis=0, dtype=np.float64),
        target=float(target[known].mean()),
    )
