"""Sharpness-aware minimisation (SAM) of R runs at once: Foret et al. 2021, arXiv:2010.01412, algorithm 1.

A step follows the gradient at w + rho g / |g|, the worst point nearby to first order, instead of the one at w. The step
itself, and weight decay, stay those of the optimiser at w.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from core.training.networks import Copies


def climbed(coordinates: torch.Tensor, gradient: torch.Tensor, radii: torch.Tensor) -> torch.Tensor:
    """w + rho g / |g| of each run; a gradient of zero leads nowhere.

    Example:
        >>> climbed(torch.zeros(1, 2), torch.tensor([[3.0, 4.0]]), torch.tensor([[0.5]]))
        tensor([[0.3000, 0.4000]])

    Args:
        coordinates: w, [R, k].
        gradient: g, [R, k].
        radii: rho, [R, 1].
    """
    length = gradient.norm(dim=1, keepdim=True)
    return coordinates + gradient * torch.where(length > 0, radii / length, 0.0)


@contextmanager
def unmoved_buffers(copies: Copies) -> Iterator[None]:
    """After this block running statistics are what they were before it: those of w, not of the point above it."""
    kept = {name: buffer.clone() for name, buffer in copies.buffers.items()}
    yield
    copies.buffers = kept
