"""Which covariates explain an event together: SHAP interaction values at its peak, summed by covariate."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.telemetry.explanation.covariate_features import CovariateFeatures
from core.telemetry.explanation.explainer import Explainer
from core.telemetry.explanation.grouping import by_covariate
from core.telemetry.explanation.shapley import interactions

INTERACTIONS = ("covariate", "other", "interaction")


def event_interactions(model: Explainer, features: CovariateFeatures, target: np.ndarray, rows: slice) -> pd.DataFrame:
    """Every pair of covariates of one event, the largest first.

    Args:
        model: fitted second model.
        features: of the covariates.
        target: [rows] signed residual, NaN where there is none.
        rows: around the peak, of which at least one has a target.

    Returns:
        covariate, other and interaction: what the two do together beyond what each does alone, in sigma, mean over the
        rows; both halves of the symmetric matrix (Lundberg et al. 2020) are taken together. A covariate with itself is
        what it does alone.
    """
    from xgboost import DMatrix

    known = np.arange(rows.start, rows.stop)[~np.isnan(target[rows])]
    found = interactions(model.booster, DMatrix(features.values[known], nthread=1))[:, 0].mean(axis=0, dtype=np.float64)
    count = len(features.covariates)
    matrix = by_covariate(by_covariate(found, features.covariate_of, count).T, features.covariate_of, count)
    first, second = np.triu_indices(count)
    table = pd.DataFrame(
        {
            "covariate": np.array(features.covariates, dtype=object)[first],
            "other": np.array(features.covariates, dtype=object)[second],
            "interaction": np.where(first == second, 1.0, 2.0) * matrix[first, second],
        }
    )
    order = np.argsort(-table.interaction.abs().to_numpy(), kind="stable")
    return table.iloc[order].reset_index(drop=True)
