from __future__ import annotations

import numpy as np
import pytest
from scipy.special import gammaln
from sklearn.linear_model import LogisticRegression

from core.calibration.predictions import softmax64
from core.calibration.repair import matrix_scaling, vector_scaling
from core.calibration.repair.temperature import fit_temperature
from core.errors import BadInput


def draw(p, seed):
    return (p.cumsum(axis=1) > np.random.default_rng(seed).random(len(p))[:, None]).argmax(axis=1)


def test_vector_scaling_recovers_its_own_model():
    """Logits that were scaled and shifted class by class get the factors and offsets back (offsets up to a constant)."""
    logits = 2 * np.random.default_rng(0).normal(size=(30000, 3))
    factors, offsets = np.array([0.5, 1.0, 1.5]), np.array([0.3, -0.3, 0.0])
    fitted = vector_scaling.fit(logits, draw(softmax64(logits * factors + offsets), 1)).parameters
    assert fitted["weights"] == pytest.approx(factors, abs=0.05)
    assert np.subtract(fitted["bias"], np.mean(fitted["bias"])) == pytest.approx(offsets, abs=0.05)


def test_vector_scaling_is_at_the_optimum(overconfident):
    """The expected and the counted logits of each class agree, which are the conditions of maximum likelihood."""
    model = overconfident(900, 4, 3.0, seed=2)
    p = vector_scaling.fit(model.logits, model.labels).apply(model.logits)
    residual = p - np.eye(4)[model.labels]
    assert residual.mean(axis=0) == pytest.approx(0.0, abs=1e-5)
    assert (residual * model.logits).mean(axis=0) == pytest.approx(0.0, abs=1e-4)


def test_matrix_without_penalty_is_multinomial_regression(overconfident):
    """With strength 0 the probabilities are those of scikit-learn's logistic regression without a penalty."""
    model = overconfident(400, 3, 1.0, seed=3, spread=1.0)
    weights, bias = matrix_scaling.fit_map(model.logits, model.labels, "l2", 0.0)
    theirs = LogisticRegression(C=np.inf, tol=1e-10, max_iter=5000).fit(model.logits, model.labels)
    assert softmax64(model.logits @ weights.T + bias) == pytest.approx(theirs.predict_proba(model.logits), abs=1e-5)


@pytest.mark.parametrize("penalty", ["odir", "l2"])
def test_gradient_of_the_penalised_fit_is_zero(overconfident, penalty):
    """No small change of any coefficient lowers NLL + penalty, written out here by its definition."""
    model = overconfident(300, 3, 1.3, seed=4)
    weights, bias = matrix_scaling.fit_map(model.logits, model.labels, penalty, 0.3)

    def objective(w, b):
        p = softmax64(model.logits @ w.T + b)
        off = w - np.diag(np.diag(w)) if penalty == "odir" else w - np.eye(3)
        terms = 6 if penalty == "odir" else 9
        return -np.log(p[np.arange(300), model.labels]).mean() + 0.3 * ((off**2).sum() / terms + (b**2).mean())

    best = objective(weights, bias)
    for k in range(3):
        for change in (-1e-3, 1e-3):
            assert objective(weights, bias + change * np.eye(3)[k]) > best - 1e-9
            for j in range(3):
                step = np.zeros((3, 3))
                step[k, j] = change
                assert objective(weights + step, bias) > best - 1e-9


def test_strong_l2_penalty_leaves_temperature_scaling(overconfident):
    """As the penalty grows, L2 matrix scaling becomes temperature scaling."""
    model = overconfident(300, 3, 2.0, seed=5)
    cooled = model.logits / fit_temperature(model.logits, model.labels)
    weights, bias = matrix_scaling.fit_map(cooled, model.labels, "l2", 1e6)
    assert weights == pytest.approx(np.eye(3), abs=1e-4)
    assert bias == pytest.approx(np.zeros(3), abs=1e-4)


def test_cross_validation_takes_the_strong_penalty_where_temperature_is_the_truth(overconfident):
    """Where one temperature is all there is to repair, a weak penalty only overfits and isn't chosen."""
    model = overconfident(150, 6, 2.0, seed=6)
    assert matrix_scaling.cross_validated_strength(model.logits / 2.0, model.labels, "l2") >= 1.0


def test_dirichlet_calibration_of_dirichlet_outputs():
    """When the outputs of class j are Dirichlet(alpha_j) and the classes are equally frequent, the posterior is a
    linear map of log p with weights alpha_j: the fit gives that posterior."""
    generator = np.random.default_rng(7)
    alpha = np.array([[3.0, 1.0, 1.5], [1.0, 2.5, 1.0], [1.2, 1.0, 4.0]])
    labels = generator.integers(0, 3, 12000)
    p = np.array([generator.dirichlet(alpha[label]) for label in labels])
    log_density = np.log(p) @ (alpha - 1).T + gammaln(alpha.sum(axis=1)) - gammaln(alpha).sum(axis=1)
    fitted = matrix_scaling.fit_dirichlet(np.log(p), labels)
    assert np.abs(fitted.apply(np.log(p)) - softmax64(log_density)).mean() < 0.01


def test_dirichlet_does_not_see_a_constant_added_to_the_logits(overconfident):
    """Dirichlet calibration takes the log-probabilities, so the logits' offset changes neither fit nor answer."""
    model = overconfident(300, 3, 1.5, seed=8)
    moved = model.logits + np.linspace(-5, 5, 300)[:, None]
    first = matrix_scaling.fit_dirichlet(model.logits, model.labels).apply(model.logits)
    assert matrix_scaling.fit_dirichlet(moved, model.labels).apply(moved) == pytest.approx(first, abs=1e-9)


def test_too_many_classes_and_too_few_rows():
    """A matrix of more than 200 classes, or a fit on two rows, is refused with a way out."""
    with pytest.raises(BadInput, match=r"250 classes need 62,750 coefficients.*vector scaling"):
        matrix_scaling.fit_matrix_l2(np.zeros((300, 250)), np.arange(300) % 250)
    with pytest.raises(BadInput, match="2 fit rows were found; cross-validation needs at least 3"):
        matrix_scaling.fit_dirichlet(np.zeros((2, 2)), np.array([0, 1]))
