"""What mode `detect` answers, out of what its steps found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.analysis import Result, Scalar
from core.telemetry.detect_steps import COMPARED
from core.telemetry.explanation.explained_share import NOT_EXPLAINED
from core.telemetry.truth import Truth, truth_scores

if TYPE_CHECKING:
    from core.telemetry.detect_params import DetectParams

EVENT_COLUMNS = [
    "parameter", "rank", "start", "peak", "end", "peak_sigma", "peak_value", "unit", "measured", "predicted",
    "explained_share", "verdict", "over", "threshold", "incident", "area", "start_row", "peak_row", "end_row",
]  # fmt: skip
RULES = {
    "rows": "the first {rows:,} rows of the grid, as marked",
    "time": "the first {rows:,} rows of the grid, as marked",
    "labels": "the rows labelled as normal",
    "found": "the rows that each parameter's first fit left without large residuals, since none were marked or labelled",
    "built_in": "the first {rows:,} rows, in which the built-in plants no event",
}


@dataclass(frozen=True, eq=False)
class Found:
    """All parameters together.

    Attributes:
        names: parameters that were judged.
        drawn: those whose series are kept: all of a few, else those with the largest events.
        score: [rows] combined score.
        alarms: [rows] bool, rows of any listed event over its threshold.
        nominal: [rows] bool, rows that are nominal for at least half of the parameters.
        events: with the columns of the result, times still missing.
        incidents: see `core.telemetry.detection.incidents`.
        tables: parameters, previous, attributions, attribution_features, waterfall; the last three with covariates only.
        arrays: values, predicted and residual [rows, drawn].
        shap: shap [drawn, m, covariates], shap_values [m, covariates] and shap_rows [m]; empty without covariates.
        notes: of the steps.
    """

    names: Sequence[str]
    drawn: Sequence[str]
    score: np.ndarray
    alarms: np.ndarray
    nominal: np.ndarray
    events: pd.DataFrame
    incidents: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    arrays: Mapping[str, np.ndarray]
    shap: Mapping[str, np.ndarray]
    notes: Sequence[str]


def detect_result(
    params: DetectParams,
    facts: Mapping[str, Any],
    found: Found,
    covariates: np.ndarray,
    labels: np.ndarray | None,
    scores: pd.DataFrame | None,
    truth: Truth | None,
) -> Result:
    """The result of a run.

    Args:
        params: of the run.
        facts: of `read_step`.
        found: of all parameters.
        covariates: [rows, covariates] float32.
        labels: [rows] bool, of the file or of a built-in.
        scores: of `scores_step`; None without labels.
        truth: of a built-in.
    """
    times = facts["times"]
    tables = _timed(facts, found)
    if truth is not None:
        residual = {name: found.arrays["residual"][:, place] for place, name in enumerate(found.drawn)}
        own, tables["truth"] = truth_scores(
            truth, facts["step"], found.events, found.tables.get("attributions"), residual
        )
        scores = own if scores is None else pd.concat([own, scores], ignore_index=True)
    if scores is not None:
        tables["scores"] = scores
    arrays = {
        "time": times,
        "score": found.score,
        **found.arrays,
        "covariates": covariates,
        "nominal": found.nominal,
        "target_names": np.array(found.drawn, dtype=str),
        "covariate_names": np.array(facts["covariates"], dtype=str),
    }
    if labels is not None:
        arrays["label"] = labels
    arrays |= found.shap
    return Result(
        answer=_answer(facts, found),
        summary=_summary(facts, found, scores),
        tables=tables,
        arrays=arrays,
        notes=_notes(params, facts, found, scores),
    )


def _timed(facts: Mapping[str, Any], found: Found) -> dict[str, pd.DataFrame]:
    """The tables with moments beside, or instead of, numbers of rows."""

    def moments(rows: pd.Series | np.ndarray) -> pd.Series:
        stamps = pd.to_datetime(pd.Series(facts["times"][np.asarray(rows, dtype=np.int64)]), unit="ms", utc=True)
        return stamps.astype("datetime64[ms, UTC]").set_axis(getattr(rows, "index", stamps.index))

    events = found.events.assign(**{name: moments(found.events[f"{name}_row"]) for name in ("start", "peak", "end")})
    incidents = found.incidents
    incidents = incidents.assign(onset=moments(incidents.start_row), end=moments(incidents.end_row))
    tables = {
        "events": events[EVENT_COLUMNS],
        "incidents": incidents[["incident", "parameter", "rank", "onset", "end", "order", "lag_minutes", "peak_sigma"]],
        **found.tables,
        "lags": facts["lags"],
        "columns": facts["columns"],
        "gaps": facts["gaps"],
    }
    previous = found.tables["previous"].dropna(subset=["previous_peak_row"]).reset_index(drop=True)
    tables["previous"] = previous.assign(
        previous_start=moments(previous.previous_start_row), previous_peak=moments(previous.previous_peak_row)
    )
    return tables


def _answer(facts: Mapping[str, Any], found: Found) -> str:
    events = found.events
    over = events[events.over]
    if over.empty:
        largest = f"; the largest deviation has {events.peak_sigma.abs().max():.2g} sigma" if len(events) else ""
        return f"Nothing stands out: none of the {_count(len(found.names), 'parameter')} passes its threshold{largest}."
    worst = over.iloc[int(over.peak_sigma.abs().to_numpy().argmax())]
    when = pd.Timestamp(int(facts["times"][worst.peak_row]), unit="ms", tz="UTC")
    side = "above" if worst.peak_value > 0 else "below"
    size = f"{abs(worst.peak_value):.3g}{f' {worst.unit}' if worst.unit else ''}"
    return (
        f"{worst.parameter} misbehaves most: {size} {side} its forecast ({abs(worst.peak_sigma):.3g} sigma) on "
        f"{when:%Y-%m-%d at %H:%M} UTC, {_why(found, worst)}; {_count(len(over), 'event')} of "
        f"{_count(over.parameter.nunique(), 'parameter')} in {_count(found.incidents.incident.nunique(), 'incident')}."
    )


def _why(found: Found, event: pd.Series) -> str:
    if "attributions" not in found.tables:
        return "with no covariates to explain it"
    if not event.explained_share >= NOT_EXPLAINED:
        return (
            "which no covariate explains"
            if event.explained_share < NOT_EXPLAINED
            else "an explanation of which is unproven"
        )
    own = found.tables["attributions"]
    own = own[(own.parameter == event.parameter) & (own["rank"] == event["rank"])].sort_values("order")
    return f"best explained by {own.covariate.iloc[0]} (held-out share {event.explained_share:.2f})"


def _summary(facts: Mapping[str, Any], found: Found, scores: pd.DataFrame | None) -> dict[str, Scalar]:
    over = found.events[found.events.over]
    judged = over[over.explained_share.notna()]
    summary = {
        "events": Scalar(len(over), "Events", description="Listed deviations above their threshold."),
        "strongest": Scalar(
            float(over.peak_sigma.abs().max()) if len(over) else None,
            "Strongest event",
            unit="sigma",
            description="Averaged residual at its peak, in robust standard deviations of the nominal part.",
        ),
        "incidents": Scalar(
            int(found.incidents.incident.nunique()),
            "Incidents",
            description="Events of several parameters that overlap.",
        ),
        "explained": Scalar(
            float((judged.explained_share >= NOT_EXPLAINED).mean()) if len(judged) else None,
            "Events explained",
            description=f"Share of the events of whose size a model that has not seen them explains at least {NOT_EXPLAINED:g}.",
        ),
    }
    summary |= _scored(scores)
    summary |= {
        "targets": Scalar(len(found.names), "Parameters judged"),
        "covariates": Scalar(len(facts["covariates"]), "Covariates"),
        "rows": Scalar(len(facts["times"]), "Rows of the grid", unit="rows"),
        "step": Scalar(float(facts["step"]), "Step of the grid", unit="s"),
    }
    return summary


def _scored(scores: pd.DataFrame | None) -> dict[str, Scalar]:
    """The numbers that labels or a built-in's truth allow."""
    if scores is None:
        return {}
    titles = {
        ("vus_pr", "tsb_ad"): ("VUS-PR", "TSB-AD's definition, of the combined score."),
        ("vus_roc", "tsb_ad"): ("VUS-ROC", "TSB-AD's definition, of the combined score."),
        ("recall_at_3", "euclid_like truth"): ("Recall at 3", "Share of the planted events among the three listed."),
        ("hit_at_1", "euclid_like truth"): ("Cause named first", "Share of the caused events that were found."),
    }
    found = {}
    own = scores[scores.method == "assay"]
    for (metric, definition), (title, words) in titles.items():
        row = own[(own.metric == metric) & (own.definition == definition)]
        if len(row):
            value, low, high = (_or_none(row.iloc[0][name]) for name in ("value", "low", "high"))
            found[metric] = Scalar(value, title, low=low, high=high, description=words)
    return found


def _notes(
    params: DetectParams, facts: Mapping[str, Any], found: Found, scores: pd.DataFrame | None
) -> tuple[str, ...]:
    notes = [f"Nominal rows: {RULES[facts['rule']].format(rows=facts['end'])}."]
    lags = facts["lags"]
    asked = [f"{one.asked_s / 60:g} min" if np.isfinite(one.asked_s) else "automatic" for one in lags.itertuples()]
    used = [f"{one.rows} ({one.lag_s / 60:g} min)" for one in lags.itertuples()]
    notes.append(f"Lags in rows: {', '.join(used)}; asked: {', '.join(dict.fromkeys(asked))}.")
    below = int((~found.events.over).sum())
    if below:
        notes.append(
            f"{_count(below, 'listed deviation')} of {len(found.events):,} lie below their threshold: the largest of their "
            "parameters, but not unusual."
        )
    if scores is not None:
        missing = scores[(scores.method == "assay") & scores.value.isna()]
        notes += [
            f"{metric} is undefined: {note}" for metric, note in zip(missing.metric, missing.note, strict=True) if note
        ]
    if scores is not None and len(facts["targets"]) > COMPARED:
        notes.append(
            f"The score stands alone: the other detectors take all parameters at once, and at most {COMPARED} of them."
        )
    if len(found.drawn) < len(found.names):
        notes.append(
            f"The series of {len(found.drawn)} of {len(found.names):,} parameters are kept: those with the largest events."
        )
    if "attributions" in found.tables:
        own = found.tables["attributions"]
        marked = own.covariate[own.responder].unique().tolist()
        if marked:
            notes.append(f"Taken as responders, which a second ranking leaves out: {', '.join(marked)}.")
    return (*notes, *facts["notes"], *found.notes)


def _or_none(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
