"""One model at a time: all metrics before and after temperature scaling, and on random halves of the rows.

A stream of models costs the memory of one; what is kept of each is a row of numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from core.calibration.conventions import Convention
from core.calibration.metrics.arrays import Array, Value, namespace
from core.calibration.metrics.battery import STUDY_BINS, battery, rules_of
from core.calibration.metrics.cuts import equal_width_cuts
from core.calibration.metrics.pairs import top_label
from core.calibration.metrics.uncertainty import floor_formula
from core.calibration.population.reliability import SPLIT
from core.calibration.population.schema import ACCURACY, DATASET, MODEL, STAGES, Stage, metric_column
from core.calibration.predictions import Predictions, softmax64
from core.calibration.repair.scores import scores_of
from core.calibration.repair.split import split, stratified_mask
from core.calibration.repair.study_temperature import grid_temperature
from core.calibration.repair.temperature import find_temperature
from core.errors import BadInput

if TYPE_CHECKING:
    from core.calibration.metrics.batch import Batch

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


Model = tuple[str, Predictions, Predictions | None]  # name, reported rows, and rows to fit on


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
    report, fit = parted(report, fit, how)
    temperature, notes = _temperature(fit, how)
    stages = dict(zip(STAGES, (report, _scaled(report, temperature)), strict=True))
    masks = half_masks(report, how)

    def half(mask: np.ndarray) -> dict[str, float]:
        return _floats(half_columns({stage: part.rows(mask) for stage, part in stages.items()}, how))

    row = _floats(whole_columns(stages, how) | {"temperature": temperature})
    return ModelRow(row, tuple(half(mask) for mask in masks), tuple(half(~mask) for mask in masks), notes)


def _floats(columns: dict[str, Value]) -> dict[str, float]:
    return {name: float(value) for name, value in columns.items()}


def parted(report: Predictions, fit: Predictions | None, how: Measurement) -> tuple[Predictions, Predictions]:
    """The rows that are reported on, and those that are fitted on: a share of the former where a model brings none.

    Raises:
        BadInput: too few rows to split, or rows to fit on with other classes.
    """
    if fit is None:
        parts = split(report, how.fit_share, how.seed)
        return parts.report, parts.fit
    if fit.classes != report.classes:
        raise BadInput(
            f"The rows to fit on have {fit.classes} classes and the reported ones {report.classes}; both must come from "
            "one model."
        )
    return report, fit


def half_masks(report: Predictions, how: Measurement) -> list[np.ndarray]:
    """[n] the rows of the first half, for each split.

    Raises:
        BadInput: too few rows to cut.
    """
    masks = [stratified_mask(report.labels, 0.5, HALF_SEED + how.seed + number) for number in range(how.splits)]
    if any(not mask.any() or mask.all() for mask in masks):
        raise BadInput(f"Report part: {report.n} rows can't be cut in halves; at least 4 are expected.")
    return masks


def measure_models(
    models: Iterable[Model], dataset: str = "", how: Measurement | None = None, device: str | None = None
) -> dict[str, pd.DataFrame]:
    """Measures models one after the other, or as many at once as a device takes; no more are in memory when they come
    from a generator.

    Args:
        models: name, reported rows and rows to fit on (or None) of each.
        dataset: its name.
        how: as `model_row`.
        device: of torch ("cuda", "cpu"); None: numpy, one model at a time.

    Returns:
        Tables "metrics" (a row a model), "first_halves" and "second_halves" (a row a model and `split`), and "notes"
        (`model`, `note`), all with `dataset` and `model`.
    """
    collected: dict[str, list[dict[str, object]]] = {name: [] for name in TABLES}
    for name, measured in _measured(models, how or Measurement(), device):
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


def _measured(models: Iterable[Model], how: Measurement, device: str | None) -> Iterator[tuple[str, ModelRow]]:
    if device is None:
        return ((name, model_row(report, fit, how)) for name, report, fit in models)
    from core.calibration.population.measure_together import rows_of_models

    return rows_of_models(models, how, device)


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


def whole_columns(stages: Mapping[Stage, Predictions | Batch], how: Measurement) -> dict[str, Value]:
    """What is known of all reported rows of a model, or of a batch of them: metrics, facts and floors."""
    return _metrics(stages, how) | _facts(stages["pre"]) | _floors(stages, how)


def half_columns(stages: Mapping[Stage, Predictions | Batch], how: Measurement) -> dict[str, Value]:
    """What is measured on half of the reported rows: metrics and accuracy."""
    return _metrics(stages, how) | {ACCURACY: _share(stages["pre"].correct)}


def _metrics(stages: Mapping[Stage, Predictions | Batch], how: Measurement) -> dict[str, Value]:
    """Metrics of both stages under their published names; one that is not defined is missing."""
    return {
        metric_column(stage, metric, bins): value
        for stage in STAGES
        for (metric, bins), value in _battery(stages[stage], how).items()
    }


def _battery(part: Predictions | Batch, how: Measurement) -> dict[tuple[str, int | None], Value]:
    if not isinstance(part, Predictions):
        from core.calibration.metrics.batch import battery_of_batch

        return dict(battery_of_batch(part, how.bins, rules_of(how.convention)))
    table = battery(part, convention=how.convention, bins=how.bins)
    return {
        (metric, None if pd.isna(bins) else int(bins)): float(value)
        for metric, bins, value in zip(table["metric"], table["bins"], table["value"], strict=True)
    }


def _facts(report: Predictions | Batch) -> dict[str, Value]:
    """Accuracy (a temperature doesn't change it), and mean confidence of right and of wrong answers."""
    right = report.correct
    return {
        ACCURACY: _share(right),
        "correct_confidence": _mean_of(report.confidence, right),
        "incorrect_confidence": _mean_of(report.confidence, ~right),
        "samples": float(report.n),
    }


def _share(chosen: Array) -> Value:
    xp = namespace(chosen)
    return xp.mean(chosen, -1, dtype=xp.float64)


def _mean_of(values: Array, chosen: Array) -> Value:
    """Mean of the chosen values of each row; NaN where none is chosen."""
    xp, count = namespace(values), chosen.sum(-1)
    return xp.where(count > 0, xp.where(chosen, values, 0.0).sum(-1) / count.clip(min=1), xp.nan)


def _floors(stages: Mapping[Stage, Predictions | Batch], how: Measurement) -> dict[str, Value]:
    """The ECE that a perfectly calibrated model of the same confidences would show, for each number of bins."""
    rules = rules_of(how.convention)
    floors: dict[str, Value] = {}
    for stage in STAGES:
        pairs = top_label(stages[stage])
        floors |= {f"{stage}_floor_{b}": floor_formula(pairs, equal_width_cuts(pairs, b, rules)) for b in how.bins}
    return floors
