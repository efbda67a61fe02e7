"""From a source to validated predictions; what the values mean is asked where the file leaves it open, never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.data.predictions import GaussianFile, ScoreFile, ScoreKind, ScorePart
from core.errors import BadInput

if TYPE_CHECKING:
    from core.analysis import Source
    from core.calibration.predictions import Predictions

Scores = Literal["auto", "logits", "probabilities"]
ASK = "say which they are with scores=logits or scores=probabilities"


@dataclass(frozen=True, eq=False)
class Classifier:
    """One model's predictions, ready to be measured.

    Attributes:
        filename: as messages show it.
        report: the rows that are reported on.
        fit: other rows, which repairs are fitted on; None without.
        notes: what the reader must know of the input.
    """

    filename: str
    report: Predictions
    fit: Predictions | None
    notes: tuple[str, ...]


def read_classifier(source: Source, scores: Scores = "auto") -> Classifier:
    """The predictions of a classifier.

    Args:
        source: of kind "predictions".
        scores: what the values are; "auto": what the names in the file say, refused where the values contradict.

    Raises:
        BadInput: the file can't be used, or holds predictions of numbers.
    """
    from core.data.predictions_reading import load_predictions

    file = load_predictions(source)
    if isinstance(file, GaussianFile):
        raise BadInput(
            f"{file.filename} holds predictions of numbers (mean, std, target); class probabilities are expected here, "
            "only mode evaluate takes numbers."
        )
    return classifier(file, scores)


def classifier(file: ScoreFile, scores: Scores = "auto") -> Classifier:
    """A file of scores as validated predictions.

    Raises:
        BadInput: scores or labels that can't be used, or parts that do not belong together.
    """
    report = validated(file.report, scores, file.filename)
    fit = None if file.fit is None else validated(file.fit, scores, f"{file.filename}, validation part")
    notes = tuple(report.notes)
    if fit is not None:
        if fit.classes != report.classes:
            raise BadInput(
                f"{file.filename}: the validation part has {fit.classes} classes and the report part {report.classes}; "
                "both must come from one model."
            )
        notes += tuple(f"Validation part: {note}" for note in fit.notes if note not in notes)
        notes += shared_rows(file.filename, report, fit)
    return Classifier(file.filename, report, fit, notes)


def validated(part: ScorePart, scores: Scores, filename: str) -> Predictions:
    """One part of a file as validated predictions.

    Raises:
        BadInput: the sentence starts with the file's name and asks where the values contradict their name.
    """
    from core.calibration.predictions import from_logits, from_probabilities

    values, kind = chosen(part, scores, filename)
    try:
        if kind == "probabilities":
            return from_probabilities(values, part.labels, part.groups, part.place)
        logits = _beyond_doubt(values) if scores == "logits" else values
        return from_logits(logits, part.labels, part.groups, part.place)
    except BadInput as error:
        hint = f" Or {ASK}." if scores == "auto" and "hand them in as" in str(error) else ""
        raise BadInput(f"{filename}: {error}{hint}") from None


def chosen(part: ScorePart, scores: Scores, filename: str) -> tuple[np.ndarray, ScoreKind]:
    """Which of a file's arrays is taken, and as what.

    Raises:
        BadInput: both kinds are there and nobody said which.
    """
    if scores != "auto":
        return part.scores.get(scores, next(iter(part.scores.values()))), scores
    if len(part.scores) > 1:
        raise BadInput(f"{filename} holds both logits and probabilities; {ASK}.")
    kind, values = next(iter(part.scores.items()))
    return values, kind


def _beyond_doubt(values: np.ndarray) -> np.ndarray:
    """Logits that a person declared, moved where nothing can take them for probabilities; the softmax stays."""
    return values - 1.0 if values.size and values.dtype.kind in "fiu" and values.min() >= 0 else values


def shared_rows(filename: str, report: Predictions, fit: Predictions) -> tuple[str, ...]:
    """A note where rows of the validation part turn up among the reported ones.

    Raises:
        BadInput: all of them do: nothing would be disjoint.
    """
    known = {row.tobytes() for row in np.ascontiguousarray(report.probabilities)}
    rows = [row.tobytes() for row in np.ascontiguousarray(fit.probabilities)]
    if 2 * len(set(rows)) < fit.n:
        return ()  # a tree or a constant predictor has few different rows: equal ones say nothing
    shared = sum(row in known for row in rows)
    if shared == fit.n:
        raise BadInput(
            f"{filename}: every row of the validation part stands in the report part too; a repair is fitted and "
            "reported on disjoint rows, so bring others."
        )
    if shared > fit.n // 100:
        return (
            f"{shared:,} of {fit.n:,} validation rows have the same probabilities as a reported row: if they are the "
            "same samples, the repair is reported on rows that it was fitted on.",
        )
    return ()
