"""Odd but valid predictions get numbers where there are any, reasons where there are none, and never a warning."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest

from core.calibration.metrics.diagrams import binned_diagram, confidence_histogram, corp_diagram, diagrams_by_class
from core.calibration.metrics.evaluate import evaluate
from core.calibration.metrics.explain import explain_conventions
from core.calibration.metrics.pairs import top_label
from core.calibration.predictions import Predictions, from_logits, from_probabilities

RNG = np.random.default_rng(0)
ODD: dict[str, tuple[Callable[[], Predictions], set[str]]] = {
    "one sample": (lambda: from_logits([[0.0, 2.0]], [0]), {"kde_ece", "auroc"}),
    "a constant predictor": (lambda: from_probabilities([[0.7, 0.3]] * 10, [0] * 7 + [1] * 3), {"kde_ece"}),
    "certain and once wrong": (lambda: from_probabilities([[1.0, 0.0]] * 10, [0] * 9 + [1]), {"kde_ece", "nll"}),
    "all right": (lambda: from_probabilities([[0.9, 0.1], [0.6, 0.4]], [0, 0]), {"auroc"}),
    "more classes than samples": (lambda: from_logits(RNG.normal(size=(30, 300)), np.arange(30)), set()),
    "float16": (lambda: from_logits((RNG.normal(size=(50, 4)) * 8).astype(np.float16), np.arange(50) % 4), set()),
    "a class ruled out": (lambda: from_logits([[0, -np.inf], [1.0, 0.0], [2.0, 0.0]], [1, 1, 0]), {"kde_ece", "nll"}),
}


@pytest.mark.parametrize("name", ODD)
def test_numbers_or_reasons(name: str) -> None:
    """Whatever is missing or infinite has its reason, and everything else has a number."""
    make, expected = ODD[name]
    predictions = make()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = evaluate(predictions, bins=[5, 100], resamples=20)
        explain_conventions(predictions)
        for diagram in (binned_diagram, corp_diagram, confidence_histogram):
            assert np.isfinite(diagram(top_label(predictions)).to_numpy()).all()
        diagrams_by_class(predictions)
    unknown = set(table.metric[~np.isfinite(table.value)])
    assert unknown == set(table.attrs["reasons"])
    assert expected <= unknown <= expected | {"kde_ece", "auroc"}
