"""The battery of many models at once, on torch, is that of each alone."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from core.calibration.conventions import CONVENTIONS, RULES, Convention
from core.calibration.metrics.batch import batch_of, battery_of_batch
from core.calibration.metrics.battery import STUDY_BINS, battery
from core.calibration.metrics.cuts import sorted_quantiles
from core.calibration.metrics.evaluate import evaluate
from core.calibration.predictions import Predictions, from_logits, from_probabilities
from tests.core.calibration.metrics.cases import CASES, overconfident


def together(models: list[Predictions], convention: Convention = "study") -> list[dict[tuple[str, int | None], float]]:
    """The values of each model, measured as one batch on the processor."""
    found = battery_of_batch(batch_of(models, "cpu"), STUDY_BINS, RULES[convention])
    return [{key: float(values[place]) for key, values in found.items()} for place in range(len(models))]


def alone(model: Predictions, convention: Convention = "study") -> dict[tuple[str, int | None], float]:
    table = battery(model, convention=convention)
    bins = [None if pd.isna(b) else int(b) for b in table.bins]
    return dict(zip(zip(table.metric, bins, strict=True), table.value, strict=True))


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("case", CASES)
def test_a_batch_is_its_models(case: str, convention: Convention) -> None:
    """Every value of the battery, under each convention, to 1e-9: the definitions are the same."""
    models = [CASES[case](n=300, seed=seed) for seed in range(3)]
    for model, values in zip(models, together(models, convention), strict=True):
        assert values == pytest.approx(alone(model, convention), abs=1e-9, nan_ok=True)


def test_the_company_changes_nothing() -> None:
    """A model beside very different ones has the values that it has alone: each solves and smooths for itself."""
    models = [overconfident(n=300, seed=1, sharper=sharper) for sharper in (0.2, 1.0, 9.0)]
    for model, values in zip(models, together(models), strict=True):
        assert values == pytest.approx(together([model])[0], abs=1e-13)


def test_what_is_undefined_is_missing_for_that_model_alone() -> None:
    """Among many models, one without wrong answers has no AUROC and one without spread no KDE-ECE; others have both."""
    right = from_probabilities([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3]], [0, 0, 0])
    flat = from_probabilities([[0.9, 0.1]] * 3, [0, 1, 0])
    usual = from_probabilities([[0.9, 0.1], [0.4, 0.6], [0.7, 0.3]], [0, 0, 0])
    first, second, third = together([right, flat, usual])
    assert math.isnan(first["auroc", None]) and not math.isnan(first["kde_ece", None])
    assert math.isnan(second["kde_ece", None]) and not math.isnan(second["auroc", None])
    assert third == pytest.approx(alone(usual), abs=1e-9)


def test_an_infinite_loss_stays_infinite() -> None:
    """A label of probability zero makes the NLL infinite, from logits and from probabilities, clipped where asked."""
    ruled_out = from_logits([[0.0, -np.inf], [1.0, 0.5]], [1, 0])
    zero = from_probabilities([[1.0, 0.0], [0.6, 0.4]], [1, 0])
    for model in (ruled_out, zero):
        assert together([model])[0]["nll", None] == math.inf
        clipped = together([model], "sklearn")[0]["nll", None]
        assert clipped == pytest.approx(alone(model, "sklearn")["nll", None]) and math.isfinite(clipped)


def test_many_classes_are_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Classwise errors do not depend on how many classes are sorted at once."""
    models = [overconfident(n=100, classes=7, seed=seed) for seed in range(2)]
    whole = together(models)
    monkeypatch.setattr("core.calibration.metrics.batch.BATCH_VALUES", 3 * 200)
    for values, expected in zip(together(models), whole, strict=True):
        assert values == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_intervals_floors_and_p_values_of_a_device(convention: Convention, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the resamples measured together on torch, the table is the one that numpy gives, in parts or as a whole."""
    monkeypatch.setattr("core.calibration.metrics.evaluate.MOST_TOGETHER", 7)
    for model in (overconfident(n=200), CASES["hundredths"](n=200)):
        usual = evaluate(model, convention=convention, bins=[5, 15], resamples=20, seed=3)
        device = evaluate(model, convention=convention, bins=[5, 15], resamples=20, seed=3, device="cpu")
        pd.testing.assert_frame_equal(device, usual, rtol=0, atol=1e-9)


@pytest.mark.parametrize("n", [1, 2, 17])
def test_quantiles_are_those_of_numpy_to_the_last_digit(n: int) -> None:
    """Edges that are quantiles lie exactly where `numpy.quantile` has them, else ties on an edge change their bin."""
    values = np.sort(np.random.default_rng(0).integers(0, 8, n) / 10)
    shares = np.linspace(0, 1, min(15, n) + 1)[1:-1]
    assert (sorted_quantiles(values, shares) == np.quantile(values, shares)).all()
