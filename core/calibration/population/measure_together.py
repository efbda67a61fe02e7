"""Many models at once on a device: as many as it takes, each with the numbers that it has alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from core.calibration.metrics.arrays import Value, as_numpy
from core.calibration.metrics.batch import BATCH_VALUES, MOST_TOGETHER, Batch, batch_of
from core.calibration.population.measure import (
    Measurement,
    Model,
    ModelRow,
    half_columns,
    half_masks,
    parted,
    whole_columns,
)
from core.calibration.population.schema import STAGES
from core.calibration.predictions import Predictions
from core.calibration.repair.temperatures import find_temperatures, grid_temperatures

Parts = tuple[Predictions, Predictions]  # reported, and fitted on


def rows_of_models(models: Iterable[Model], how: Measurement, device: str) -> Iterator[tuple[str, ModelRow]]:
    """The row of each model, as `model_row` has it."""
    for names, parts in _batches(models, how):
        yield from zip(names, _rows(parts, how, device), strict=True)


def _batches(models: Iterable[Model], how: Measurement) -> Iterator[tuple[list[str], list[Parts]]]:
    """Models of equal shapes that follow each other, as many as a batch may hold."""
    names: list[str] = []
    waiting: list[Parts] = []
    for name, report, fit in models:
        parts = parted(report, fit, how)
        most = min(MOST_TOGETHER, max(1, BATCH_VALUES // parts[0].probabilities.size))
        if waiting and (len(waiting) >= most or _shapes(parts) != _shapes(waiting[0])):
            yield names, waiting
            names, waiting = [], []
        names.append(name)
        waiting.append(parts)
    if waiting:
        yield names, waiting


def _shapes(parts: Parts) -> list[tuple[tuple[int, ...], bool]]:
    return [(part.probabilities.shape, part.logits is None) for part in parts]


def _rows(parts: list[Parts], how: Measurement, device: str) -> Iterator[ModelRow]:
    import torch

    report, fit = (batch_of([part[place] for part in parts], device) for place in (0, 1))
    temperatures, notes = _temperatures(fit, how)
    stages = dict(zip(STAGES, (report, report.cooled(torch.as_tensor(temperatures, device=device))), strict=True))
    whole = _by_model(whole_columns(stages, how) | {"temperature": temperatures}, len(parts))
    masks = np.stack([half_masks(part[0], how) for part in parts], axis=1)  # [splits, m, n]
    halves = [
        [
            _by_model(half_columns({stage: part.rows(index) for stage, part in stages.items()}, how), len(parts))
            for chosen in (mask, ~mask)
            for index in [torch.as_tensor(np.nonzero(chosen)[1].reshape(len(parts), -1), device=device)]
        ]
        for mask in masks
    ]
    for place, row in enumerate(whole):
        first, second = (tuple(split[half][place] for split in halves) for half in (0, 1))
        yield ModelRow(row, first, second, notes[place])


def _temperatures(fit: Batch, how: Measurement) -> tuple[np.ndarray, list[tuple[str, ...]]]:
    if how.temperature == "study":
        found = grid_temperatures(fit)
        return found, [()] * len(found)
    fits = find_temperatures(fit)
    return np.array([one.temperature for one in fits]), [one.notes for one in fits]


def _by_model(columns: dict[str, Value], models: int) -> list[dict[str, float]]:
    """Columns of all models, or one number for all, as a row for each model."""
    wide = {name: np.broadcast_to(as_numpy(values), models).tolist() for name, values in columns.items()}
    return [{name: values[place] for name, values in wide.items()} for place in range(models)]
