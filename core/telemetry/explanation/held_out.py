"""Second models that have not seen an event, for its explained share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.telemetry.explanation.covariate_features import CovariateFeatures
from core.telemetry.explanation.explainer import Explainer, ExplainerSettings, fit_explainer
from core.telemetry.explanation.learning_rows import LearningRows

FEWEST_ROWS = 100  # to learn from


@dataclass(frozen=True, eq=False)
class HeldOut:
    """A model and what it has seen.

    Attributes:
        model: fitted without a stretch of time.
        rows: row numbers that it learned from.
    """

    model: Explainer
    rows: np.ndarray


class HeldOutModels:
    """The models of one parameter, each fitted when it is first asked for: events in the same blocks share one.

    Args:
        features: of the covariates.
        target: [rows of the grid] in sigma.
        sample: the rows that may be learned from.
        settings: of the models.
    """

    def __init__(
        self, features: CovariateFeatures, target: np.ndarray, sample: LearningRows, settings: ExplainerSettings
    ) -> None:
        self._given = features, target, settings
        self._sample = sample
        self._fitted: dict[tuple[int, int], HeldOut | None] = {}

    def without(self, left_out: slice) -> HeldOut | None:
        """The model that has not seen some rows; None where too few others are left."""
        key = (left_out.start, left_out.stop)
        if key not in self._fitted:
            self._fitted[key] = self._fit(self._sample.outside(left_out))
        return self._fitted[key]

    def _fit(self, elsewhere: LearningRows) -> HeldOut | None:
        if len(elsewhere.rows) < FEWEST_ROWS:
            return None
        features, target, settings = self._given
        return HeldOut(fit_explainer(features, target, elsewhere, settings), elsewhere.rows)
