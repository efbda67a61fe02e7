from __future__ import annotations

import mpmath
import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator

from core.calibration.repair.temperature import HIGHEST, LOWEST, find_temperature, fit, fit_temperature
from core.errors import BadInput


@pytest.mark.parametrize("true", [0.3, 1.0, 2.5, 40.0])
def test_known_temperature_is_recovered(overconfident, true):
    """A model whose logits are T times the truth gets T back, within four standard errors."""
    model = overconfident(4000, 5, true, seed=1)
    found = find_temperature(model.logits, model.labels)
    assert found.optimum == "inside"
    assert abs(found.temperature - true) < 4 * found.standard_error


def test_standard_error_is_that_of_repeated_draws(overconfident):
    """The standard error is the spread of T over fresh draws."""
    fits = []
    for seed in range(60):
        model = overconfident(500, 4, 2.0, seed)
        fits.append(find_temperature(model.logits, model.labels))
    spread = np.std([found.temperature for found in fits], ddof=1)
    assert np.mean([found.standard_error for found in fits]) == pytest.approx(spread, rel=0.3)


@pytest.mark.parametrize(("classes", "true", "seed"), [(2, 3.0, 0), (3, 0.2, 1), (6, 1.7, 2)])
def test_agrees_with_a_solution_of_forty_digits(overconfident, classes, true, seed):
    """T agrees with the root of the derivative in 40-digit arithmetic to 1e-9."""
    model = overconfident(60, classes, true, seed)
    with mpmath.workdps(40):
        rows = [[mpmath.mpf(float(value)) for value in row] for row in model.logits]

        def derivative(beta):
            total = mpmath.mpf(0)
            for row, label in zip(rows, model.labels, strict=True):
                weights = [mpmath.exp(beta * z) for z in row]
                total += sum(w * z for w, z in zip(weights, row, strict=True)) / sum(weights) - row[label]
            return total

        exact = 1 / mpmath.findroot(derivative, (0.2 / true, 5 / true), solver="anderson")
    assert fit_temperature(model.logits, model.labels) == pytest.approx(float(exact), rel=1e-9)


class Given(ClassifierMixin, BaseEstimator):
    """A classifier whose decision function is its input."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def decision_function(self, X):
        return X

    def predict(self, X):
        return self.classes_[X.argmax(axis=1)]


def test_agrees_with_scikit_learn(overconfident):
    """T agrees with CalibratedClassifierCV(method="temperature") to 1e-6."""
    model = overconfident(3000, 4, 2.2, seed=3)
    given = FrozenEstimator(Given().fit(model.logits, model.labels))
    theirs = CalibratedClassifierCV(given, method="temperature", ensemble=False).fit(model.logits, model.labels)
    beta = theirs.calibrated_classifiers_[0].calibrators[0].beta_
    assert fit_temperature(model.logits, model.labels) == pytest.approx(1 / beta, rel=1e-6)


def test_scale_and_offset_of_the_logits(overconfident):
    """Twice the logits need twice the temperature; a constant added to a row changes nothing."""
    model = overconfident(800, 4, 1.5, seed=4)
    once = fit_temperature(model.logits, model.labels)
    shifted = 2 * model.logits + np.arange(800)[:, None]
    assert fit_temperature(shifted, model.labels) == pytest.approx(2 * once, rel=1e-9)


def test_few_passes_over_the_rows(overconfident):
    """The solution needs at most twelve passes, even from far away."""
    for true in (0.05, 1.0, 30.0):
        model = overconfident(2000, 10, true, seed=5)
        assert find_temperature(model.logits, model.labels).passes <= 12


def test_all_right_stops_at_the_lower_bound():
    """When every row is right the optimum is T = 0: T stops at the bound, and a note says so."""
    logits = np.random.default_rng(6).normal(size=(50, 3))
    fitted = fit(logits, logits.argmax(axis=1))
    assert fitted.parameters["temperature"] == LOWEST
    assert "every fit row is right" in fitted.notes[0]


def test_logits_against_the_truth_stop_at_the_upper_bound(overconfident):
    """When the logits say the opposite of the truth the optimum is T = infinity: T stops at the bound, with a note."""
    model = overconfident(500, 3, -1.0, seed=7)
    fitted = fit(model.logits, model.labels)
    assert fitted.parameters["temperature"] == HIGHEST
    assert "T = infinity" in fitted.notes[0]


def test_constant_logits_stop_at_the_upper_bound():
    """Logits that tell nothing have no finite optimum."""
    assert find_temperature(np.zeros((9, 3)), np.arange(9) % 3).optimum == "infinity"


def test_classes_that_are_ruled_out(overconfident):
    """A logit of -inf never enters; a row whose own class has one is left out and counted."""
    model = overconfident(400, 3, 2.0, seed=8)
    extended = np.column_stack([model.logits, np.full(400, -np.inf)])
    labels = model.labels.copy()
    assert fit_temperature(extended, labels) == pytest.approx(fit_temperature(model.logits, labels), rel=1e-12)
    extended = np.vstack([extended, extended[:2]])
    found = find_temperature(extended, np.append(labels, [3, 3]))
    assert found.impossible == 2
    assert found.temperature == pytest.approx(fit_temperature(model.logits, labels), rel=1e-12)


def test_single_precision_costs_no_accuracy(overconfident):
    """float32 logits give the same T as their values in float64."""
    model = overconfident(500, 4, 3.0, seed=9)
    single = model.logits.astype(np.float32)
    assert fit_temperature(single, model.labels) == fit_temperature(single.astype(np.float64), model.labels)


@pytest.mark.parametrize(
    ("logits", "labels", "words"),
    [
        (np.zeros((0, 3)), np.zeros(0, int), "no rows"),
        (np.zeros((4, 1)), np.zeros(4, int), "classes >= 2"),
        (np.zeros((4, 3)), np.zeros(5, int), "5 labels were found for 4 rows"),
        (
            np.array([[0.0, -np.inf], [-np.inf, 0.0]]),
            np.array([1, 0]),
            "all 2 rows give their own class probability zero",
        ),
        (np.array([[0.0, np.nan]]), np.zeros(1, int), r"row 0 \(counted from 0\) holds NaN"),
    ],
)
def test_refusals(logits, labels, words):
    """An empty fit part, one column, wrong lengths and NaN are refused in one sentence."""
    with pytest.raises(BadInput, match=words):
        fit_temperature(logits, labels)


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        ([0, 2], r"row 1 \(counted from 0\) is 2"),
        ([-1, 0], r"row 0 \(counted from 0\) is -1"),
        ([0.5, 0], r"row 0 \(counted from 0\) is 0\.5"),
    ],
)
def test_a_label_of_no_column_is_refused(labels, found):
    """Labels are whole numbers from 0 to K - 1; a negative one never counts from the end."""
    with pytest.raises(BadInput, match=found):
        fit_temperature(np.array([[1.0, 2.0], [0.0, 1.0]]), np.array(labels))
