"""One sentence on how far an event's explanation can be trusted."""

from __future__ import annotations

import numpy as np

from core.telemetry.explanation.covariate_features import CovariateFeatures
from core.telemetry.explanation.explained_share import NOT_EXPLAINED

NO_COVARIATE = "no covariate explains this"
NOTHING_ELSE = "undefined: too few rows lie outside the event's own stretch of time"
FEWEST_PRECEDENTS = 3  # rows elsewhere in which a covariate was as it is now, below which it counts as seen once


def verdict(share: float, first: str, seen_before: bool) -> str:
    """What the explained share says.

    Args:
        share: by a model that has not seen the event.
        first: the covariate that explains most of it in the full model.
        seen_before: whether that covariate was ever as it is now outside the blocks of the event.
    """
    if np.isnan(share):
        return "undefined: the score is missing around the peak"
    if share >= NOT_EXPLAINED:
        return f"{first} explains it, as it does elsewhere"
    if not seen_before:
        return f"{first} was never like this elsewhere: a cause that is seen once can't be cross-checked"
    return NO_COVARIATE


def has_precedent(
    features: CovariateFeatures, shap: np.ndarray, covariate: int, peak_row: int, elsewhere: np.ndarray
) -> bool:
    """Whether the feature through which a covariate acts most was as extreme anywhere else.

    Args:
        features: of the covariates.
        shap: [features] contributions at the peak.
        covariate: position of the one that explains most.
        peak_row: of the event.
        elsewhere: row numbers, those that the held-out model learned from.
    """
    own = np.flatnonzero(features.covariate_of == covariate)
    strongest = own[np.argmax(np.abs(shap[own]))]
    now = features.values[peak_row, strongest]
    if np.isnan(now):
        return True
    others = features.values[elsewhere, strongest]
    return min(int((others >= now).sum()), int((others <= now).sum())) >= FEWEST_PRECEDENTS
