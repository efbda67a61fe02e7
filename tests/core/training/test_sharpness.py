"""Sharpness-aware minimisation of stacked runs against the published step, written out for one run in torch."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.func import functional_call

from core.landscape.pruning.masked import Masked
from core.training.ensemble import Examples, Recipe, train
from core.training.maps import Identity
from core.training.optimisers import Sgd
from core.training.parameters import flatten, layout_of

RATES, ORDERS, RADII, DECAYS = [0.02, 0.05, 0.05], [5, 6, 7], [0.0, 0.1, 0.4], [0.0, 1e-3, 1e-2]
RECIPE = Recipe(2, 8, Sgd(0.9))
MODULES: dict[str, Callable[[], nn.Module]] = {
    "perceptron": lambda: nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3)),
    "normalised": lambda: nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Tanh(), nn.Linear(6, 3)),
}


def _examples(seed: int) -> Examples:
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(32, 4, generator=generator, dtype=torch.float64)
    return Examples(features, torch.randint(3, (32,), generator=generator))


def _by_hand(module: nn.Module, start: torch.Tensor, run: int, mask: torch.Tensor) -> tuple[torch.Tensor, dict]:
    """e = rho g / |g|; the gradient at w + e, plus decay w, moves w with momentum. Statistics come from the pass at w."""
    layout, data = layout_of(module), _examples(1)
    buffers = {name: value.clone() for name, value in module.named_buffers()}

    def gradient(at: torch.Tensor, state: dict, rows: torch.Tensor) -> torch.Tensor:
        at = at.detach().requires_grad_()
        logits = functional_call(module, {**layout.views(at * mask), **state}, (data.features[rows],))
        return torch.autograd.grad(nn.functional.cross_entropy(logits, data.labels[rows]), at)[0]

    w, velocity = start.clone(), torch.zeros_like(start)
    generator = torch.Generator().manual_seed(ORDERS[run])
    module.train()
    for step in range(RECIPE.epochs * 4):
        if step % 4 == 0:
            batches = torch.randperm(32, generator=generator).split(8)
        rows = batches[step % 4]
        first = gradient(w, buffers, rows)
        second = gradient(w + RADII[run] * first / first.norm(), {n: v.clone() for n, v in buffers.items()}, rows)
        velocity = 0.9 * velocity + second + DECAYS[run] * w
        w = w - RATES[run] * 0.5 * (1 + math.cos(math.pi * step / (RECIPE.epochs * 4))) * velocity
    return w, buffers


@pytest.mark.parametrize("name", MODULES)
def test_every_run_takes_the_published_step(name: str) -> None:
    """Three runs with radii 0, 0.1 and 0.4, momentum and weight decay end where the step by hand does."""
    torch.manual_seed(0)
    module = MODULES[name]().double()
    start = flatten(module) + 0.1 * torch.randn(3, layout_of(module).size, dtype=torch.float64)
    masks = (torch.rand(start.shape) < 0.7).double()
    found = train(module, start, Masked(masks), RATES, ORDERS, _examples(1), _examples(2), RECIPE, DECAYS, RADII)
    for run in range(3):
        expected, buffers = _by_hand(module, start[run], run, masks[run])
        torch.testing.assert_close(found.coordinates[run], expected, rtol=0, atol=1e-9)
        for key, value in buffers.items():
            torch.testing.assert_close(found.buffers[key][run], value, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", MODULES)
def test_a_radius_of_zero_is_plain_training(name: str) -> None:
    """Weights and running statistics are equal to the last digit."""
    torch.manual_seed(0)
    module = MODULES[name]().double()
    start = flatten(module).repeat(3, 1)
    plain, flat = (
        train(module, start, Identity(), RATES, ORDERS, _examples(1), _examples(2), RECIPE, DECAYS, radii)
        for radii in (None, [0.0] * 3)
    )
    assert torch.equal(plain.coordinates, flat.coordinates)
    assert all(torch.equal(plain.buffers[key], flat.buffers[key]) for key in plain.buffers)


def test_a_run_that_diverges_takes_its_radius_along() -> None:
    """The radii of the others stay with their runs."""
    torch.manual_seed(0)
    module = MODULES["perceptron"]().double()
    start = flatten(module).repeat(2, 1)
    several = train(
        module,
        start,
        Identity(),
        [1e300, 0.05],
        [1, 2],
        _examples(1),
        _examples(2),
        RECIPE,
        radii=[0.8, 0.1],
    )
    alone = train(module, start[1:], Identity(), [0.05], [2], _examples(1), _examples(2), RECIPE, radii=[0.1])
    assert several.diverged.tolist() == [True, False]
    torch.testing.assert_close(several.coordinates[1], alone.coordinates[0], rtol=0, atol=1e-12)
