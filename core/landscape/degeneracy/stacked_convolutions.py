"""Convolutions of several networks at once as batched matrix products.

Stacked over networks, a convolution becomes one of as many groups, for which a CPU has no fast kernel. Here the patches of
all samples of a network are the columns of one matrix (im2col), so that a group is one matrix product: the same sums.
Samples lie innermost, so that patches of small images are copied in long runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn.functional import pad

MOST_VALUES = 1 << 24  # of all patches: 64 MB, beyond which the copy costs more than the groups do

Pair = Sequence[int]


def convolution(
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    transposed: bool,
    output_padding: Pair,
    groups: int,
) -> Any:
    """As aten.convolution, for groups in two dimensions on a CPU; NotImplemented else.

    Args:
        x: [n, groups x in, height, width].
        weight: [groups x out, in, rows, columns].
        bias: [groups x out].
        stride: in rows and columns.
        padding: likewise.
        dilation: likewise.
        transposed: not here.
        output_padding: not here.
        groups: more than one.
    """
    if not _fits(x, weight, stride, transposed, groups):
        return NotImplemented
    columns, (height, width) = _patches(x, weight.shape[2:], stride, padding, dilation, groups)
    result = _image(_stacked(weight, groups) @ columns, height, width)
    return result if bias is None else result + bias[:, None, None]


def convolution_backward(
    gradient: torch.Tensor,
    x: torch.Tensor,
    weight: torch.Tensor,
    bias_sizes: Sequence[int] | None,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    transposed: bool,
    output_padding: Pair,
    groups: int,
    output_mask: Sequence[bool],
) -> Any:
    """As aten.convolution_backward: gradients by x, weight and bias, None where the mask says so.

    NotImplemented as `convolution`, and where the gradient by x of strides above 1 is asked for.
    """
    if not _fits(x, weight, stride, transposed, groups) or (output_mask[0] and max(stride) > 1):
        return NotImplemented
    by_x = by_weight = by_bias = None
    if output_mask[0]:
        # The gradient meets each input through the kernel turned around, padded so that the size is that of x.
        margins = [
            reach * (size - 1) - margin for reach, size, margin in zip(dilation, weight.shape[2:], padding, strict=True)
        ]
        turned = weight.unflatten(0, (groups, -1)).flip(3, 4).transpose(1, 2).flatten(2)  # [groups, in, out x kernel]
        columns, (height, width) = _patches(gradient, weight.shape[2:], (1, 1), margins, dilation, groups)
        by_x = _image(turned @ columns, height, width)
    if output_mask[1]:
        columns, _ = _patches(x, weight.shape[2:], stride, padding, dilation, groups)
        flat = _samples_last(gradient, groups).flatten(2)  # [groups, out, places x n]
        by_weight = (flat @ columns.mT).view(weight.shape)
    if output_mask[2]:
        by_bias = gradient.sum(dim=(0, 2, 3))
    return by_x, by_weight, by_bias


def bmm(one: torch.Tensor, two: torch.Tensor) -> Any:
    """As aten.bmm where both lie transposed in memory, which is slow for thin matrices; NotImplemented else."""
    if one.device.type == "cpu" and all(
        part.stride()[1] == 1 and part.shape[2] > 1 and part.stride()[2] > 1 for part in (one, two)
    ):
        return torch.bmm(two.mT, one.mT).mT
    return NotImplemented


def _fits(x: torch.Tensor, weight: torch.Tensor, stride: Pair, transposed: bool, groups: int) -> bool:
    if groups < 2 or transposed or x.ndim != 4 or x.device.type != "cpu":
        return False
    return x.numel() * weight.shape[2] * weight.shape[3] // (stride[0] * stride[1]) <= MOST_VALUES


def _stacked(weight: torch.Tensor, groups: int) -> torch.Tensor:
    """[groups, out, in x rows x columns]."""
    return weight.view(groups, weight.shape[0] // groups, -1)


def _samples_last(x: torch.Tensor, groups: int) -> torch.Tensor:
    """[n, groups x channels, height, width] -> [groups, channels, height, width, n]."""
    return x.unflatten(1, (groups, -1)).permute(1, 2, 3, 4, 0)


def _image(columns: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """[groups, channels, places x n] -> [n, groups x channels, height, width]; no copy is made."""
    return columns.unflatten(2, (height, width, -1)).permute(4, 0, 1, 2, 3).flatten(1, 2)


def _patches(
    x: torch.Tensor, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, groups: int
) -> tuple[torch.Tensor, tuple[int, int]]:
    """[groups, in x rows x columns, places x n] what each entry of the kernel meets; height and width of the result."""
    windows = pad(_samples_last(x, groups), (0, 0, padding[1], padding[1], padding[0], padding[0]))
    for axis in (0, 1):
        windows = windows.unfold(2 + axis, dilation[axis] * (kernel[axis] - 1) + 1, stride[axis])
    if max(dilation) > 1:
        windows = windows[..., :: dilation[0], :: dilation[1]]
    height, width = windows.shape[2:4]
    return windows.permute(0, 1, 5, 6, 2, 3, 4).reshape(groups, -1, height * width * len(x)), (height, width)
