"""A function of tensors as the plain list of operations that it amounts to.

Of a small network most of a step's time is spent on deciding what to do: transforms are undone, gradients derived, views
taken. That is the same at every step, so it is done once; the list gives the same numbers in about half of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.fx.experimental.proxy_tensor import make_fx

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
        graph = make_fx(lambda *arguments: function(*arguments))(*example)
    except Exception:  # whatever it is that tracing trips over, the function still runs
        return function
    graph.graph.eliminate_dead_code()
    graph.recompile()
    with torch.no_grad():
        same = all(
            torch.allclose(one, two, equal_nan=True) for one, two in zip(graph(*check), function(*check), strict=True)
        )
    return graph if same else function
