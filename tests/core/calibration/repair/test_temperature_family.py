from __future__ import annotations

import numpy as np
import pytest

from core.calibration.predictions import softmax64
from core.calibration.repair import ensemble_temperature, per_example_temperature, study_temperature
from core.calibration.repair.forms import log_entropy
from core.calibration.repair.temperature import fit_temperature


def nll(p, labels):
    return -np.log(p[np.arange(len(labels)), labels]).mean()


def test_mixture_weights_meet_the_conditions_of_the_optimum():
    """At the best weights every part in use has the same mean likelihood ratio, one, and the others at most one."""
    parts = np.random.default_rng(0).gamma(0.5, size=(2000, 3))
    weights = ensemble_temperature.mixture_weights(parts)
    ratios = (parts / (parts @ weights)[:, None]).mean(axis=0)
    assert weights.sum() == pytest.approx(1.0)
    assert np.all(ratios <= 1 + 1e-4)
    assert ratios[weights > 1e-6] == pytest.approx(1.0, abs=1e-4)


def test_ensemble_finds_the_share_of_random_labels(overconfident):
    """Where one label in five is drawn at random, a fifth goes to the uniform part; T and plain model share the rest."""
    model = overconfident(20000, 4, 1.0, seed=1, spread=4.0)
    generator = np.random.default_rng(2)
    labels = np.where(generator.random(20000) < 0.2, generator.integers(0, 4, 20000), model.labels)
    weights = ensemble_temperature.fit(model.logits, labels).parameters["weights"]
    assert weights[2] == pytest.approx(0.2, abs=0.03)


def test_ensemble_is_no_worse_than_temperature(overconfident):
    """Temperature scaling is one of the mixtures, so the NLL on the fit rows is no larger."""
    model = overconfident(1000, 3, 2.5, seed=3)
    plain = softmax64(model.logits / fit_temperature(model.logits, model.labels))
    mixed = ensemble_temperature.fit(model.logits, model.labels).apply(model.logits)
    assert nll(mixed, model.labels) <= nll(plain, model.labels) + 1e-9


def test_grid_of_the_study(overconfident):
    """T is the first of 0.1, 0.2, ..., 10 with the smallest ECE of 15 bins, found here by plain loops."""
    model = overconfident(700, 4, 1.8, seed=4)
    best, smallest = None, np.inf
    for step in range(1, 101):
        p = softmax64(model.logits / (step / 10))
        confidence, right = p.max(axis=1), p.argmax(axis=1) == model.labels
        error = 0.0
        for b in range(15):
            inside = (confidence > b / 15) & (confidence <= (b + 1) / 15)
            if inside.any():
                error += abs(confidence[inside].mean() - right[inside].mean()) * inside.mean()
        if error < smallest - 1e-12:
            best, smallest = step / 10, error
    assert study_temperature.grid_temperature(model.logits, model.labels) == best


def test_entropy_temperature_recovers_its_own_model():
    """Logits that were multiplied by softplus(w log H + b) of their entropy get w and b back."""
    generator = np.random.default_rng(5)
    logits = 3 * generator.normal(size=(40000, 4))
    weight, bias = -0.4, 0.8
    temperature = np.log1p(np.exp(weight * log_entropy(logits) + bias))
    p = softmax64(logits / temperature[:, None])
    labels = (p.cumsum(axis=1) > generator.random(40000)[:, None]).argmax(axis=1)
    found = per_example_temperature.fit(logits, labels).parameters
    assert found["weight"] == pytest.approx(weight, abs=0.06)
    assert found["bias"] == pytest.approx(bias, abs=0.06)


def test_entropy_temperature_is_at_an_optimum(overconfident):
    """No small change of w or b lowers the NLL."""
    model = overconfident(600, 5, 2.0, seed=6)
    fitted = per_example_temperature.fit(model.logits, model.labels)
    base = nll(fitted.apply(model.logits), model.labels)
    for name in ("weight", "bias"):
        for change in (-1e-3, 1e-3):
            moved = dict(fitted.parameters)
            moved[name] += change
            other = type(fitted)(fitted.name, fitted.form, fitted.classes, moved)
            assert nll(other.apply(model.logits), model.labels) > base


def test_log_entropy_of_uniform_and_certain_rows():
    """Relative entropy is 1 for equal logits; for a certain row it is held at the floor, never log 0."""
    assert log_entropy(np.array([[1.0, 1.0, 1.0]]))[0] == pytest.approx(0.0, abs=1e-15)
    assert log_entropy(np.array([[0.0, -np.inf, -np.inf]]))[0] == pytest.approx(np.log(2.0**-53))
