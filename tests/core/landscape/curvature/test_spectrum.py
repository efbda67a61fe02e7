"""Eigenvalues, trace and density of networks whose Hessian is known entry by entry."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import wasserstein_distance

from core.landscape import hessian_eigenvalues, hessian_spectrum
from core.landscape.curvature.batches import Batch
from tests.core.landscape.curvature.cases import Case, convolutional, perceptron


@pytest.mark.parametrize(
    ("case", "seeds"), [(perceptron(150), 50), (convolutional(150), 20)], ids=["perceptron", "convolutional"]
)
def test_trace_of_trained_networks(case: Case, seeds: int) -> None:
    """With at most 60 products the trace is within 2 % for 90 % of seeds, and 2 standard errors cover for 85 %."""
    truth = case.hessian.trace().item()
    runs = [hessian_spectrum(case.loss, case.parameters, case.batches, seed=seed) for seed in range(seeds)]
    errors = np.array([abs(run.trace - truth) for run in runs])
    assert max(run.products for run in runs) <= 60
    assert np.mean(errors <= 0.02 * truth) >= 0.9
    assert np.mean(errors <= 2 * np.array([run.trace_standard_error for run in runs])) >= 0.85
    expected = case.eigenvalues[:5].numpy()
    for run in runs:
        np.testing.assert_allclose(run.eigenvalues, expected, rtol=1e-4)


@pytest.mark.parametrize("steps", [1, 150])
def test_bounds_hold(steps: int) -> None:
    """The error bounds of top and bottom eigenvalues hold, and the largest count as converged."""
    case = perceptron(steps)
    run = hessian_spectrum(case.loss, case.parameters, case.batches)
    truth = case.eigenvalues.numpy()
    assert run.converged
    assert np.all(np.abs(run.eigenvalues - truth[:5]) <= run.eigenvalue_errors + 1e-12)
    nearest = np.abs(truth[:, None] - run.bottom).min(axis=0)
    assert np.all(nearest <= run.bottom_errors + 1e-12)


def test_undertrained_network() -> None:
    """Where positive and negative curvature nearly cancel, the standard error says how little is known."""
    case = perceptron(1)
    truth = case.hessian.trace().item()
    runs = [hessian_spectrum(case.loss, case.parameters, case.batches, seed=seed) for seed in range(20)]
    covered = [abs(run.trace - truth) <= 2 * run.trace_standard_error for run in runs]
    assert np.mean(covered) >= 0.85


def test_negative_trace_keeps_its_sign() -> None:
    """A saddle with more downward than upward curvature has a negative trace."""
    scales = torch.cat([torch.full((300,), -1.0), torch.full((100,), 0.5)]).double()

    def saddle(parameters: dict[str, torch.Tensor], batch: Batch) -> torch.Tensor:
        return 0.5 * (scales * parameters["w"] ** 2).sum() + 0 * batch[0].sum()

    run = hessian_spectrum(saddle, {"w": torch.ones(400).double()}, [(torch.zeros(3).double(),)])
    assert run.trace == pytest.approx(-250, rel=1e-9)
    assert run.bottom[0] == pytest.approx(-1)
    assert run.eigenvalues == pytest.approx([0.5] * 5)


def test_all_eigenvalues_of_a_small_quadratic() -> None:
    """With fewer parameters than products everything is exact: repeated eigenvalues, trace without error."""

    def quadratic(parameters: dict[str, torch.Tensor], batch: Batch) -> torch.Tensor:
        a, b = parameters["one.a"], parameters["two"]
        return (batch[0] * (1.5 * a**2).sum()).mean() + (b**2).sum() + a[0] * b[0]

    run = hessian_spectrum(quadratic, {"one.a": torch.zeros(3), "two": torch.zeros(2)}, [(torch.ones(4),)], top=9)
    truth = np.sort(
        np.linalg.eigvalsh([[3, 0, 0, 1, 0], [0, 3, 0, 0, 0], [0, 0, 3, 0, 0], [1, 0, 0, 2, 0], [0] * 4 + [2]])
    )
    np.testing.assert_allclose(run.eigenvalues, truth[::-1], rtol=1e-5)
    assert (run.trace, run.trace_standard_error) == (pytest.approx(13, rel=1e-6), 0.0)
    assert [(part.layer, part.parameters) for part in run.layers] == [("one", 3), ("two", 2)]
    assert [part.trace for part in run.layers] == pytest.approx([9, 4], rel=1e-6)


def test_layers_sum_to_the_trace() -> None:
    """The traces of layers cover the diagonal blocks and sum to the trace of the whole."""
    case = perceptron(150)
    diagonal = case.hessian.diagonal()
    truth = [diagonal[:780].sum().item(), diagonal[780:].sum().item()]
    covered = []
    for seed in range(10):
        run = hessian_spectrum(case.loss, case.parameters, case.batches, seed=seed)
        assert sum(part.trace for part in run.layers) == pytest.approx(run.trace, rel=1e-9)
        covered += [abs(part.trace - t) <= 2 * part.standard_error for part, t in zip(run.layers, truth, strict=True)]
    assert [part.layer for part in run.layers] == ["0", "2"]
    assert np.mean(covered) >= 0.85


@pytest.mark.parametrize(("steps", "bound"), [(1, 0.01), (150, 0.002)])
def test_density(steps: int, bound: float) -> None:
    """The distribution of eigenvalues is near the true one, as a part of the largest eigenvalue."""
    case = perceptron(steps)
    truth = case.eigenvalues.numpy()
    density = hessian_spectrum(case.loss, case.parameters, case.batches).density
    assert density.weights.sum() == pytest.approx(1)
    assert wasserstein_distance(density.nodes, truth, density.weights) <= bound * truth[0]
    grid, height = density.smooth()
    assert np.trapezoid(height, grid) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_low_rank(dtype: torch.dtype) -> None:
    """Three samples of least squares give three eigenvalues above 0; the rest of the density lies at 0."""
    features = torch.randn(3, 500, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    def squares(parameters: dict[str, torch.Tensor], batch: Batch) -> torch.Tensor:
        return (batch[0] @ parameters["w"]).square().mean()

    run = hessian_spectrum(squares, {"w": torch.ones(500, dtype=dtype)}, [(features.to(dtype),)])
    truth = np.linalg.eigvalsh((2 / 3 * features @ features.T).numpy())[::-1]
    np.testing.assert_allclose(run.eigenvalues[:3], truth, rtol=1e-5)
    np.testing.assert_allclose(run.eigenvalues[3:], 0, atol=1e-4)
    assert run.converged
    assert run.trace == pytest.approx(truth.sum(), rel=1e-5)
    assert run.density.nodes @ run.density.weights == pytest.approx(truth.sum() / 500, rel=1e-3)
    assert run.products <= 60


@pytest.mark.parametrize("memory", [2**30, 0], ids=["kept", "recomputed"])
def test_batches_of_unequal_size(memory: int) -> None:
    """Batches count by their samples: cut in three unequal ones the data give what they give as one."""
    case = perceptron(20)
    (features, labels) = case.batches[0]
    cut = list(zip(features.split([60, 7, 33]), labels.split([60, 7, 33]), strict=True))
    whole = hessian_spectrum(case.loss, case.parameters, case.batches)
    parts = hessian_spectrum(case.loss, case.parameters, cut, memory=memory)
    np.testing.assert_allclose(parts.eigenvalues, whole.eigenvalues, rtol=1e-6)
    assert parts.trace == pytest.approx(whole.trace, rel=1e-6)
    assert parts.loss == pytest.approx(whole.loss, rel=1e-9)
    assert (parts.samples, parts.products) == (whole.samples, whole.products)


def test_single_precision() -> None:
    """In float32 the eigenvalues stay within 1e-4, without copies of the largest."""
    case = perceptron(150)
    single = {name: value.float() for name, value in case.parameters.items()}
    (features, labels) = case.batches[0]
    run = hessian_spectrum(case.loss, single, [(features.float(), labels)], products=120, goal=1e-9)
    np.testing.assert_allclose(run.eigenvalues, case.eigenvalues[:5].numpy(), rtol=1e-4)
    assert run.products == 120


def test_nothing_is_touched_and_the_answer_repeats() -> None:
    """Gradients, parameters, training flags and the global random state stay; two calls give the same numbers."""
    case = perceptron(20)
    module = case.module.train()
    live = dict(module.named_parameters())
    before = {name: value.detach().clone() for name, value in live.items()}
    state = torch.get_rng_state()
    runs = [hessian_spectrum(case.loss, live, case.batches, seed=3) for _ in range(2)]
    assert torch.equal(torch.get_rng_state(), state)
    assert module.training
    assert all(value.grad is None and value.requires_grad for value in live.values())
    assert all(torch.equal(value, before[name]) for name, value in live.items())
    assert runs[0].trace == runs[1].trace
    assert np.array_equal(runs[0].eigenvalues, runs[1].eigenvalues)


def test_eigenvalues_alone() -> None:
    """Alone they take fewer products, and say with which error they are known."""
    case = perceptron(150)
    found = hessian_eigenvalues(case.loss, case.parameters, case.batches, top=3)
    np.testing.assert_allclose(found.values, case.eigenvalues[:3].numpy(), rtol=1e-4)
    assert found.converged
    assert found.products < 30
