"""The example files that come with the project run in the modes that they are meant for."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis import Source, parse_params
from core.calibration.analysis import ANALYSIS
from core.keys import digest_of_file
from core.serial import serially
from core.sources import inspect_file

EXAMPLES = Path(__file__).resolve().parents[3] / "assets" / "examples"


def example(name: str) -> Source:
    """An example as an upload of it would be."""
    path = EXAMPLES / name
    kind, details = inspect_file(path, name, None)
    return Source(kind, name, digest_of_file(path), str(path), details)


def test_the_classifier_is_found_overconfident() -> None:
    """The logits of the example are 1.6 times too large, and the fitted temperature says so."""
    params = parse_params(ANALYSIS.params, {"mode": "evaluate", "resamples": 20})
    result = serially(ANALYSIS, params, {"predictions": example("classifier.npz")})
    temperature = result.summary["temperature"]
    assert temperature.low is not None and temperature.high is not None
    assert temperature.low < 1.6 < temperature.high
    assert temperature.value == pytest.approx(1.6, rel=0.25)


def test_the_models_answer_the_questions() -> None:
    """The table of networks in the study's column names answers the questions on metrics, temperature and accuracy."""
    params = parse_params(ANALYSIS.params, {"mode": "population", "resamples": 20})
    result = serially(ANALYSIS, params, {"population": example("models.csv")})
    assert result.summary["models"].value == 27
    assert {"iii", "iv", "v"} <= set(result.tables["kendall"].question)
    assert float(result.summary["tau_accuracy"].value or 0) < 0
