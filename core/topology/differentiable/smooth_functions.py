"""Hilbert and Euler functions smoothed by a Gaussian: images whose derivatives say which classes to move where."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from core.topology.differentiable.gaussian_images import Bandwidth, checked_grid, product_sum


def smooth_function(positions: Tensor, weights: Tensor, grid: Sequence[ArrayLike], bandwidth: Bandwidth) -> Tensor:
    """(H * K)(z) = sum_p w_p Phi((z_1 - p_1) / h_1) Phi((z_2 - p_2) / h_2), H(z) = mu({p <= z}), K a Gaussian.

    A Hilbert or Euler function is constant but for its jumps, so it has no useful derivatives; its mean around each place
    has, and tends to it as h goes to 0.

    >>> where = torch.tensor([[0.0, 0.0]], dtype=torch.float64)
    >>> smooth_function(where, torch.tensor([2]), ([-9.0, 0.0, 9.0], [9.0]), 1.0).round(decimals=6).tolist()
    [[0.0], [1.0], [2.0]]

    Args:
        positions: [m, c] finite.
        weights: [m].
        grid: c axes, each increasing numbers.
        bandwidth: h, or one for each coordinate; tensors carry derivatives.

    Returns:
        [len(axis) for each axis].

    Raises:
        BadInput: positions that are not finite, or do not fit grid and bandwidth.
    """
    axes, widths = checked_grid(positions, grid, bandwidth)
    steps = [
        torch.special.ndtr((axis - positions[:, place, None]) / width)
        for place, (axis, width) in enumerate(zip(axes, widths, strict=True))
    ]
    return product_sum(steps, weights)
