"""Models measured together on torch have the rows that each has alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.calibration.population.measure import TABLES, Measurement, Model, measure_models
from core.calibration.predictions import from_logits, from_probabilities


def models(count: int = 5, rows: int = 60, classes: int = 3, as_logits: bool = True) -> Iterator[Model]:
    """Models of varying skill and confidence, the second without mistakes, with 30 rows to fit on."""
    rng = np.random.default_rng(0)
    labels, fit_labels = np.arange(rows) % classes, np.arange(30) % classes
    for number in range(count):
        skill, scale = (50.0 if number == 1 else 1.5), 0.5 + number
        parts = []
        for truth in (labels, fit_labels):
            logits = scale * (rng.normal(size=(truth.size, classes)) + skill * np.eye(classes)[truth])
            one = from_logits(logits.astype(np.float32), truth)
            parts.append(one if as_logits else from_probabilities(one.probabilities, truth))
        yield f"model-{number}", parts[0], parts[1]


def compare(given: list[Model], **how: Any) -> dict[str, pd.DataFrame]:
    """The tables of the device, after they were compared with those of numpy."""
    options = Measurement(bins=(5, 15, 100), splits=2, **how)
    alone, together = measure_models(given, "d", options), measure_models(given, "d", options, "cpu")
    for name in TABLES:
        pd.testing.assert_frame_equal(together[name], alone[name], rtol=1e-9, atol=1e-9)
    return together


@pytest.mark.parametrize(
    "how", [{}, {"temperature": "study"}, {"convention": "sklearn"}, {"convention": "torchmetrics"}]
)
def test_every_table_is_that_of_the_models_alone(how: dict[str, str]) -> None:
    """Metrics before and after, halves, floors, facts and notes agree to 1e-9, whatever is chosen."""
    tables = compare(list(models()), **how)
    assert len(tables["metrics"]) == 5 and len(tables["first_halves"]) == 10
    assert np.isnan(tables["metrics"].incorrect_confidence[1])  # the model without mistakes


def test_the_model_without_mistakes_is_named() -> None:
    """What is to be said of one model's temperature is said of that model."""
    assert list(compare(list(models()))["notes"].model) == ["model-1"]


def test_models_without_rows_to_fit_on_are_split() -> None:
    """The same rows are fitted on as alone."""
    tables = compare([(name, report, None) for name, report, _ in models()])
    assert set(tables["metrics"].samples) == {48}


def test_probabilities_are_measured_as_they_are() -> None:
    """Models that hand in probabilities are not put through a softmax again."""
    compare(list(models(as_logits=False)))


def test_models_of_other_shapes_come_in_batches_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The order of the models stays, however they are batched."""
    monkeypatch.setattr("core.calibration.population.measure_together.MOST_TOGETHER", 2)
    mixed = [*models(3), *models(2, rows=40, classes=4), *models(1, as_logits=False), *models(2)]
    named = [(f"{place}", report, fit) for place, (_, report, fit) in enumerate(mixed)]
    assert list(compare(named)["metrics"].model) == [str(place) for place in range(8)]
