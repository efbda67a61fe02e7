"""A function of tensors as the plain list of operations that it amounts to.

Of a small network most of a step's time is spent on deciding what to do: transforms are undone, gradients derived, views
taken. That is the same at every step, so it is done once; the list gives the same numbers in about half of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.fx.experimental.proxy_tensor import make_fx

from core.landscape.degeneracy.slimmed import slim
from core.landscape.degeneracy.stacked_convolutions import bmm, convolution, convolution_backward
from core.landscape.degeneracy.stacked_pooling import avg_pool2d, avg_pool2d_backward

_REPLACED: dict[Any, Callable[..., Any]] = {
    torch.ops.aten.convolution.default: convolution,
    torch.ops.aten.convolution_backward.default: convolution_backward,
    torch.ops.aten.avg_pool2d.default: avg_pool2d,
    torch.ops.aten.avg_pool2d_backward.default: avg_pool2d_backward,
    torch.ops.aten.bmm.default: bmm,
}

Function = Callable[..., tuple[torch.Tensor, torch.Tensor]]


def traced(function: Function, example: Sequence[Any], check: Sequence[Any]) -> Function:
    """The operations of a function, for arguments of the shapes of the example.

    Where the function can't be traced, or where it decides by values (so that the list gives something else on the
    arguments it is checked with), the function itself is returned.

    Args:
        function: returns two tensors.
        example: arguments.
        check: others of the same shapes.
    """
    try:
        graph = make_fx(lambda *arguments: function(*arguments), decomposition_table=_REPLACED)(*example)
    except Exception:  # whatever it is that tracing trips over, the function still runs
        return function
    slim(graph)
    with torch.no_grad():
        same = all(_alike(one, two) for one, two in zip(graph(*check), function(*check), strict=True))
    return graph if same else function


def _alike(one: torch.Tensor, two: torch.Tensor) -> bool:
    """Up to rounding, which is relative to the largest value: a list may take its sums in another order."""
    largest = float(two.abs().nan_to_num().max()) if two.numel() else 0.0
    return torch.allclose(one, two, rtol=1e-4, atol=1e-5 * largest, equal_nan=True)
