"""From a parameter's residuals and events to what explains them: the second model from end to end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.errors import BadInput
from core.telemetry.explanation.background import background_rows
from core.telemetry.explanation.beats_difference import scaled_differences
from core.telemetry.explanation.covariate_features import CovariateFeatures, covariate_features
from core.telemetry.explanation.event_interactions import INTERACTIONS, event_interactions
from core.telemetry.explanation.event_reading import EventReading, read_event
from core.telemetry.explanation.event_tables import (
    attribution_rows,
    covariate_shap,
    feature_rows,
    stacked,
    waterfall_row,
)
from core.telemetry.explanation.explained_share import explained_share, held_out_rows, window
from core.telemetry.explanation.explainer import Explainer, ExplainerSettings, fit_explainer, target_of
from core.telemetry.explanation.grouping import by_covariate
from core.telemetry.explanation.held_out import FEWEST_ROWS, HeldOut, HeldOutModels
from core.telemetry.explanation.learning_rows import learning_rows
from core.telemetry.explanation.shapley import contributions
from core.telemetry.explanation.verdict import NOTHING_ELSE, has_precedent, verdict
from core.telemetry.grid import Grid

PEAK_REACH = 1  # rows on either side of the peak over which SHAP values are averaged
SHARE_REACH = 3600.0  # seconds on either side of the peak that the explained share looks at
MARGIN = 3600.0  # seconds around an event that its held-out model must not have seen either

ATTRIBUTIONS = (
    "covariate",
    "shap",
    "order",
    "responder",
    "shap_without_responders",
    "order_without_responders",
    "difference",
    "order_by_difference",
)
ATTRIBUTION_FEATURES = ("covariate", "feature", "value", "shap")
WATERFALL = ("base", "prediction", "target", "unexplained")
EXPLAINED_SHARE = ("explained_share", "share_in_sample", "verdict")


@dataclass(frozen=True, eq=False)
class Explanation:
    """What the covariates say of one parameter's events.

    Attributes:
        attributions: parameter, rank, covariate, shap (sigma, mean over the peak row +-1), order (1: largest |shap|),
            responder, shap_without_responders and order_without_responders (of a model that sees no responder; NaN
            and <NA> for responders), difference (|change in 1 h| in its standard deviations) and order_by_difference.
        attribution_features: parameter, rank, covariate, feature, value, shap: the same before the sum over a
            covariate's features; value is that of the peak row.
        waterfall: parameter, rank, base, prediction, target, unexplained: base + sum of shap = prediction, and
            target - prediction = unexplained; in sigma, means over the same rows.
        explained_share: parameter, rank, explained_share (by a model that has not seen the event), share_in_sample
            (by one that has), verdict; responders play no part in them, since a heater that answers a faulty sensor would
            "explain" it.
        rows: [m] row numbers of the background.
        shap: [m, covariates] float32 SHAP values of the background rows, in sigma.
        interactions: parameter, rank, covariate, other, interaction; empty unless they were asked for.
        notes: what the reader must know.
    """

    attributions: pd.DataFrame
    attribution_features: pd.DataFrame
    waterfall: pd.DataFrame
    explained_share: pd.DataFrame
    rows: np.ndarray
    shap: np.ndarray
    interactions: pd.DataFrame
    notes: tuple[str, ...]


def explain_target(
    grid: Grid,
    covariates: Sequence[str],
    signed_score: np.ndarray,
    nominal: np.ndarray,
    events: pd.DataFrame,
    responders: Sequence[str] = (),
    settings: ExplainerSettings | None = None,
) -> Explanation:
    """Fits the second model of one parameter and reads its events in it.

    Args:
        grid: the telemetry.
        covariates: columns that may explain, the target not among them.
        signed_score: [rows] smoothed robust residual in sigma, NaN where there is none.
        nominal: [rows] bool, where the parameter behaved.
        events: parameter, rank, start_row, peak_row and end_row (inclusive), one row an event.
        responders: covariates that react to the parameter (a closed-loop heater); a second ranking leaves them out.
        settings: of the model; None: the defaults.

    Raises:
        BadInput: covariates that can't be used, or too few rows to learn from.
    """
    settings = settings or ExplainerSettings()
    features = covariate_features(grid, covariates, settings.differences)
    target = target_of(signed_score, settings.clip)
    sample = learning_rows(target, settings.rows, settings.seed)
    if len(sample.rows) < FEWEST_ROWS:
        raise BadInput(
            f"{len(sample.rows):,} rows have a score; at least {FEWEST_ROWS} are needed to learn what explains it: "
            "bring a longer stretch, or a finer step."
        )
    without = _without_responders(features, responders)
    model = fit_explainer(features, target, sample, settings)
    second = None if without is None else fit_explainer(without, target, sample, settings)
    differences = scaled_differences(grid, covariates, nominal)
    judge, judged = (model, features) if second is None or without is None else (second, without)
    held_out = HeldOutModels(judged, target, sample, settings)
    margin, reach = grid.rows_in(MARGIN), grid.rows_in(SHARE_REACH)

    names: list[tuple[str, int]] = []
    attributions, by_feature, waterfall, share, pairs = [], [], [], [], []
    for parameter, rank, start, peak_row, end in _event_rows(events):
        peak = window(peak_row, PEAK_REACH, grid.rows)
        reading = read_event(model, features, target, peak)
        other = None if without is None or second is None else (without, read_event(second, without, target, peak))
        names.append((parameter, rank))
        attributions.append(attribution_rows(features, reading, other, differences[peak].max(axis=0)))
        by_feature.append(feature_rows(features, reading, peak_row))
        waterfall.append(waterfall_row(reading))
        if settings.interactions:
            pairs.append(event_interactions(model, features, target, peak))
        unseen = held_out.without(held_out_rows(grid.rows, start, end, margin, settings.blocks))
        around = window(peak_row, reach, grid.rows)
        judgement = reading if other is None else other[1]
        share.append(_share_row(judge, unseen, judged, target, judgement, peak_row, around))

    rows = background_rows(grid.columns(covariates), settings.background, settings.seed)
    return Explanation(
        attributions=stacked(attributions, names, ATTRIBUTIONS),
        attribution_features=stacked(by_feature, names, ATTRIBUTION_FEATURES),
        waterfall=stacked(waterfall, names, WATERFALL),
        explained_share=stacked(share, names, EXPLAINED_SHARE),
        rows=rows,
        shap=_background_shap(model, features, rows),
        interactions=stacked(pairs, names if pairs else [], INTERACTIONS),
        notes=features.notes,
    )


def _share_row(
    model: Explainer,
    held_out: HeldOut | None,
    features: CovariateFeatures,
    target: np.ndarray,
    reading: EventReading,
    peak: int,
    around: slice,
) -> pd.DataFrame:
    """Explained share of one event, held out and in the sample, and what it says."""
    wanted, given = target[around], features.values[around]
    share, words = float("nan"), NOTHING_ELSE
    if held_out is not None:
        share = explained_share(wanted, held_out.model.predict(given))
        first = int(np.argmax(np.abs(covariate_shap(features, reading))))
        precedent = has_precedent(features, reading.shap, first, peak, held_out.rows)
        words = verdict(share, features.covariates[first], precedent)
    in_sample = explained_share(wanted, model.predict(given))
    return pd.DataFrame({"explained_share": [share], "share_in_sample": [in_sample], "verdict": [words]})


def _event_rows(events: pd.DataFrame) -> Iterator[tuple[str, int, int, int, int]]:
    """Parameter, rank, first, peak and last row of each event."""
    for parameter, *numbers in events[["parameter", "rank", "start_row", "peak_row", "end_row"]].to_numpy(dtype=object):
        rank, start, peak, end = (int(number) for number in numbers)
        yield str(parameter), rank, start, peak, end


def _without_responders(features: CovariateFeatures, responders: Sequence[str]) -> CovariateFeatures | None:
    """The features without those of responders; None where none is marked."""
    for name in responders:
        if name not in features.covariates:
            raise BadInput(
                f"Responder {name!r} is none of the covariates, which are {', '.join(features.covariates[:20])}."
            )
    kept = [name for name in features.covariates if name not in responders]
    if not kept:
        raise BadInput("All covariates are marked as responders; leave at least one that may be a cause.")
    return features.of(kept) if len(kept) < len(features.covariates) else None


def _background_shap(model: Explainer, features: CovariateFeatures, rows: np.ndarray) -> np.ndarray:
    from xgboost import DMatrix

    found = contributions(model.booster, DMatrix(features.values[rows], nthread=1))
    grouped = by_covariate(found.shap[:, 0], features.covariate_of, len(features.covariates))
    return grouped.astype(np.float32)
