"""The local learning coefficient against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.errors import BadInput
from core.landscape import local_learning_coefficient
from core.landscape.degeneracy.data_loss import data_loss
from core.landscape.degeneracy.langevin import Dynamics, acceptance, noise_bound, slope_bound, walk

H = torch.logspace(-0.5, 0.5, 40, dtype=torch.float64)


def bowl(parameters, batch):
    """Mean over samples x of (w - x)' diag(H) (w - x) / 2: least at the mean of the samples."""
    return (H * (parameters["w"] - batch[0]) ** 2).sum(dim=1).mean() / 2


def samples(spread: float = 0.0, count: int = 8) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return spread * torch.randn(count, len(H), dtype=torch.float64, generator=generator)


def test_a_quadratic_has_its_closed_form() -> None:
    """Within 5 % of half the sum of nb h / (nb h + gamma), with the automatic step, and R-hat near 1."""
    x = samples()
    found = local_learning_coefficient(bowl, {"w": x.mean(0)}, [(x,)], nbeta=100.0, chains=200, burn_in=100, draws=100)
    exact = float((100 * H / (100 * H + 100)).sum() / 2)
    assert found.value == pytest.approx(exact, rel=0.05)
    assert found.stiffness == pytest.approx(0.1) and found.step <= 1 / (100 * H.max() + 100)
    assert found.largest_curvature == pytest.approx(float(H.max()), rel=1e-4) and found.loss == 0
    assert found.noise_bound == 0 and found.trace.shape == (200, 200)
    assert abs(found.value - exact) < 5 * found.standard_error + 0.026 * exact


def test_a_large_step_has_the_bias_that_theory_gives_it() -> None:
    """eps > 0: half the sum of nb h / (a (1 - eps a / 4)), a = nb h + gamma; half as much again and more at 1.5 / a_max."""
    x, a = samples(), 100 * H + 100
    step = 1.5 / float(a.max())
    found = local_learning_coefficient(
        bowl, {"w": x.mean(0)}, [(x,)], nbeta=100.0, chains=60, burn_in=20, draws=200, step=step
    )
    expected = float((100 * H / (a * (1 - step * a / 4))).sum() / 2)
    assert found.value == pytest.approx(expected, rel=0.02)
    assert "1.5 times the safe one" in " ".join(found.notes)


def test_the_noise_of_mini_batches_is_that_of_theory_and_below_its_bound() -> None:
    """A gradient of B samples adds eps (n beta h)^2 v / (4 B) to the noise of each direction, v their variance."""
    x, size = samples(0.3, 64), 4
    point = {"w": x.mean(0)}
    found = local_learning_coefficient(
        bowl, point, [(x,)], nbeta=100.0, chains=60, burn_in=120, draws=250, batch_size=size
    )
    a, variance = 100 * H + 100, x.var(dim=0, correction=0)
    widened = (1 + found.step * (100 * H) ** 2 * variance / (4 * size)) / (a * (1 - found.step * a / 4))
    plain = 1 / (a * (1 - found.step * a / 4))
    assert found.value == pytest.approx(float((100 * H * widened).sum() / 2), rel=0.03)
    assert float((100 * H * (widened - plain)).sum() / 2) <= found.noise_bound
    assert any("noise of mini-batches" in note for note in found.notes)


def test_the_noise_bound_is_its_formula() -> None:
    """eps (n beta)^2 tr C / (8 B), C by numpy from the samples' gradients H (w - x)."""
    x = samples(0.5, 32)
    problem = data_loss(bowl, {"w": x.mean(0)}, [(x,)])
    gradients = (H * (x.mean(0) - x)).numpy()
    expected = 0.01 * 9.0 * np.cov(gradients.T, bias=True).trace() / (8 * 4)
    assert noise_bound(problem, 3.0, 0.01, 4) == pytest.approx(expected, rel=1e-9)
    assert noise_bound(problem, 3.0, 0.01, 32) == 0


def test_a_slope_takes_what_theory_says_and_less_than_its_bound() -> None:
    """Beside the minimum the estimate misses half the sum of (nb g)^2 (a + gamma) / a^2; the bound is (nb |g|)^2 / gamma."""
    x = samples()
    beside, a = torch.full_like(H, 0.01), 100 * H + 100
    found = local_learning_coefficient(bowl, {"w": beside}, [(x,)], nbeta=100.0, chains=200, burn_in=100, draws=100)
    slope = 100 * H * beside
    missing = float((slope**2 * (a + 100) / (2 * a**2)).sum())
    assert found.value == pytest.approx(float((100 * H / a).sum() / 2) - missing, rel=0.04)
    problem = data_loss(bowl, {"w": beside}, [(x,)])
    bound = slope_bound(problem, 100.0, 100.0)
    assert bound == found.slope_bound == pytest.approx(float((slope**2).sum() / 100)) and missing < bound
    far = local_learning_coefficient(bowl, {"w": 10 * beside}, [(x,)], nbeta=100.0, draws=50, burn_in=50, chains=8)
    assert any("beside its minimum" in note or "not at a minimum" in note for note in far.notes)


def test_acceptance_is_that_of_a_quadratic() -> None:
    """Of a bowl a step from w to w' passes with min(1, exp(eps/8 (|grad U(w)|^2 - |grad U(w')|^2))), by hand over the same noise."""
    x = samples()
    problem = data_loss(bowl, {"w": x.mean(0)}, [(x,)])
    a, step, places = 100 * H + 100, 3e-3, samples(1.0, 6) / (100 * H + 100).sqrt()
    found = acceptance(problem, Dynamics(100.0, 100.0, step, 8), places, seed=3)
    generator, expected = torch.Generator().manual_seed(3), []
    for _ in range(4):
        noise = torch.empty_like(places).normal_(generator=generator)
        moved = places - step / 2 * a * places + step**0.5 * noise
        change = (a * places).square().sum(dim=1) - (a * moved).square().sum(dim=1)
        expected.append((step / 8 * change).exp().clamp(max=1))
    assert found == pytest.approx(float(torch.stack(expected).mean()), rel=1e-9) and 0.05 < found < 0.95
    places[:] = torch.nan
    assert np.isnan(acceptance(problem, Dynamics(100.0, 100.0, step, 8), places, seed=3))


def test_a_degenerate_direction_does_not_count() -> None:
    """L = (w1 w2)^2 / 2 at (1, 0): one direction of curvature 1, one of none; the estimate is near 1/2, not 1."""
    data = [(torch.zeros(4, 1, dtype=torch.float64),)]

    def valley(parameters, batch):
        w = parameters["w"]
        return ((w[0] * w[1]) ** 2 / 2 + 0 * batch[0]).mean()

    point = {"w": torch.tensor([1.0, 0.0], dtype=torch.float64)}
    found = local_learning_coefficient(valley, point, data, nbeta=1e5, gamma=1e3, chains=400, burn_in=60, draws=100)
    assert found.value == pytest.approx(0.5, rel=0.1)


def test_samples_are_weighed_alike_whatever_the_batches() -> None:
    """Batches of 3 and 5 are the same data as one of 8: equal curvature, loss and, on full batches, equal chains."""
    x = samples(0.2)
    point = {"w": x.mean(0)}
    settings = {"nbeta": 50.0, "chains": 2, "burn_in": 5, "draws": 20, "batch_size": 8}
    one = local_learning_coefficient(bowl, point, [(x,)], **settings)
    two = local_learning_coefficient(bowl, point, [(x[:3],), (x[3:],)], **settings)
    np.testing.assert_allclose(one.trace, two.trace, rtol=1e-9, atol=1e-12)
    assert one.loss == pytest.approx(float(bowl(point, (x,))), rel=1e-12)


def test_equal_seeds_give_equal_chains_and_nothing_is_changed() -> None:
    """The parameters, their gradients and torch's own generator stay as they are."""
    x = samples(0.2)
    w = x.mean(0).requires_grad_()
    state = torch.random.get_rng_state()
    runs = [
        local_learning_coefficient(bowl, {"w": w}, [(x,)], nbeta=50.0, draws=20, burn_in=0, batch_size=2, seed=seed)
        for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(runs[0].trace, runs[1].trace)
    assert (runs[0].trace != runs[2].trace).any()
    assert w.grad is None and torch.equal(w.detach(), x.mean(0)) and torch.equal(torch.random.get_rng_state(), state)


def test_chains_start_at_the_model_and_differ_from_each_other() -> None:
    """The first excess loss is zero, on any mini-batch."""
    x = samples(0.2)
    problem = data_loss(bowl, {"w": x.mean(0)}, [(x,)])
    found = walk(problem, problem.of_samples(), Dynamics(50.0, 1.0, 1e-3, 2), 3, 5, 0).excess
    np.testing.assert_allclose(found[:, 0], 0, atol=1e-12)
    assert len(np.unique(found[:, 1])) == 3


def test_the_default_temperature_is_that_of_all_samples() -> None:
    """n / ln n with n = 8, not with the size of a batch."""
    x = samples()
    found = local_learning_coefficient(bowl, {"w": x[0]}, [(x[:4],), (x[4:],)], draws=8, burn_in=0)
    assert found.nbeta == pytest.approx(8 / np.log(8))


def test_a_chain_that_leaves_is_named() -> None:
    """L = w^2/2 - w^4 has no bottom: all chains diverge, the estimate is missing and the note says why."""
    data = [(torch.zeros(4, 1, dtype=torch.float64),)]

    def hill(parameters, batch):
        w = parameters["w"]
        return ((w**2 / 2 - w**4).sum() + 0 * batch[0]).mean()

    point = {"w": torch.zeros(3, dtype=torch.float64)}
    found = local_learning_coefficient(hill, point, data, nbeta=2.0, gamma=0.1, step=0.9, draws=500, burn_in=0)
    assert np.isnan(found.value) and np.isnan(found.of_chains).all()
    assert "4 of 4 chains diverged" in found.notes[0]


def test_chains_that_have_not_mixed_are_named() -> None:
    """From the start without burn-in over a few draws: R-hat is large and the note asks for more."""
    x = samples()
    found = local_learning_coefficient(bowl, {"w": x.mean(0)}, [(x,)], nbeta=100.0, gamma=1.0, burn_in=0, draws=20)
    assert found.r_hat > 1.05 and any("have not mixed" in note for note in found.notes)
    assert any("independent ones" in note for note in found.notes)


def test_a_model_beside_its_minimum_gives_a_negative_estimate_and_a_note() -> None:
    """Chains fall into the minimum that was missed."""
    x = samples()
    found = local_learning_coefficient(bowl, {"w": x.mean(0) + 2.0}, [(x,)], nbeta=100.0, draws=200, burn_in=100)
    assert found.value < 0 and any("not at a minimum" in note for note in found.notes)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"step": 1.0}, "The step 1 is too large: .*; a step of at most 0.00[0-9]+ is safe"),
        ({"draws": 0}, "draws is 0; a number above 0"),
        ({"gamma": -1.0}, "gamma is -1.0; a number above 0"),
        ({"burn_in": -1}, "burn_in is -1; a number of at least 0"),
        ({"nbeta": float("nan")}, "nbeta is nan"),
    ],
)
def test_settings_out_of_bounds_are_refused(settings: dict[str, float], message: str) -> None:
    """The name, the value and what is expected; of a step also what would be safe."""
    x = samples()
    with pytest.raises(BadInput, match=message):
        local_learning_coefficient(bowl, {"w": x.mean(0)}, [(x,)], **{"nbeta": 100.0, **settings})


def test_a_loss_that_is_no_mean_or_not_finite_is_refused() -> None:
    """A sum over samples, a value that is not a number, one sample, no batch, batches that differ."""
    x = samples(0.2)
    with pytest.raises(BadInput, match="has to be a mean over samples"):
        local_learning_coefficient(lambda p, b: len(b[0]) * bowl(p, b), {"w": x.mean(0)}, [(x,)])
    with pytest.raises(BadInput, match="is nan, which is not finite"):
        bad = x.clone()
        bad[2, 0] = torch.nan
        local_learning_coefficient(bowl, {"w": x.mean(0)}, [(bad,)])
    with pytest.raises(BadInput, match="One sample"):
        local_learning_coefficient(bowl, {"w": x.mean(0)}, [(x[:1],)])
    with pytest.raises(BadInput, match="no batches"):
        local_learning_coefficient(bowl, {"w": x.mean(0)}, [])
    with pytest.raises(BadInput, match="different numbers, shapes or types"):
        local_learning_coefficient(bowl, {"w": x.mean(0)}, [(x,), (x, x)])
