"""What the library shows of predictions and populations, and what estimates need; refuses what can't be used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.analysis import Source
from core.calibration.reading import ASK, Classifier, classifier
from core.data.formats import shown
from core.data.predictions import GaussianFile, ScoreFile
from core.errors import BadInput


def inspect_predictions(path: Path, filename: str) -> dict[str, Any]:
    """Reads a whole file of predictions and describes it in plain JSON values.

    Returns:
        format; kind "predictions"; task ("classification" or "regression"); scores (which kinds the file holds); rows;
        fit_rows (of the validation part); classes; groups (how many); accuracy, where it is known; notes.

    Raises:
        BadInput: the file can't be used.
        TooLarge: more than the limits, or than there is memory.
    """
    from core.data.predictions_reading import prediction_format, read_predictions

    file = read_predictions(path, filename)
    found = {"format": prediction_format(path, filename).name, "kind": "predictions"}
    if isinstance(file, GaussianFile):
        return found | _describe_gaussian(file)
    return found | _describe_scores(file)


def _describe_scores(file: ScoreFile) -> dict[str, Any]:
    found: dict[str, Any] = {
        "task": "classification",
        "scores": sorted(file.report.scores),
        "rows": len(file.report.labels),
        "fit_rows": 0 if file.fit is None else len(file.fit.labels),
        "groups": _count(file.report.groups),
    }
    checked, doubt = _checked(file)
    shape = next(iter(file.report.scores.values())).shape
    found["classes"] = shape[-1]
    if checked is not None:
        found["accuracy"] = float(checked.report.correct.mean())
    return found | {"notes": list(checked.notes) if checked else [doubt]}


def _checked(file: ScoreFile) -> tuple[Classifier | None, str]:
    """The predictions, or what must be asked before they can be used."""
    if len(file.report.scores) > 1:
        return None, f"{file.filename} holds both logits and probabilities; {ASK}."
    try:
        return classifier(file), ""
    except BadInput as error:
        if ASK in str(error):  # a contradiction that a parameter resolves is no reason to refuse the file
            return None, str(error)
        raise


def _describe_gaussian(file: GaussianFile) -> dict[str, Any]:
    from core.calibration.predictions import from_intervals

    try:
        from_intervals(file.mean, file.deviation, file.target, file.place)
    except BadInput as error:
        raise BadInput(f"{shown(file.filename)}: {error}") from None
    return {
        "task": "regression",
        "rows": len(file.mean),
        "fit_rows": 0,
        "classes": 0,
        "groups": _count(file.groups),
        "notes": [],
    }


def _count(groups: Any) -> int:
    return 0 if groups is None else len(set(groups.tolist()))


def inspect_population(path: Path, filename: str) -> dict[str, Any]:
    """Looks at a file of many models and at its first one, and describes it in plain JSON values.

    Returns:
        format; kind "population"; form ("arrays", "long" or "metrics"); models (how many); datasets (their names);
        rows, fit_rows and classes (the largest of the data sets).

    Raises:
        BadInput: the file can't be used.
        TooLarge: more than the limits, or than there is memory.
    """
    from core.data.population import inspect_population_file, read_models
    from core.data.predictions_reading import prediction_format

    found = inspect_population_file(path, filename)
    notes: list[str] = []
    if found.form != "metrics":
        source = Source("population", filename, "", str(path))
        notes = _describe_scores(next(read_models(source, 0, 1, found.datasets[0])))["notes"]
    return {
        "format": prediction_format(path, filename).name,
        "kind": "population",
        "form": found.form,
        "models": len(found.models),
        "datasets": [name for name in found.datasets if name],
        "rows": max(found.rows.values()),
        "fit_rows": max(found.fit_rows.values()),
        "classes": max(found.classes.values()),
        "notes": [f"First model: {note}" for note in notes],
    }
