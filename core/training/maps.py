"""What is trained and what the network needs: maps from trained coordinates to weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import torch

Weights = Callable[[torch.Tensor], torch.Tensor]


@runtime_checkable
class Map(Protocol):
    """From coordinates [R, k] to weights [R, D], and gradients the other way."""

    def forward(self, coordinates: torch.Tensor) -> torch.Tensor:
        """[R, k] -> [R, D], detached."""
        ...

    def adjoint(self, gradient: torch.Tensor) -> torch.Tensor:
        """Gradient along the weights [R, D] -> along the coordinates [R, k], at the last place of `forward`."""
        ...

    def keep(self, runs: torch.Tensor) -> Map:
        """The map of some of the runs, by their numbers [r]."""
        ...


class Identity:
    """Plain training: the coordinates are the weights."""

    def forward(self, coordinates: torch.Tensor) -> torch.Tensor:
        """Its argument."""
        return coordinates

    def adjoint(self, gradient: torch.Tensor) -> torch.Tensor:
        """Its argument."""
        return gradient

    def keep(self, runs: torch.Tensor) -> Identity:
        """Itself."""
        return self


class Affine:
    """weights = start + P coordinates, where P has `forward` and `adjoint`."""

    def __init__(self, start: torch.Tensor, linear: Map) -> None:
        self.start = start
        self.linear = linear

    def forward(self, coordinates: torch.Tensor) -> torch.Tensor:
        """start + P coordinates."""
        return self.start + self.linear.forward(coordinates)

    def adjoint(self, gradient: torch.Tensor) -> torch.Tensor:
        """P^T gradient."""
        return self.linear.adjoint(gradient)

    def keep(self, runs: torch.Tensor) -> Affine:
        """Start and P of these runs."""
        return Affine(self.start[runs], self.linear.keep(runs))


class Differentiated:
    """Any differentiable function from coordinates to weights, row by row for any number of rows, by autograd."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self._coordinates = self._weights = torch.empty(0)

    @torch.enable_grad()
    def forward(self, coordinates: torch.Tensor) -> torch.Tensor:
        """The function's value."""
        self._coordinates = coordinates.detach().requires_grad_()
        self._weights = self.weights(self._coordinates)
        return self._weights.detach()

    def adjoint(self, gradient: torch.Tensor) -> torch.Tensor:
        """Its vector-Jacobian product where it was called last."""
        (along,) = torch.autograd.grad(self._weights, self._coordinates, gradient)
        return along

    def keep(self, runs: torch.Tensor) -> Differentiated:
        """The same function."""
        return Differentiated(self.weights)


def map_of(weights: Map | Weights) -> Map:
    """A map as it is; a function with autograd around it."""
    return weights if isinstance(weights, Map) else Differentiated(weights)
