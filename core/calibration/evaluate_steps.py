"""The steps of mode `evaluate`: each reads the file and answers with plain values."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis import report
from core.calibration.reading import Scores, read_classifier

if TYPE_CHECKING:
    import pandas as pd

    from core.analysis import Device, Source
    from core.calibration.conventions import Convention
    from core.calibration.predictions import Predictions, RegressionPredictions

PARTS_BINS = 15  # of equal mass, for Murphy's decomposition
MOST_CLASSES = 100  # that get a diagram of their own
MOST_GROUPS = 50


def describe_step(source: Source, scores: Scores) -> dict[str, Any]:
    """What the file holds: `task`, `rows`, `fit_rows`, `classes`, `notes`, and how often and how surely it is right."""
    from core.data.predictions import GaussianFile
    from core.data.predictions_reading import load_predictions

    file = load_predictions(source)
    if isinstance(file, GaussianFile):
        found = read_regression(source)
        return {"task": "regression", "rows": found.n, "fit_rows": 0, "notes": []}
    model = read_classifier(source, scores)
    gap = model.report.confidence - model.report.correct
    facts: dict[str, Any] = {
        "task": "classification",
        "rows": model.report.n,
        "fit_rows": 0 if model.fit is None else model.fit.n,
        "classes": model.report.classes,
        "notes": list(model.notes),
        "accuracy": float(model.report.correct.mean()),
        "mean_confidence": float(model.report.confidence.mean()),
        "gap": float(gap.mean()),
        "gap_error": float(gap.std(ddof=1) / np.sqrt(gap.size)) if gap.size > 1 else float("nan"),
    }
    if model.fit is not None:
        from core.calibration.repair.scores import scores_of
        from core.calibration.repair.temperature import find_temperature

        fit = find_temperature(scores_of(model.fit), model.fit.labels)
        facts |= {"temperature": fit.temperature, "temperature_error": fit.standard_error}
        facts["notes"] += list(fit.notes)
    return facts


def metrics_step(
    source: Source,
    scores: Scores,
    convention: Convention,
    resamples: int,
    level: float,
    seed: int,
    stage: str,
    device: Device = "cpu",
) -> dict[str, Any]:
    """Every metric before ("pre") or after ("post") temperature scaling: `table` and `reasons` for what is missing."""
    from core.calibration.device import card_of
    from core.calibration.metrics.evaluate import evaluate

    where = card_of(device)
    predictions = staged(source, scores, stage)
    table = evaluate(predictions, convention=convention, resamples=resamples, level=level, seed=seed, device=where)
    table.insert(2, "stage", stage)
    return {"table": plain(table), "reasons": dict(table.attrs["reasons"])}


def diagrams_step(
    source: Source,
    scores: Scores,
    convention: Convention,
    bins: int,
    resamples: int,
    level: float,
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Reliability diagrams as tables: `reliability_bins` (before and after), `_kernel`, `_corp`, `_classes`, `_groups`,
    and `confidence_histogram`; a table that can't be had is left out."""
    import pandas as pd

    from core.calibration.conventions import RULES
    from core.calibration.metrics.diagrams import (
        binned_diagram,
        confidence_histogram,
        corp_diagram,
        diagrams_by_class,
        diagrams_by_group,
        kernel_diagram,
    )
    from core.calibration.metrics.pairs import Pairs, top_label
    from core.calibration.metrics.undefined import Undefined

    def binned(pairs: Pairs) -> pd.DataFrame:
        return binned_diagram(pairs, bins, rules=RULES[convention], level=level, resamples=resamples, seed=seed)

    model = read_classifier(source, scores)
    stages = ("pre", "post") if model.fit is not None else ("pre",)
    of_stage = {stage: top_label(staged(source, scores, stage)) for stage in stages}
    pairs = of_stage["pre"]
    tables = {
        "reliability_bins": pd.concat([binned(of_stage[stage]).assign(stage=stage) for stage in stages]),
        "reliability_corp": corp_diagram(pairs, level=level, resamples=resamples, seed=seed),
        "confidence_histogram": confidence_histogram(pairs),
    }
    with suppress(Undefined):  # a constant predictor has no curve; the notes say that it is one
        tables["reliability_kernel"] = kernel_diagram(pairs, level=level, resamples=resamples, seed=seed)
    report(0.5, "Diagrams by class and group")
    if model.report.classes <= MOST_CLASSES:
        tables["reliability_classes"] = diagrams_by_class(model.report, binned)
    if model.report.groups is not None and len(np.unique(model.report.groups)) <= MOST_GROUPS:
        tables["reliability_groups"] = diagrams_by_group(model.report, binned)
    return {name: plain(table) for name, table in tables.items()}


def conventions_step(source: Source, scores: Scores) -> pd.DataFrame:
    """What each convention gives on these rows, and why they differ: one row a metric and convention."""
    from core.calibration.metrics.explain import explain_conventions

    return plain(explain_conventions(read_classifier(source, scores).report))


def regression_step(source: Source, resamples: int, level: float, seed: int) -> dict[str, pd.DataFrame]:
    """Metrics of Gaussian predictions with intervals and floors, the coverage curve, and errors by predicted width."""
    from core.calibration.metrics.regression import groups_by_deviation
    from core.calibration.regression_metrics import coverage_curve, evaluate_regression

    predictions = read_regression(source)
    return {
        "metrics": evaluate_regression(predictions, resamples=resamples, level=level, seed=seed),
        "coverage": coverage_curve(predictions, resamples=resamples, level=level, seed=seed),
        "deviation_groups": groups_by_deviation(predictions),
    }


def parts_step(
    source: Source, scores: Scores, convention: Convention, resamples: int, level: float, seed: int
) -> dict[str, Any]:
    """Both decompositions of the Brier score of the confidence, CORP of all classes, and the canonical KDE-ECE."""
    import pandas as pd

    from core.calibration.conventions import RULES
    from core.calibration.metrics.canonical_kde import canonical_kde_ece
    from core.calibration.metrics.corp import classwise_corp, corp
    from core.calibration.metrics.cuts import equal_mass_cuts
    from core.calibration.metrics.murphy import murphy
    from core.calibration.metrics.pairs import top_label

    predictions = read_classifier(source, scores).report
    pairs = top_label(predictions)
    binned, isotonic = murphy(pairs, equal_mass_cuts(pairs, PARTS_BINS, RULES[convention])), corp(pairs)
    every = classwise_corp(predictions)
    rows = [
        ("murphy", "reliability", binned.reliability),
        ("murphy", "resolution", binned.resolution),
        ("murphy", "uncertainty", binned.uncertainty),
        ("murphy", "within-bin variance", binned.within_variance),
        ("murphy", "within-bin covariance", binned.within_covariance),
        ("murphy", "score", binned.score),
        *(
            (name, part, value)
            for name, found in (("corp", isotonic), ("corp, all classes", every))
            for part, value in (
                ("miscalibration", found.miscalibration),
                ("discrimination", found.discrimination),
                ("uncertainty", found.uncertainty),
                ("score", found.score),
            )
        ),
    ]
    return {
        "table": pd.DataFrame(rows, columns=["decomposition", "part", "value"]),
        "canonical": asdict(canonical_kde_ece(predictions, seed=seed)),
    }


def staged(source: Source, scores: Scores, stage: str) -> Predictions:
    """The reported rows as they are, or with their logits divided by the temperature of the validation part."""
    from core.calibration.repair.scores import scores_of
    from core.calibration.repair.temperature import fit_temperature

    model = read_classifier(source, scores)
    if stage == "pre" or model.fit is None:
        return model.report
    temperature = fit_temperature(scores_of(model.fit), model.fit.labels)
    return cooled(model.report, temperature)


def cooled(predictions: Predictions, temperature: float) -> Predictions:
    """The same rows with their logits (log-probabilities where only those are known) divided by a temperature."""
    from core.calibration.predictions import Predictions
    from core.calibration.repair.scores import log_softmax, scores_of

    logs = log_softmax(scores_of(predictions) / temperature)
    return Predictions(logs, np.exp(logs), predictions.labels, predictions.groups, place=predictions.place)


def read_regression(source: Source) -> RegressionPredictions:
    """Gaussian predictions of numbers.

    Raises:
        BadInput: values that can't be used.
    """
    from core.calibration.predictions import from_intervals
    from core.data.predictions import GaussianFile
    from core.data.predictions_reading import load_predictions
    from core.errors import BadInput

    file = load_predictions(source)
    if not isinstance(file, GaussianFile):
        raise BadInput(f"{file.filename} holds class probabilities; mean, std and target are expected here.")
    try:
        return from_intervals(file.mean, file.deviation, file.target, file.place)
    except BadInput as error:
        raise BadInput(f"{file.filename}: {error}") from None


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """The table as it is kept: rows counted anew, no attributes."""
    table = table.reset_index(drop=True)
    table.attrs = {}
    return table
