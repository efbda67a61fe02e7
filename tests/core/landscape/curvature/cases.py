"""Small networks whose Hessian fits into memory."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
from sklearn.datasets import load_digits
from torch import nn

from core.landscape.curvature.batches import Batch
from core.landscape.curvature.module_loss import ModuleLoss, module_loss
from tests.core.landscape.curvature.naive import dense_hessian

SAMPLES = 100


@dataclass(frozen=True)
class Case:
    """A network with its data and its true Hessian."""

    module: nn.Module
    loss: ModuleLoss
    parameters: dict[str, torch.Tensor]
    batches: list[Batch]
    hessian: torch.Tensor

    @property
    def eigenvalues(self) -> torch.Tensor:
        """All, from the top."""
        return torch.linalg.eigvalsh(self.hessian).flip(0)


def digits() -> Batch:
    features, labels = load_digits(return_X_y=True)
    return torch.tensor(features[:SAMPLES] / 16), torch.tensor(labels[:SAMPLES])


@cache
def perceptron(steps: int) -> Case:
    """64-12-10 with tanh, trained on 100 digits; one step leaves it near its start, 150 bring it near zero loss."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = nn.Sequential(nn.Linear(64, 12), nn.Tanh(), nn.Linear(12, 10)).double()
    return _trained(module, steps)


@cache
def convolutional(steps: int) -> Case:
    """A convolution with ReLU and max pooling and a linear layer."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = nn.Sequential(
            nn.Unflatten(1, (1, 8, 8)),
            nn.Conv2d(1, 6, 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(54, 10),
        ).double()
    return _trained(module, steps)


def _trained(module: nn.Module, steps: int) -> Case:
    batch = digits()
    optimiser = torch.optim.Adam(module.parameters(), lr=0.01)
    for _ in range(steps):
        optimiser.zero_grad()
        nn.functional.cross_entropy(module(batch[0]), batch[1]).backward()
        optimiser.step()
    module.zero_grad()
    loss, parameters = module_loss(module)
    return Case(module, loss, parameters, [batch], dense_hessian(loss, parameters, [batch]))
