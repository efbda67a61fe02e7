"""The rows that one event adds to the tables of an explanation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.telemetry.explanation.covariate_features import CovariateFeatures
from core.telemetry.explanation.event_reading import EventReading
from core.telemetry.explanation.grouping import by_covariate, order_of


def attribution_rows(
    features: CovariateFeatures,
    reading: EventReading,
    without: tuple[CovariateFeatures, EventReading] | None,
    differences: np.ndarray,
) -> pd.DataFrame:
    """One row a covariate: what it contributes and where that puts it among the others.

    Args:
        features: of all covariates.
        reading: of the model that sees all of them.
        without: features and reading of the model that sees no responder; None where none is marked.
        differences: [covariates] size of the change in 1 h.
    """
    shap = covariate_shap(features, reading)
    table = pd.DataFrame(
        {
            "covariate": features.covariates,
            "shap": shap,
            "order": order_of(np.abs(shap)),
            "responder": False,
            "shap_without_responders": shap,
            "order_without_responders": order_of(np.abs(shap)),
            "difference": differences,
            "order_by_difference": order_of(differences),
        }
    )
    if without is not None:
        table = _with_second_ranking(table, *without)
    return table.astype({"order_without_responders": "Int64"})


def _with_second_ranking(table: pd.DataFrame, features: CovariateFeatures, reading: EventReading) -> pd.DataFrame:
    shap = covariate_shap(features, reading)
    second = pd.DataFrame(
        {"shap_without_responders": shap, "order_without_responders": order_of(np.abs(shap))}, index=features.covariates
    ).reindex(table.covariate)
    return table.assign(
        responder=~table.covariate.isin(features.covariates),
        shap_without_responders=second.shap_without_responders.to_numpy(),
        order_without_responders=second.order_without_responders.astype("Int64").array,
    )


def feature_rows(features: CovariateFeatures, reading: EventReading, peak_row: int) -> pd.DataFrame:
    """One row a feature: its value at the peak, and what it contributes."""
    return pd.DataFrame(
        {
            "covariate": [features.covariates[position] for position in features.covariate_of],
            "feature": features.names,
            "value": features.values[peak_row].astype(np.float64),
            "shap": reading.shap,
        }
    )


def waterfall_row(reading: EventReading) -> pd.DataFrame:
    """Base, prediction, target and what is left over, in sigma."""
    return pd.DataFrame(
        {
            "base": [reading.base],
            "prediction": [reading.prediction],
            "target": [reading.target],
            "unexplained": [reading.unexplained],
        }
    )


def covariate_shap(features: CovariateFeatures, reading: EventReading) -> np.ndarray:
    """[covariates] SHAP values of one event."""
    return by_covariate(reading.shap, features.covariate_of, len(features.covariates))


def stacked(parts: Sequence[pd.DataFrame], names: Sequence[tuple[str, int]], columns: Sequence[str]) -> pd.DataFrame:
    """The rows of all events below each other, led by parameter and rank; with its columns even where there is none."""
    if not parts:
        return pd.DataFrame(columns=["parameter", "rank", *columns])
    named = []
    for part, (parameter, rank) in zip(parts, names, strict=True):
        named.append(part.assign(parameter=parameter, rank=rank)[["parameter", "rank", *columns]])
    return pd.concat(named, ignore_index=True)
