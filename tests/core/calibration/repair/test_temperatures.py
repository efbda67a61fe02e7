"""Temperatures of many models at once, on torch, are those of each alone."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from core.calibration.metrics.batch import batch_of
from core.calibration.predictions import Predictions, from_logits, from_probabilities
from core.calibration.repair.scores import scores_of
from core.calibration.repair.study_temperature import grid_temperature
from core.calibration.repair.temperature import find_temperature
from core.calibration.repair.temperatures import find_temperatures, grid_temperatures
from core.errors import BadInput

LABELS = np.arange(40) % 4


def population() -> list[Predictions]:
    """Models that are too sure and too timid, one that is always right, one that tells the opposite of the truth, and
    one that rules classes out, its own in some rows."""
    rng = np.random.default_rng(0)
    truth = np.eye(4)[LABELS]
    logits = [scale * (rng.standard_normal((40, 4)) + truth) for scale in (0.01, 0.5, 3.0, 200.0)]
    ruled_out = logits[1].copy()
    ruled_out[::7, 0] = -np.inf
    return [from_logits(values, LABELS) for values in (*logits, 5 * truth, -5 * truth, ruled_out)]


def test_each_has_the_temperature_that_it_has_alone() -> None:
    """Temperature, standard error, bound and rows left out agree to 1e-9, whatever stands beside a model."""
    models = population()
    together = find_temperatures(batch_of(models, "cpu"))
    alone = [find_temperature(scores_of(model), model.labels) for model in models]
    assert [fit.optimum for fit in together] == ["inside"] * 4 + ["zero", "infinity", "inside"]
    for one, other in zip(together, alone, strict=True):
        assert one.notes == other.notes
        assert astuple(one)[:2] == pytest.approx(astuple(other)[:2], rel=1e-9, nan_ok=True)
        assert astuple(one)[2:] == astuple(other)[2:]


def test_of_probabilities_their_logarithms_are_scaled() -> None:
    """Models that hand in probabilities have the temperature of their log-probabilities, zeros ruled out."""
    rng = np.random.default_rng(1)
    models = []
    for _ in range(3):
        p = rng.dirichlet([0.3] * 4, 40)
        p[::9] = [0.5, 0.5, 0.0, 0.0]
        models.append(from_probabilities(p, LABELS))
    together = find_temperatures(batch_of(models, "cpu"))
    alone = [find_temperature(scores_of(model), model.labels) for model in models]
    assert [fit.temperature for fit in together] == pytest.approx([fit.temperature for fit in alone], rel=1e-9)
    assert [fit.impossible for fit in together] == [fit.impossible for fit in alone] and together[0].impossible


def test_of_the_grid_the_same_point_is_taken() -> None:
    """The study's grid gives each model the temperature that it has alone."""
    models = population()
    alone = [grid_temperature(scores_of(model), model.labels) for model in models]
    assert grid_temperatures(batch_of(models, "cpu")).tolist() == alone


def test_a_model_that_rules_all_its_labels_out_is_refused() -> None:
    """It is refused among others as it is alone."""
    hopeless = from_logits(np.tile([[0.0, 0.0, 0.0, -np.inf]], (40, 1)), np.full(40, 3))
    with pytest.raises(BadInput, match="all 40 rows give their own class probability zero"):
        find_temperatures(batch_of([population()[0], hopeless], "cpu"))
