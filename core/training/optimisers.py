"""Optimisers of R runs at once, with one learning rate a run; the library's take one for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

BETAS, EPSILON = (0.9, 0.999), 1e-8  # Adam, Kingma and Ba 2015 (arXiv:1412.6980), algorithm 1


class Moving(Protocol):
    """An optimiser at work on the vectors of R runs."""

    def step(self, gradient: torch.Tensor, factor: float) -> None:
        """Moves the vectors.

        Args:
            gradient: [R, k].
            factor: what all learning rates are multiplied by in this step.
        """
        ...

    def keep(self, coordinates: torch.Tensor, runs: torch.Tensor) -> None:
        """Goes on with some of the runs.

        Args:
            coordinates: of these alone, [r, k].
            runs: their numbers, [r].
        """
        ...


@dataclass(frozen=True)
class Adam:
    """Adam with its published constants."""

    def begin(self, coordinates: torch.Tensor, learning_rates: Sequence[float]) -> Moving:
        """The optimiser of vectors [R, k], which it moves in place."""
        return _MovingAdam(coordinates, learning_rates)


@dataclass(frozen=True)
class Sgd:
    """Stochastic gradient descent with heavy-ball momentum, as torch.optim.SGD defines it: v <- m v + g, x <- x - rate v."""

    momentum: float = 0.9

    def begin(self, coordinates: torch.Tensor, learning_rates: Sequence[float]) -> Moving:
        """The optimiser of vectors [R, k], which it moves in place."""
        return _MovingSgd(coordinates, learning_rates, self.momentum)


Optimiser = Adam | Sgd


class _MovingAdam:
    def __init__(self, coordinates: torch.Tensor, learning_rates: Sequence[float]) -> None:
        self.coordinates = coordinates
        self.rates = column(coordinates, learning_rates)
        self.mean = torch.zeros_like(coordinates)
        self.square = torch.zeros_like(coordinates)
        self.steps = 0

    def step(self, gradient: torch.Tensor, factor: float) -> None:
        self.steps += 1
        self.mean.lerp_(gradient, 1 - BETAS[0])
        self.square.mul_(BETAS[1]).addcmul_(gradient, gradient, value=1 - BETAS[1])
        size = factor / (1 - BETAS[0] ** self.steps)
        spread = (self.square / (1 - BETAS[1] ** self.steps)).sqrt_().add_(EPSILON)
        self.coordinates.addcmul_(self.rates, self.mean / spread, value=-size)

    def keep(self, coordinates: torch.Tensor, runs: torch.Tensor) -> None:
        self.coordinates, self.rates = coordinates, self.rates[runs]
        self.mean, self.square = self.mean[runs], self.square[runs]


class _MovingSgd:
    def __init__(self, coordinates: torch.Tensor, learning_rates: Sequence[float], momentum: float) -> None:
        self.coordinates = coordinates
        self.rates = column(coordinates, learning_rates)
        self.momentum = momentum
        self.velocity = torch.zeros_like(coordinates)

    def step(self, gradient: torch.Tensor, factor: float) -> None:
        self.velocity.mul_(self.momentum).add_(gradient)
        self.coordinates.addcmul_(self.rates, self.velocity, value=-factor)

    def keep(self, coordinates: torch.Tensor, runs: torch.Tensor) -> None:
        self.coordinates, self.rates, self.velocity = coordinates, self.rates[runs], self.velocity[runs]


def column(coordinates: torch.Tensor, values: Sequence[float]) -> torch.Tensor:
    """One value a run, [R, 1], of the kind and on the device of the vectors."""
    return torch.tensor(values, dtype=coordinates.dtype, device=coordinates.device).unsqueeze(1)
