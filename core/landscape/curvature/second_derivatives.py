"""Which operator of a loss can't be differentiated twice, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch.autograd import function
from torch.autograd.function import BackwardCFunction

from core.errors import BadInput

_MISSING = re.compile(r"derivative for '?(?:aten::)?([\w.:]+?)'? is not implemented")


@contextmanager
def naming_the_operator() -> Iterator[None]:
    """Turns autograd's refusal of a second derivative into a sentence that names the operator.

    Raises:
        BadInput: an operator within the block has no second derivative.
    """
    try:
        yield
    except RuntimeError as error:
        missing = _MISSING.search(str(error))
        if not missing:
            raise
        raise _refusal(missing.group(1)) from error


def check_own_functions(loss: torch.Tensor) -> None:
    """Refuses a graph with a function of the person's own that is marked once_differentiable.

    Autograd takes such a function's second derivative for 0 without a word where the gradient that flows into it does
    not depend on the parameters.

    Raises:
        BadInput: names the function.
    """
    waiting, seen = [loss.grad_fn], set()
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if isinstance(node, BackwardCFunction):
            backward = getattr(node, "_forward_cls").backward  # noqa: B009 (unknown to type checkers)
            code = getattr(backward, "__code__", None)
            if code is not None and code.co_filename == function.__file__:  # once_differentiable's wrapper
                raise _refusal(node.name().removesuffix("Backward"))
        waiting.extend(following for following, _ in node.next_functions)


def _refusal(operator: str) -> BadInput:
    return BadInput(
        f"The loss uses {operator}, which has no second derivative, so there is no Hessian: exchange it for an operator "
        "that PyTorch can differentiate twice."
    )
