"""Gaussian images of signed measures of tensors."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from core.errors import BadInput
from core.topology.engine.checks import checked_axis, checked_choice
from core.topology.engine.convolve import REDUCTIONS

Bandwidth = float | Tensor | Sequence[float | Tensor]


def convolve(
    positions: Tensor, weights: Tensor, grid: Sequence[ArrayLike], bandwidth: Bandwidth, reduction: str = "sum"
) -> Tensor:
    """`core.topology.convolve` for tensors, V(z) = sum_p w_p K(z - p); of rectangles on four axes.

    Args:
        positions: [m, c] finite.
        weights: [m].
        grid: c axes, each increasing numbers.
        bandwidth: h, or one for each coordinate; tensors carry derivatives.
        reduction: "sum" or "mean".

    Returns:
        [len(axis) for each axis].

    Raises:
        BadInput: positions that are not finite, or do not fit grid and bandwidth.
    """
    checked_choice(reduction, REDUCTIONS, "reduction")
    axes, widths = checked_grid(positions, grid, bandwidth)
    kernels = [
        torch.exp(-0.5 * ((axis - positions[:, place, None]) / width) ** 2) / (math.sqrt(2 * math.pi) * width)
        for place, (axis, width) in enumerate(zip(axes, widths, strict=True))
    ]
    return product_sum(kernels, weights) / (max(len(weights), 1) if reduction == "mean" else 1)


def product_sum(kernels: Sequence[Tensor], weights: Tensor) -> Tensor:
    """sum_p w_p k_1(p) x k_2(p) x ..., each kernel [m, length of its axis]."""
    image = weights.to(torch.float64)[:, None] * kernels[0]
    for kernel in kernels[1:-1]:
        image = (image[:, :, None] * kernel[:, None, :]).reshape(len(weights), -1)
    if len(kernels) == 1:
        return image.sum(dim=0)
    return (image.T @ kernels[-1]).reshape([kernel.shape[1] for kernel in kernels])


def checked_grid(
    positions: Tensor, grid: Sequence[ArrayLike], bandwidth: Bandwidth
) -> tuple[list[Tensor], list[float | Tensor]]:
    """The axes as tensors, and a width for each of them.

    Raises:
        BadInput: positions that are not finite, or another number of axes or widths.
    """
    axes = [checked_axis(axis, f"grid[{place}]") for place, axis in enumerate(grid)]
    if positions.ndim != 2 or positions.shape[1] != len(axes):
        raise BadInput(f"positions has shape {tuple(positions.shape)}; [Diracs, {len(axes)}] is expected.")
    if not bool(torch.isfinite(positions.detach()).all()):
        raise BadInput("positions holds values that are not finite: cut the measure at a corner first, complete_mass.")
    given = bandwidth if isinstance(bandwidth, list | tuple) else [bandwidth] * len(axes)
    if len(given) != len(axes):
        raise BadInput(f"bandwidth has {len(given)} values; one, or one for each of {len(axes)} axes is expected.")
    for width in given:
        value = float(torch.as_tensor(width).detach())
        if not 0 < value < math.inf:
            raise BadInput(f"bandwidth is {value}; a number above 0 is expected.")
    return [torch.as_tensor(axis, device=positions.device) for axis in axes], list(given)
