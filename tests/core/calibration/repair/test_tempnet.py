from __future__ import annotations

import numpy as np
import pytest
import torch

from core.calibration.repair import tempnet
from core.calibration.repair.entropies import entropy_histogram, entropy_of
from core.calibration.repair.forms import network_temperatures
from core.calibration.repair.scores import log_softmax
from core.calibration.repair.temperature import fit_temperature


def test_the_stored_network_is_the_trained_one():
    """The temperatures from the stored numbers are those of the torch module in evaluation."""
    torch.manual_seed(0)
    network = tempnet.TempNet(5, 0.3, 4.0).eval()
    with torch.no_grad():
        network.log_scale.fill_(0.4)
    logits = 4 * np.random.default_rng(0).normal(size=(50, 5))
    gaps = torch.as_tensor(logits - logits.max(axis=1, keepdims=True), dtype=torch.float32)
    ours = network_temperatures(logits, tempnet._parameters(network))
    assert ours == pytest.approx(network(gaps).detach().numpy(), rel=1e-5)
    assert ours.min() >= 0.3 and ours.max() <= 4.0


def test_the_robust_loss_knows_no_labels():
    """Its slope in T is rho - KL(softmax(z / T) || uniform), whatever the label."""
    z = torch.tensor([[2.0, -1.0, 0.5, 0.1]], dtype=torch.float64)
    rho, log_classes = 0.7, np.log(4)
    for label in range(4):
        t = torch.tensor(1.3, dtype=torch.float64, requires_grad=True)
        nll = torch.nn.functional.cross_entropy(z / t, torch.tensor([label]))
        (t * nll + (rho - log_classes) * t).backward()
        kl = tempnet.mean_divergence(z.numpy(), 1.3)
        assert float(t.grad) == pytest.approx(rho - kl, abs=1e-12)


def test_the_default_rho_makes_the_fitted_temperature_the_best_constant_one(overconfident):
    """With rho the mean KL at T, the mean robust loss over constant temperatures is smallest at T."""
    model = overconfident(2000, 4, 2.0, seed=1)
    best = fit_temperature(model.logits, model.labels)
    rho = tempnet.mean_divergence(model.logits, best)

    def loss(t):
        nll = -log_softmax(model.logits / t)[np.arange(2000), model.labels].mean()
        return t * nll + (rho - np.log(4)) * t

    assert loss(best) < min(loss(best * 1.05), loss(best / 1.05))


def test_the_same_seed_gives_the_same_network(overconfident, monkeypatch):
    """Training is determined by its seed and leaves torch's own random numbers alone."""
    monkeypatch.setattr(tempnet, "STEPS", 60)
    model = overconfident(120, 3, 2.0, seed=2)
    torch.manual_seed(5)
    state = torch.random.get_rng_state()
    first, again = (tempnet.fit_likelihood(model.logits, model.labels, seed=3) for _ in range(2))
    assert first.parameters == again.parameters
    assert torch.equal(state, torch.random.get_rng_state())
    assert tempnet.fit_likelihood(model.logits, model.labels, seed=4).parameters != first.parameters


def test_likelihood_beats_one_temperature_where_the_temperature_depends_on_the_logits():
    """Where the direction of the logits decides the temperature, the network finds it; one temperature can't."""
    generator = np.random.default_rng(3)
    truth = 2 * generator.normal(size=(6000, 3))
    factor = np.where(truth.argmax(axis=1) == 0, 4.0, 1.0)
    p = np.exp(log_softmax(truth))
    labels = (p.cumsum(axis=1) > generator.random(6000)[:, None]).argmax(axis=1)
    logits = truth * factor[:, None]
    fitted = tempnet.fit_likelihood(logits[:3000], labels[:3000])
    found = network_temperatures(logits[3000:], fitted.parameters)
    high = factor[3000:] == 4.0
    assert found[high].mean() > 2 * found[~high].mean()


def test_robust_loss_narrows_the_entropies(overconfident):
    """The robust loss pulls all rows towards one entropy: their spread is below that under one temperature."""
    model = overconfident(3000, 4, 2.0, seed=4)
    one = entropy_of(log_softmax(model.logits / fit_temperature(model.logits, model.labels)))
    robust = entropy_of(tempnet.fit_robust(model.logits, model.labels).log_apply(model.logits))
    assert robust.std() < one.std()


def test_entropy_histogram():
    """Shares sum to one on an axis from 0 to log K; certain rows are in the first bin, uniform ones in the last."""
    with np.errstate(divide="ignore"):
        logs = np.log([[1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3], [1 / 3, 1 / 3, 1 / 3], [1.0, 0.0, 0.0]])
    table = entropy_histogram("none", logs, bins=10)
    assert list(table.columns) == ["method", "low", "high", "share"]
    assert table["share"].tolist() == pytest.approx([0.5, *[0] * 8, 0.5])
    assert table["high"].iloc[-1] == pytest.approx(np.log(3))
