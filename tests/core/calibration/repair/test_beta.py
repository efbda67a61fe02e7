from __future__ import annotations

import numpy as np
import pytest
from scipy.special import betaln
from sklearn.linear_model import LogisticRegression

from core.calibration.repair.beta import beta_map, fit_beta, fit_platt, platt_map
from core.errors import BadInput


def beta_scores(n, positive, negative, seed):
    generator = np.random.default_rng(seed)
    outcomes = (generator.random(n) < 0.4).astype(float)
    return np.where(outcomes == 1, generator.beta(*positive, n), generator.beta(*negative, n)), outcomes


def test_platt_is_logistic_regression_without_a_penalty():
    """Slope and offset are those of scikit-learn's unpenalised logistic regression on the log-odds."""
    c, outcomes = beta_scores(800, (2, 1), (1, 2), seed=0)
    odds = np.log(c / (1 - c))
    theirs = LogisticRegression(C=np.inf, tol=1e-12, max_iter=1000).fit(odds[:, None], outcomes)
    (a, b, m), exists = platt_map(c, outcomes)
    assert exists and a == b
    assert (a, m) == pytest.approx((theirs.coef_[0, 0], theirs.intercept_[0]), abs=1e-6)


def test_beta_map_of_beta_scores_is_known():
    """Scores that are Beta(3, 1) and Beta(1, 2) by outcome have a = 2, b = 1 and an offset from the two densities."""
    c, outcomes = beta_scores(60000, (3, 1), (1, 2), seed=1)
    (a, b, m), _ = beta_map(c, outcomes)
    prior = np.log(outcomes.mean() / (1 - outcomes.mean()))
    assert a == pytest.approx(2, abs=0.1)
    assert b == pytest.approx(1, abs=0.1)
    assert m == pytest.approx(betaln(1, 2) - betaln(3, 1) + prior, abs=0.1)


@pytest.mark.parametrize(("positive", "negative"), [((1, 1), (2, 3)), ((3, 2), (1, 1)), ((1, 1), (2, 2))])
def test_beta_map_never_falls(positive, negative):
    """Negative coefficients are set to zero, so the map never falls, whatever the data."""
    (a, b, _), _ = beta_map(*beta_scores(3000, positive, negative, seed=2))
    assert a >= 0 and b >= 0


def test_two_classes_need_one_map(overconfident):
    """With two classes both maps are the same one seen from either side, so renormalising changes nothing."""
    model = overconfident(500, 2, 2.0, seed=3)
    for fit in (fit_platt, fit_beta):
        parameters = fit(model.logits, model.labels).parameters
        assert parameters["m"][0] == pytest.approx(-parameters["m"][1], abs=1e-6)
        assert parameters["a"][0] == pytest.approx(parameters["b"][1], abs=1e-6)


def test_separable_classes_are_noted():
    """Where a class is separable the slope has no optimum; it is stopped and a note says for which class."""
    labels = np.arange(40) % 2
    fitted = fit_platt(np.column_stack([1.0 - 2 * labels, 2.0 * labels - 1]), labels)
    assert "Class 0 is separable" in fitted.notes[0]
    assert np.isfinite(fitted.apply(np.array([[0.1, 0.0]]))).all()


def test_a_class_without_rows_is_refused(overconfident):
    """A class that the fit part doesn't have can't get a map; the sentence names it and a way out."""
    model = overconfident(50, 3, 1.0, seed=4)
    with pytest.raises(BadInput, match=r"beta: class 2 has no row in the fit part .1 of 3.*temperature"):
        fit_beta(model.logits, np.minimum(model.labels, 1))
