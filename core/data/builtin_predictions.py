"""The predictions and populations that come with the workbench: what is said of them, and how they are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from core.data.predictions import GaussianFile, ScoreFile, ScorePart
from core.errors import BadInput
from core.keys import content_key

if TYPE_CHECKING:
    from core.analysis import Source

CLASSES, REPORT_ROWS, FIT_ROWS = 10, 10_000, 5_000
TRUE_TEMPERATURE = 2.0  # the logits of `overconfident` are too large by this factor
TRUE_DEVIATION = 1.5  # the errors of `narrow_intervals` are larger by this factor than predicted
SPREAD = {"sharp": 8.0, "blurred": 2.0}  # standard deviation of the true logits, by group


@dataclass(frozen=True)
class BuiltinPredictions:
    """Predictions, or a population of models, known by name.

    Attributes:
        name: after "builtin:".
        kind: "predictions" or "population".
        title: as pages show it.
        description: one sentence.
        citation: where it comes from.
        details: what an inspection would find.
        version: part of its digest; raised whenever its values change.
    """

    name: str
    kind: Literal["predictions", "population"]
    title: str
    description: str
    citation: str
    details: dict[str, Any] = field(hash=False)
    version: int = 1


def _classifier(**found: Any) -> dict[str, Any]:
    return {
        "format": "builtin",
        "kind": "predictions",
        "task": "classification",
        "scores": ["logits"],
        "rows": REPORT_ROWS,
        "fit_rows": FIT_ROWS,
        "classes": CLASSES,
        "groups": len(SPREAD),
        **found,
    }


BUILTIN_PREDICTIONS: tuple[BuiltinPredictions, ...] = (
    BuiltinPredictions(
        "overconfident",
        "predictions",
        "Overconfident classifier",
        "Generated logits of 10 classes that are twice too large: the right temperature is 2; 10,000 rows to "
        "report on and 5,000 to fit on, in two groups.",
        f"Made here: z ~ N(0, s^2) with s = 8 or 2, label ~ softmax(z), logits = {TRUE_TEMPERATURE} z.",
        _classifier(true_temperature=TRUE_TEMPERATURE),
    ),
    BuiltinPredictions(
        "calibrated",
        "predictions",
        "Perfectly calibrated classifier",
        "The same generated classifier with logits as they should be: what is left of its calibration error is noise.",
        "Made here: z ~ N(0, s^2) with s = 8 or 2, label ~ softmax(z), logits = z.",
        _classifier(true_temperature=1.0),
    ),
    BuiltinPredictions(
        "narrow_intervals",
        "predictions",
        "Intervals that are too narrow",
        "Generated Gaussian predictions of 5,000 numbers whose errors are 1.5 times larger than predicted.",
        f"Made here: target ~ N(mean, ({TRUE_DEVIATION} std)^2).",
        {
            "format": "builtin",
            "kind": "predictions",
            "task": "regression",
            "rows": 5_000,
            "fit_rows": 0,
            "classes": 0,
            "groups": 0,
        },
    ),
    BuiltinPredictions(
        "digits-mlps",
        "population",
        "Small networks on digits",
        "54 networks of three widths, three depths, two lengths of training and three weight decays, trained here on the "
        "handwritten digits, and tried on disturbed digits too; half a minute on two cores.",
        "Made here; data: Alpaydin and Kaynak (1998), UCI Machine Learning Repository, doi:10.24432/C50P49.",
        {
            "format": "builtin",
            "kind": "population",
            "form": "trained",
            "models": 54,
            "rows": 899,
            "fit_rows": 269,
            "classes": 10,
        },
    ),
)


def builtin_predictions(name: str) -> BuiltinPredictions:
    """The built-in of a name.

    Raises:
        BadInput: no such name; the sentence lists them.
    """
    for one in BUILTIN_PREDICTIONS:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in BUILTIN_PREDICTIONS)
    raise BadInput(f"There are no built-in predictions {name[:80]!r}; there are {known}.")


def builtin_predictions_source(name: str) -> Source:
    """A built-in as what a person puts into a slot.

    Raises:
        BadInput: no such name.
    """
    from core.analysis import Source

    one = builtin_predictions(name)
    return Source(one.kind, one.name, content_key("builtin", one.name, one.version), f"builtin:{one.name}", one.details)


def make_predictions(name: str) -> ScoreFile | GaussianFile:
    """The values of a built-in of kind "predictions", the same on every machine.

    Raises:
        BadInput: no such name.
    """
    builtin_predictions(name)
    return _MAKERS[name]()


def _overconfident() -> ScoreFile:
    return _generated("overconfident", TRUE_TEMPERATURE)


def _calibrated() -> ScoreFile:
    return _generated("calibrated", 1.0)


def _generated(name: str, temperature: float) -> ScoreFile:
    generator = np.random.default_rng(20230)
    return ScoreFile(name, _drawn(generator, REPORT_ROWS, temperature), _drawn(generator, FIT_ROWS, temperature))


def _drawn(generator: np.random.Generator, rows: int, temperature: float) -> ScorePart:
    """Logits whose temperature is known, because the labels are drawn from their softmax at that temperature."""
    groups = generator.choice(list(SPREAD), rows, p=[0.7, 0.3])
    spread = np.where(groups == "sharp", SPREAD["sharp"], SPREAD["blurred"])
    true = spread[:, None] * generator.standard_normal((rows, CLASSES))
    gumbel = generator.gumbel(size=(rows, CLASSES))
    labels = (true + gumbel).argmax(axis=1)  # the largest of logits plus Gumbel noise is a draw from the softmax
    return ScorePart({"logits": (temperature * true).astype(np.float32)}, labels, groups)


def _narrow_intervals() -> GaussianFile:
    generator = np.random.default_rng(20231)
    mean = generator.uniform(0, 10, 5_000)
    deviation = 0.2 + 0.1 * mean
    target = mean + TRUE_DEVIATION * deviation * generator.standard_normal(len(mean))
    return GaussianFile("narrow_intervals", mean, deviation, target)


_MAKERS: dict[str, Callable[[], ScoreFile | GaussianFile]] = {
    "overconfident": _overconfident,
    "calibrated": _calibrated,
    "narrow_intervals": _narrow_intervals,
}
