"""The steps of mode `detect`: reading, one batch of parameters after the other, and scores where the truth is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis import report
from core.errors import BadInput

FEW = 64  # parameters: so many are read together, and all their series are kept for pictures
COMPARED = 500  # the most parameters that the other detectors, which take all at once, are run on

if TYPE_CHECKING:
    import pandas as pd

    from core.analysis import Source
    from core.telemetry.detection.nominal import NominalRange
    from core.telemetry.detection.recipe import Recipe
    from core.telemetry.explanation.explain import Explanation
    from core.telemetry.ingest.telemetry import Telemetry


@dataclass(frozen=True)
class Read:
    """What each step is told of the telemetry, as plain values.

    Attributes:
        source: of it.
        ingest: fields of `IngestParams`.
        amplitude: of a built-in's events.
        seed: of a built-in.
    """

    source: Source
    ingest: Mapping[str, Any]
    amplitude: float
    seed: int

    def telemetry(self) -> Telemetry:
        """The series on its grid, shared by the steps of a process."""
        from core.telemetry.reading import load

        return load(self.source, self.ingest, seed=self.seed, amplitude=self.amplitude)

    def survey(self) -> Telemetry:
        """The same, but of a file of more than a few columns without the values: these are read part by part."""
        from core.data.telemetry_copy import columns_of_source
        from core.telemetry.reading import survey

        if self.source.builtin or len(columns_of_source(self.source).names) <= FEW:
            return self.telemetry()
        return survey(self.source, self.ingest)

    def part(self, columns: Sequence[str], targets: Sequence[str], covariates: Sequence[str]) -> Read:
        """Of a file of many parameters, some of these and the covariates alone.

        Args:
            columns: all that are read.
            targets: of these.
            covariates: of these.
        """
        ingest = {**self.ingest, "targets": list(targets), "covariates": list(covariates), "columns": list(columns)}
        return Read(self.source, ingest, self.amplitude, self.seed)


def read_step(read: Read, recipe: Mapping[str, Any]) -> dict[str, Any]:
    """What is in the file: rows, step, times [rows], targets, covariates, label_columns, units, nominal rows and their
    rule, `lags`, `columns` and `gaps` as tables, notes.

    Raises:
        BadInput: the file can't be used, or not in this way.
    """
    import pandas as pd

    from core.telemetry.detection.recipe import Recipe

    telemetry, chosen = read.survey(), Recipe(**recipe)
    grid, nominal = telemetry.grid, chosen.nominal(telemetry)
    lags = chosen.lags_on(grid.step)
    return {
        "name": telemetry.name,
        "times": grid.times,
        "step": grid.step,
        "targets": list(telemetry.targets),
        "covariates": list(telemetry.covariates),
        "label_columns": [name for name, role in telemetry.roles.items() if role == "label"],
        "units": dict(grid.units),
        "rule": "built_in" if nominal.end == telemetry.training_rows and nominal.end else nominal.rule,
        "end": nominal.end,
        "join": chosen.events(telemetry, nominal).join,
        "labels": grid.labels,
        "lags": pd.DataFrame(
            {"asked_s": lags.asked, "rows": lags.rows, "lag_s": [rows * grid.step for rows in lags.rows]}
        ),
        "columns": telemetry.columns,
        "gaps": telemetry.gaps,
        "notes": list(telemetry.notes),
    }


read_step.version = 2  # type: ignore[attr-defined]  # 2: names the column of the labels


def covariates_step(read: Read) -> np.ndarray:
    """[rows, covariates] float32, as pictures show them."""
    telemetry = read.telemetry()
    return telemetry.grid.columns(telemetry.covariates).astype(np.float32)


def parameters_step(
    read: Read,
    recipe: Mapping[str, Any],
    parameters: Sequence[str],
    responders: Sequence[str],
    interactions: bool,
) -> dict[str, Any]:
    """Both models of some parameters.

    Returns:
        names, values, predicted and residual [rows, names] float32, nominal [rows, names] bool, sizes (the fields of
        `Sizes`) for the combined score, tables events, parameters, previous, attributions, attribution_features,
        waterfall and interactions, shap [names, m, covariates], shap_values [m, covariates], shap_rows [m], notes. Parameters that can't
        be judged are left out, and a note says why.

    Raises:
        BadInput: covariates or responders that can't be used.
    """
    import pandas as pd

    from core.telemetry.detection.combined import Sizes
    from core.telemetry.detection.recipe import Recipe

    telemetry, chosen = read.telemetry(), Recipe(**recipe)
    marked = chosen.nominal(telemetry)
    judged, notes = [], []
    for place, name in enumerate(parameters):
        try:
            judged.append(_judge(telemetry, name, marked, chosen, responders, interactions))
        except BadInput as error:
            notes.append(f"{name} was left out: {error}")
        report((place + 1) / len(parameters), name)
    sigmas = np.stack([one.sigmas for one in judged], axis=1) if judged else np.empty((telemetry.grid.rows, 0))
    explained = [one.explanation for one in judged if one.explanation is not None]
    found: dict[str, Any] = {
        "names": [one.name for one in judged],
        **{
            array: _columns([getattr(one, array) for one in judged], telemetry.grid.rows)
            for array in ("values", "predicted", "residual")
        },
        "nominal": _columns([one.nominal for one in judged], telemetry.grid.rows).astype(bool),
        "sizes": asdict(Sizes.of(sigmas)),
        "events": _together([one.events for one in judged]),
        "previous": _together([one.previous for one in judged]),
        "parameters": pd.DataFrame([one.about for one in judged]),
        "notes": notes + [note for one in explained for note in one.notes],
    }
    if explained:
        found |= {
            "attributions": _together([one.attributions for one in explained]),
            "attribution_features": _together([one.attribution_features for one in explained]),
            "waterfall": _together([one.waterfall for one in explained]),
            "interactions": _together([one.interactions for one in explained]),
            "shares": _together([one.explained_share for one in explained]),
            "shap": np.stack([one.shap for one in explained]),
            "shap_rows": explained[0].rows,
            "shap_values": telemetry.grid.columns(telemetry.covariates)[explained[0].rows].astype(np.float32),
        }
    return found


@dataclass(frozen=True, eq=False)
class Judged:
    """One parameter, judged.

    Attributes:
        name: of it.
        values, predicted: [rows] in its unit.
        residual: [rows] signed score in sigma.
        sigmas: [rows] residual in sigma before it is averaged.
        nominal: [rows] bool.
        events: see `core.telemetry.detection.events.event_table`, with `over` (above the threshold).
        previous: the most similar earlier stretches.
        about: unit, scale, threshold and so on.
        explanation: None where there are no covariates.
    """

    name: str
    values: np.ndarray
    predicted: np.ndarray
    residual: np.ndarray
    sigmas: np.ndarray
    nominal: np.ndarray
    events: pd.DataFrame
    previous: pd.DataFrame
    about: dict[str, Any]
    explanation: Explanation | None


def _judge(
    telemetry: Telemetry,
    name: str,
    marked: NominalRange,
    recipe: Recipe,
    responders: Sequence[str],
    interactions: bool,
) -> Judged:
    from core.telemetry.detection.detector import find_nominal, fit_detector
    from core.telemetry.detection.events import event_table, largest_stretches
    from core.telemetry.detection.thresholds import choose_threshold
    from core.telemetry.explanation.explain import explain_target
    from core.telemetry.explanation.explainer import ExplainerSettings
    from core.telemetry.explanation.previous_occurrence import previous_occurrences

    grid, values = telemetry.grid, telemetry.grid.column(name)
    settings, kept = recipe.detector(grid.step), recipe.events(telemetry, marked)
    nominal = find_nominal(values, settings) if marked.rows is None else marked.rows
    detector = fit_detector(values, nominal, settings)
    score = detector.score_own(values)
    threshold = choose_threshold(
        score.signed, nominal, recipe.threshold, recipe.sigma, recipe.quantile, settings.smoothing
    )
    judged = score.signed.copy()
    judged[: marked.end] = np.nan
    stretches, chosen = largest_stretches(judged, threshold.value, kept)
    events = event_table(name, values, score, stretches, chosen, grid.step)
    events["over"] = events.peak_sigma.abs() > threshold.value
    explanation = None
    if telemetry.covariates:
        explanation = explain_target(
            grid,
            telemetry.covariates,
            score.signed,
            nominal,
            events,
            responders,
            ExplainerSettings(seed=recipe.seed, interactions=interactions),
        )
    about = {
        "parameter": name,
        "unit": grid.units.get(name, ""),
        "form": detector.form,
        "rounds": detector.forecaster.rounds,
        "error": float(np.sqrt(np.mean(detector.held_out**2))),
        "scale": detector.scale.scale * detector.spread,
        "threshold": threshold.value,
        "threshold_rule": threshold.rule,
        "nominal_rows": len(detector.rows),
        "scored_share": float(np.isfinite(score.signed).mean()),
    }
    return Judged(
        name=name,
        values=values,
        predicted=score.predicted,
        residual=score.signed,
        sigmas=score.sigmas,
        nominal=nominal,
        events=events,
        previous=previous_occurrences(grid, score.signed, events),
        about=about,
        explanation=explanation,
    )


def scores_step(
    read: Read | None,
    labels: np.ndarray,
    score: np.ndarray,
    alarms: np.ndarray,
    nominal: np.ndarray,
    first: int,
    window: int,
    resamples: int,
    seed: int,
) -> pd.DataFrame:
    """The combined score against the labels, beside the comparators, on the rows behind the nominal part.

    Args:
        read: the telemetry; None: without the comparators, which take all parameters at once.
        labels: [rows] bool.
        score: [rows] combined score.
        alarms: [rows] bool, rows of any event over its threshold.
        nominal: [rows] bool, what the comparators learn from.
        first: row from which on it counts.
        window: of VUS, in rows.
        resamples: of the events.
        seed: of all that is drawn.
    """
    from core.telemetry.comparators.registry import COMPARATORS, nominal_alarms
    from core.telemetry.metrics.score_table import score_table

    scores, raised = {"assay": score}, {"assay": alarms}
    if read is not None:
        telemetry = read.telemetry()
        values = telemetry.grid.columns(telemetry.targets)
        for place, (name, comparator) in enumerate(COMPARATORS.items()):
            report(place / (2 * len(COMPARATORS)), name.replace("_", " "))
            scores[name] = comparator(values, nominal, seed)
            raised[name] = nominal_alarms(scores[name], nominal)
    report(0.5, "Scores with intervals")
    return score_table(
        labels[first:],
        {name: one[first:] for name, one in scores.items()},
        {name: one[first:] for name, one in raised.items()},
        window,
        resamples,
        seed,
    )


def _columns(arrays: Sequence[np.ndarray], rows: int) -> np.ndarray:
    return np.stack(arrays, axis=1).astype(np.float32) if arrays else np.empty((rows, 0), np.float32)


def _together(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    filled = [table for table in tables if len(table)] or list(tables[:1])
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()
