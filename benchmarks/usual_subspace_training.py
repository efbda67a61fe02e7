"""One training in a random subspace the way it is usually written, as the other side of a comparison.

A Fastfood transform for each parameter tensor, y = H G Pi H B x over the tensor's size padded to a power of two (Li
et al. 2018, arXiv:1804.08838, section S7), the Walsh-Hadamard transform as a butterfly of reshapes and
concatenations, autograd through all of it, a DataLoader for the rows and torch.optim for the coordinates.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.func import functional_call
from torch.utils.data import DataLoader, TensorDataset

from core.data import load_dataset, split, standardise
from core.intrinsic_dimension.trainings import Problem

LEARNING_RATE = 0.1


def digits_examples(problem: Problem) -> tuple[TensorDataset, TensorDataset]:
    """Rows to learn from and to measure on, scaled."""
    parts = split(load_dataset(problem.dataset), problem.seed, problem.validation_fraction)
    train, validation = standardise(parts.X_train, parts.X_validation)
    return (
        TensorDataset(torch.from_numpy(train).flatten(1), torch.from_numpy(parts.y_train)),
        TensorDataset(torch.from_numpy(validation).flatten(1), torch.from_numpy(parts.y_validation)),
    )


class TensorFastfood:
    """From d coordinates to the shape of one tensor, columns of about unit length over all D parameters."""

    def __init__(self, shape: torch.Size, dimension: int, full_dimension: int) -> None:
        self.shape = shape
        self.length = 1 << (max(shape.numel(), dimension) - 1).bit_length()
        self.signs = torch.randint(0, 2, (self.length,)) * 2.0 - 1
        self.permutation = torch.randperm(self.length)
        self.gains = torch.randn(self.length)
        self.divisor = float((full_dimension * self.gains.square().sum()).sqrt())

    def __call__(self, theta_d: torch.Tensor) -> torch.Tensor:
        """[d] -> the tensor's shape."""
        padded = nn.functional.pad(theta_d, (0, self.length - len(theta_d)))
        mixed = butterfly(self.signs * padded)[self.permutation]
        return (butterfly(self.gains * mixed) / self.divisor)[: self.shape.numel()].view(self.shape)


def butterfly(vector: torch.Tensor) -> torch.Tensor:
    """Walsh-Hadamard transform of a vector in log2 n passes."""
    length, half = len(vector), 1
    while half < length:
        pairs = vector.view(-1, 2, half)
        vector = torch.cat([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], dim=1).view(-1)
        half *= 2
    return vector


def usual_training(
    training: TensorDataset, validation: TensorDataset, dimension: int, seed: int, epochs: int, batch_size: int
) -> float:
    """Accuracy of a 64-32-10 network on the validation rows after the given epochs."""
    torch.manual_seed(seed)
    module = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    start = {name: value.detach().clone() for name, value in module.named_parameters()}
    full_dimension = sum(value.numel() for value in start.values())
    maps = {name: TensorFastfood(value.shape, dimension, full_dimension) for name, value in start.items()}
    theta_d = torch.zeros(dimension, requires_grad=True)
    optimiser = torch.optim.Adam([theta_d], lr=LEARNING_RATE)
    loader = DataLoader(training, batch_size=batch_size, shuffle=True, drop_last=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs * len(loader))

    def logits(features: torch.Tensor) -> torch.Tensor:
        return functional_call(module, {name: start[name] + maps[name](theta_d) for name in start}, (features,))

    for _ in range(epochs):
        for features, labels in loader:
            optimiser.zero_grad()
            nn.functional.cross_entropy(logits(features), labels).backward()
            optimiser.step()
            schedule.step()
    with torch.no_grad():
        features, labels = validation.tensors
        return float((logits(features).argmax(1) == labels).float().mean())
