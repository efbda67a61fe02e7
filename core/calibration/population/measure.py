"""One model at a time: all metrics before and after temperature scaling, and on random halves of the rows.

A stream of models costs the memory of one; what is kept of each is a row of numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from core.calibration.conventions import Convention
from core.calibration.metrics.battery import STUDY_BINS, battery, rules_of
from core.calibration.metrics.cuts import equal_width_cuts
from core.calibration.metrics.pairs import top_label
from core.calibration.metrics.uncertainty import floor_formula
from core.calibration.population.reliability import SPLIT
from core.calibration.population.schema import ACCURACY, DATASET, MODEL, STAGES, metric_column
from core.calibration.predictions import Predictions, softmax64
from core.calibration.repair.scores import scores_of
from core.calibration.repair.split import split, stratified_mask
from core.calibration.repair.study_temperature import grid_temperature
from core.calibration.repair.temperature import find_temperature
from core.errors import BadInput

HALF_SEED = 7919  # keeps the halves apart from the split into fit and report rows


@dataclass(frozen=True)
class Measurement:
    """How every model is measured.

    Attributes:
        convention: whose definitions the metrics follow.
        bins: numbers of bins.
        temperature: "likelihood" minimises the NLL; "study" takes the T of a grid with the smallest ECE_15.
        fit_share: of the rows, where a model brings no rows to fit on; the rest are reported on, before and after.
        splits: random halvings of the reported rows, for the ceiling; one is enough for hundreds of models.
        seed: of the splits.
    """

    convention: Convention = "study"
    bins: tuple[int, ...] = STUDY_BINS
    temperature: Literal["likelihood", "study"] = "likelihood"
    fit_share: float = 0.2
    splits: int = 1
    seed: int = 0


@dataclass(frozen=True, eq=False)
class ModelRow:
    """What is kept of one model.

    Attributes:
        row: its metrics in the published names, with `acc`, `temperature`, `samples` and the ECE's floors.
        first_halves: its metrics on the first half of the reported rows, one mapping a split.
        second_halves: on the other half.
        notes: what the reader must know.
    """

    row: dict[str, float]
    first_halves: tuple[dict[str, float], ...]
    second_halves: tuple[dict[str, float], ...]
    notes: tuple[str, ...]


def model_row(report: Predictions, fit: Predictions | None = None, how: Measurement | None = None) -> ModelRow:
    """Measures one model; before and after temperature scaling on the same rows.

    Args:
        report: [n, K] the model's predictions.
        fit: other rows of the model, which the temperature is fitted on; without them a share of the report rows is,
            and the others are reported on.
        how: conventions, bins, temperature, splits.

    Raises:
        BadInput: too few rows to split, or rows to fit on with other classes.
    """
    how = how or Measurement()
    if fit is None:
        parts = split(report, how.fit_share, how.seed)
        report, fit = parts.report, parts.fit
    if fit.classes != report.classes:
        raise BadInput(
            f"The rows to fit on have {fit.classes} classes and the reported ones {report.classes}; both must come from "
            "one model."
        )
    temperature, notes = _temperature(fit, how)
    scaled = _scaled(report, temperature)
    stages: dict[str, Predictions] = dict(zip(STAGES, (report, scaled), strict=True))
    row = _row(stages, how) | _facts(report) | _floors(stages, how) | {"temperature": temperature}
    halves: list[tuple[dict[str, float], dict[str, float]]] = []
    for number in range(how.splits):
        mask = stratified_mask(report.labels, 0.5, HALF_SEED + how.seed + number)
        if not mask.any() or mask.all():
            raise BadInput(f"Report part: {report.n} rows can't be cut in halves; at least 4 are expected.")
        first, second = (
            _row({stage: part.rows(chosen) for stage, part in stages.items()}, how)
            | {ACCURACY: float(report.correct[chosen].mean())}
            for chosen in (mask, ~mask)
        )
        halves.append((first, second))
    return ModelRow(row, tuple(h[0] for h in halves), tuple(h[1] for h in halves), notes)


def measure_models(
    models: Iterable[tuple[str, Predictions, Predictions | None]], dataset: str = "", how: Measurement | None = None
) -> dict[str, pd.DataFrame]:
    """Measures models one after the other; only one is in memory when they come from a generator.

    Args:
        models: name, reported rows and rows to fit on (or None) of each.
        dataset: its name.
        how: as `model_row`.

    Returns:
        Tables "metrics" (a row a model), "first_halves" and "second_halves" (a row a model and `split`), and "notes"
        (`model`, `note`), all with `dataset` and `model`.
    """
    collected: dict[str, list[dict[str, object]]] = {name: [] for name in TABLES}
    for name, report, fit in models:
        measured = model_row(report, fit, how)
        names = {DATASET: dataset, MODEL: name}
        collected["metrics"].append({**names, **measured.row})
        for table, halves in (
            ("first_halves", measured.first_halves),
            ("second_halves", measured.second_halves),
        ):
            collected[table] += [{**names, SPLIT: number, **half} for number, half in enumerate(halves)]
        collected["notes"] += [{**names, "note": note} for note in measured.notes]
    tables = {name: pd.DataFrame(rows) for name, rows in collected.items()}
    if tables["notes"].empty:
        tables["notes"] = pd.DataFrame({DATASET: [], MODEL: [], "note": []}, dtype=str)
    return tables


TABLES = ("metrics", "first_halves", "second_halves", "notes")


def gathered(parts: Sequence[Mapping[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """The tables of several steps of `measure_models` as one set."""
    return {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in TABLES}


def _temperature(fit: Predictions, how: Measurement) -> tuple[float, tuple[str, ...]]:
    scores = scores_of(fit)
    if how.temperature == "study":
        return grid_temperature(scores, fit.labels), ()
    found = find_temperature(scores, fit.labels)
    return found.temperature, found.notes


def _scaled(predictions: Predictions, temperature: float) -> Predictions:
    logits = scores_of(predictions) / temperature
    return Predictions(logits, softmax64(logits), predictions.labels)


def _row(stages: Mapping[str, Predictions], how: Measurement) -> dict[str, float]:
    """Metrics of both stages under their published names; one that is not defined is missing."""
    row: dict[str, float] = {}
    for stage in STAGES:
        table = battery(stages[stage], convention=how.convention, bins=how.bins)
        for metric, bins, value in zip(table["metric"], table["bins"], table["value"], strict=True):
            row[metric_column(stage, metric, None if pd.isna(bins) else int(bins))] = float(value)
    return row


def _facts(report: Predictions) -> dict[str, float]:
    """Accuracy (a temperature doesn't change it), and mean confidence of right and of wrong answers."""
    right = report.correct
    return {
        ACCURACY: float(right.mean()),
        "correct_confidence": float(report.confidence[right].mean()) if right.any() else np.nan,
        "incorrect_confidence": float(report.confidence[~right].mean()) if not right.all() else np.nan,
        "samples": float(report.n),
    }


def _floors(stages: Mapping[str, Predictions], how: Measurement) -> dict[str, float]:
    """The ECE that a perfectly calibrated model of the same confidences would show, for each number of bins."""
    rules = rules_of(how.convention)
    floors: dict[str, float] = {}
    for stage in STAGES:
        pairs = top_label(stages[stage])
        floors |= {f"{stage}_floor_{b}": floor_formula(pairs, equal_width_cuts(pairs, b, rules)) for b in how.bins}
    return floors
