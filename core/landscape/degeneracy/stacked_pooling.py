"""Means over tiles of images, where tiles neither overlap nor reach over the edge, as sums of slices.

The general kernels of average pooling look up the tile of each value; of small images that takes longer than the sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

Pair = Sequence[int]


def avg_pool2d(
    x: torch.Tensor,
    kernel_size: Pair,
    stride: Pair = (),
    padding: Pair = (0, 0),
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """As aten.avg_pool2d, for tiles on a CPU; NotImplemented else.

    Args:
        x: [n, channels, height, width].
        kernel_size: rows and columns of a tile.
        stride: the same, or nothing.
        padding: none.
        ceil_mode: makes no difference for whole tiles.
        count_include_pad: likewise.
        divisor_override: not here.
    """
    if not _tiles(x, kernel_size, stride, padding, divisor_override):
        return NotImplemented
    rows, columns = kernel_size
    first, *others = (x[..., row::rows, column::columns] for row in range(rows) for column in range(columns))
    return sum(others, first) / (rows * columns)


def avg_pool2d_backward(
    gradient: torch.Tensor,
    x: torch.Tensor,
    kernel_size: Pair,
    stride: Pair,
    padding: Pair,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Any:
    """As aten.avg_pool2d_backward: each value of a tile gets the same share. NotImplemented as `avg_pool2d`."""
    if not _tiles(x, kernel_size, stride, padding, divisor_override):
        return NotImplemented
    shares = (gradient / (kernel_size[0] * kernel_size[1]))[..., None, :, None]
    return shares.expand(*shares.shape[:3], kernel_size[0], shares.shape[4], kernel_size[1]).reshape(x.shape)


def _tiles(x: torch.Tensor, kernel: Pair, stride: Pair, padding: Pair, divisor: int | None) -> bool:
    whole = x.ndim == 4 and len(kernel) == 2 and not x.shape[2] % kernel[0] and not x.shape[3] % kernel[1]
    apart = tuple(stride or kernel) == tuple(kernel) and not any(padding)
    return bool(whole and apart and divisor is None and x.device.type == "cpu")
