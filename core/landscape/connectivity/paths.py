"""Paths between the weights of R pairs of networks: straight lines, and quadratic Bezier curves whose bend is trained."""

from __future__ import annotations

from collections.abc import Sequence

import torch


class Bezier:
    """(1 - t)^2 first + 2 t (1 - t) bend + t^2 second at a random t, as a map from bends to weights.

    Each call of `forward` draws a t for each pair from the pair's own generator, so that minimising the loss of the
    weights minimises its mean over the curve (Garipov et al. 2018, arXiv:1802.10026, equation 2).

    Args:
        first: [R, D].
        second: [R, D].
        seeds: of t, one a pair.
    """

    def __init__(self, first: torch.Tensor, second: torch.Tensor, seeds: Sequence[int]) -> None:
        self.first = first
        self.second = second
        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self._t = first.new_zeros(len(seeds), 1)

    def forward(self, coordinates: torch.Tensor) -> torch.Tensor:
        """[R, D] bends -> [R, D] weights."""
        drawn = [torch.rand(1, generator=generator) for generator in self._generators]
        self._t = torch.stack(drawn).to(coordinates)
        return curve(self.first, coordinates, self.second, self._t)

    def adjoint(self, gradient: torch.Tensor) -> torch.Tensor:
        """Gradient along the weights -> along the bends, at the last t."""
        return 2 * self._t * (1 - self._t) * gradient

    def keep(self, runs: torch.Tensor) -> Bezier:
        """The curves of some pairs, which go on with their generators."""
        kept = Bezier(self.first[runs], self.second[runs], [0] * len(runs))
        kept._generators = [self._generators[run] for run in runs.tolist()]
        return kept


def curve(first: torch.Tensor, bend: torch.Tensor, second: torch.Tensor, t: torch.Tensor | float) -> torch.Tensor:
    """The point t of quadratic Bezier curves; t = 0 is the first, 1 the second."""
    return (1 - t) ** 2 * first + 2 * t * (1 - t) * bend + t**2 * second


def line(first: torch.Tensor, second: torch.Tensor, t: float) -> torch.Tensor:
    """The point t of straight lines."""
    return (1 - t) * first + t * second
