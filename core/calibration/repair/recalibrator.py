"""A fitted repair: plain numbers and the form that says how they are applied."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.calibration.predictions import Predictions
from core.calibration.repair.forms import FORMS
from core.calibration.repair.scores import scores_of
from core.errors import BadInput

FORMAT = "assay-recalibrator-1"


@dataclass(frozen=True, eq=False)
class Recalibrator:
    """A fitted recalibrator.

    Attributes:
        name: the method's name in `METHODS`.
        form: how the parameters are applied, a name in `FORMS`.
        classes: K.
        parameters: plain JSON values (numbers and nested lists of them).
        notes: what the reader must know of the fit.
    """

    name: str
    form: str
    classes: int
    parameters: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    def log_apply(self, scores: np.ndarray) -> np.ndarray:
        """Log-probabilities [n, K] after the repair; -inf where the repair rules a class out.

        Args:
            scores: [n, K] logits or log-probabilities of the model.

        Raises:
            BadInput: The number of columns differs from that of the fit.
        """
        scores = np.asarray(scores, dtype=np.float64)
        if scores.ndim != 2 or scores.shape[1] != self.classes:
            raise BadInput(
                f"Repair {self.name}: an array of shape {scores.shape} was found, [samples, {self.classes}] is "
                "expected, as in the fit."
            )
        return FORMS[self.form].log_probabilities(scores, self.parameters)

    def apply(self, scores: np.ndarray) -> np.ndarray:
        """Probabilities [n, K] after the repair, rows sum to one.

        Args:
            scores: [n, K] logits or log-probabilities of the model.

        Raises:
            BadInput: The number of columns differs from that of the fit.
        """
        return np.exp(self.log_apply(scores))


def repaired(fitted: Recalibrator, predictions: Predictions) -> Predictions:
    """The same rows after a repair; the log-probabilities stand for the logits, so that no metric loses digits.

    Raises:
        BadInput: The number of classes differs from that of the fit.
    """
    logs = fitted.log_apply(scores_of(predictions))
    return replace(predictions, logits=logs, probabilities=np.exp(logs))


def to_json(fitted: Recalibrator) -> str:
    """The fitted repair as JSON text; every float is written so that it is read back exactly."""
    content = {
        "format": FORMAT,
        "name": fitted.name,
        "form": fitted.form,
        "classes": fitted.classes,
        "parameters": dict(fitted.parameters),
        "notes": list(fitted.notes),
    }
    return json.dumps(content, allow_nan=False)


def from_json(text: str) -> Recalibrator:
    """The repair that `to_json` wrote.

    Raises:
        BadInput: The text isn't such a repair; says what is wrong.
    """
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(
            f"Repair: line {error.lineno} is no JSON ({error.msg}); hand in the file as downloaded."
        ) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise BadInput(f'Repair: "format": "{FORMAT}" was not found; hand in the JSON file of a repair as downloaded.')
    form = FORMS.get(str(content.get("form")))
    if form is None:
        raise BadInput(f"Repair: form {content.get('form')!r} is not known; one of {', '.join(FORMS)} is expected.")
    parameters, classes = content.get("parameters"), content.get("classes")
    if not isinstance(parameters, dict) or set(parameters) != set(form.parameters):
        raise BadInput(f"Repair: form {form.name} has the parameters {', '.join(form.parameters)}; others were found.")
    notes = content.get("notes")
    if not isinstance(notes, list) or not all(isinstance(note, str) for note in notes):
        raise BadInput("Repair: notes must be a list of texts.")
    if type(classes) is not int or classes < 2:
        raise BadInput(f"Repair: classes is {classes!r}; a whole number of at least 2 is expected.")
    fitted = Recalibrator(str(content.get("name")), form.name, classes, parameters, tuple(notes))
    try:
        proper = np.isfinite(fitted.apply(np.zeros((1, classes)))).all()
    except (ValueError, TypeError, IndexError):
        proper = False
    if not proper:
        raise BadInput(f"Repair: the parameters don't fit form {form.name} with {classes} classes.")
    return fitted


def apply_snippet(fitted: Recalibrator) -> str:
    """A few lines of Python that apply the downloaded JSON to `logits`, with numpy alone.

    The lines read `repair.json` and `logits.npy` (logits, or log-probabilities where the repair was fitted on those) and
    leave the probabilities in `p`.
    """
    return FORMS[fitted.form].snippet
