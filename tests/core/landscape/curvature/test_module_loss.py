"""Batch normalisation in both modes, and that a module stays as it is."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import nn

from core.errors import BadInput
from core.landscape import hessian_spectrum, module_loss
from core.landscape.curvature.module_loss import MODES
from tests.core.landscape.curvature.naive import dense_hessian


def normalised() -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        module = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Dropout(0.5), nn.Linear(8, 3)).double()
        module(torch.randn(64, 6).double() * 2 + 1)
    return module


def batch(samples: int = 40) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    features = torch.randn(samples, 6, generator=generator, dtype=torch.float64)
    return features, torch.randint(0, 3, (samples,), generator=generator)


def by_hand(module: nn.Module, mode: str, parameters: dict[str, torch.Tensor], features: torch.Tensor) -> torch.Tensor:
    """The network written out, without torch's batch normalisation."""
    hidden = features @ parameters["0.weight"].T + parameters["0.bias"]
    if mode == "eval":
        mean, variance = module[1].running_mean, module[1].running_var
    else:
        mean, variance = hidden.mean(0), hidden.var(0, unbiased=False)
    scaled = (hidden - mean) / (variance + module[1].eps).sqrt()
    active = torch.tanh(scaled * parameters["1.weight"] + parameters["1.bias"])
    return active @ parameters["4.weight"].T + parameters["4.bias"]


@pytest.mark.parametrize("mode", MODES)
def test_both_modes_of_batch_normalisation(mode: str) -> None:
    """Each mode has the Hessian of the formula written out, and the module's state stays as it was."""
    module = normalised()
    before = copy.deepcopy(module.state_dict())
    loss, parameters = module_loss(module, mode=mode)
    run = hessian_spectrum(loss, parameters, [batch()], products=200, goal=1e-9)

    def written_out(named: dict[str, torch.Tensor], rows: tuple[torch.Tensor, ...]) -> torch.Tensor:
        return nn.functional.cross_entropy(by_hand(module, mode, named, rows[0]), rows[1])

    truth = dense_hessian(written_out, parameters, [batch()])
    np.testing.assert_allclose(run.eigenvalues, torch.linalg.eigvalsh(truth).flip(0)[:5].numpy(), rtol=1e-6)
    assert run.trace == pytest.approx(truth.trace().item(), rel=1e-8)
    assert run.trace_standard_error < 1e-12
    assert run.mode == mode
    assert module.training
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert all(value.grad is None for value in module.parameters())


def test_the_modes_differ() -> None:
    """Running statistics and those of the batch give different curvature."""
    traces = [hessian_spectrum(*module_loss(normalised(), mode=mode), [batch()]).trace for mode in MODES]
    assert abs(traces[0] - traces[1]) > 0.1 * abs(traces[0])


def test_unknown_mode() -> None:
    """A mode that is none is refused with those that there are."""
    with pytest.raises(BadInput, match="eval or batch statistics is expected"):
        module_loss(normalised(), mode="train")


def test_attention_has_a_second_derivative() -> None:
    """Attention runs on the kernel that can be differentiated twice."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        queries = torch.randn(4, 2, 5, 8)

    def loss(parameters: dict[str, torch.Tensor], rows: tuple[torch.Tensor, ...]) -> torch.Tensor:
        keys = rows[0] * parameters["scale"]
        return nn.functional.scaled_dot_product_attention(rows[0], keys, keys).square().mean()

    run = hessian_spectrum(loss, {"scale": torch.ones(8)}, [(queries,)])

    def written_out(parameters: dict[str, torch.Tensor], rows: tuple[torch.Tensor, ...]) -> torch.Tensor:
        keys = rows[0] * parameters["scale"]
        return (torch.softmax(rows[0] @ keys.mT / 8**0.5, -1) @ keys).square().mean()

    truth = dense_hessian(written_out, {"scale": torch.ones(8).double()}, [(queries.double(),)])
    assert run.trace == pytest.approx(truth.trace().item(), rel=1e-4)
