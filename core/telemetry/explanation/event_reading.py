"""What a fitted second model says at the peak of one event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.telemetry.explanation.covariate_features import CovariateFeatures
from core.telemetry.explanation.explainer import Explainer
from core.telemetry.explanation.shapley import contributions


@dataclass(frozen=True, eq=False)
class EventReading:
    """Means over the rows at a peak, in sigma: base + shap.sum() = prediction, target = prediction + unexplained.

    Attributes:
        base: prediction with no covariate known.
        shap: [features] float64.
        prediction: of the model.
        target: the signed residual.
    """

    base: float
    shap: np.ndarray
    prediction: float
    target: float

    @property
    def unexplained(self) -> float:
        """What the model leaves over."""
        return self.target - self.prediction


def read_event(model: Explainer, features: CovariateFeatures, target: np.ndarray, rows: slice) -> EventReading:
    """Reads the model in some rows, of which at least one has a target."""
    from xgboost import DMatrix

    known = np.arange(rows.start, rows.stop)[~np.isnan(target[rows])]
    data = DMatrix(features.values[known], nthread=1)
    found = contributions(model.booster, data)
    prediction = model.booster.predict(data).astype(np.float64)
    return EventReading(
        base=float(found.base[0]) + model.centre,
        shap=found.shap[:, 0].mean(axis=0, dtype=np.float64),
        prediction=float(prediction.mean()) + model.centre,
        target=float(target[known].mean()),
    )
