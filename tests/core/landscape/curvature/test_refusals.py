"""What has no Hessian is refused in one sentence."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from core.errors import BadInput
from core.landscape import hessian_spectrum
from core.landscape.curvature.batches import Batch

ROWS = (torch.ones(4, 2),)
WEIGHTS = {"w": torch.ones(2)}


def squares(parameters: dict[str, torch.Tensor], batch: Batch) -> torch.Tensor:
    return (batch[0] @ parameters["w"]).square().mean()


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        return 3 * x**2 * gradient


@pytest.mark.parametrize(
    ("loss", "parameters", "batches", "message"),
    [
        (lambda p, b: squares(p, b) / 0, WEIGHTS, [ROWS], r"The loss of batch 0 is inf, which is not finite"),
        (lambda p, b: squares(p, b) * float("nan"), WEIGHTS, [ROWS, ROWS], "The loss of batch 0 is nan"),
        (lambda p, b: Cube.apply(p["w"]).mean(), WEIGHTS, [ROWS], "The loss uses Cube, which has no second derivative"),
        (lambda p, b: p["w"] * 1.0, WEIGHTS, [ROWS], "The loss is no scalar"),
        (lambda p, b: b[0].mean(), WEIGHTS, [ROWS], "The loss does not depend on the parameters"),
        (
            lambda p, b: p["w"].abs().pow(1.5).mean(),
            {"w": torch.zeros(2)},
            [ROWS],
            "second derivative of the loss is not",
        ),
        (squares, {"w": torch.ones(2, dtype=torch.int64)}, [ROWS], "Parameter w is of type int64"),
        (squares, {"w": torch.tensor([1.0, float("nan")])}, [ROWS], "Parameter w holds values that are not finite"),
        (squares, {}, [ROWS], "There are no parameters"),
        (squares, WEIGHTS, [], "There are no batches"),
        (squares, WEIGHTS, [ROWS, (torch.ones(0, 2),)], "Batch 1 is empty"),
        (squares, WEIGHTS, [(torch.ones(4, 2), torch.ones(3))], r"The tensors of batch 0 have \[3, 4\] samples"),
        (squares, WEIGHTS, [torch.ones(4, 2)], "Batch 0 is no tuple of tensors"),
    ],
)
def test_refused(loss: Any, parameters: dict[str, torch.Tensor], batches: list[Any], message: str) -> None:
    """Each names what is wrong and what is expected."""
    with pytest.raises(BadInput, match=message):
        hessian_spectrum(loss, parameters, batches)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"top": 0}, "top is 0; at least 1"), ({"products": 5}, "products is 5"), ({"goal": 0.0}, "goal 0.0")],
)
def test_numbers_out_of_range(arguments: dict[str, Any], message: str) -> None:
    """Numbers that make no sense are named."""
    with pytest.raises(BadInput, match=message):
        hessian_spectrum(squares, WEIGHTS, [ROWS], **arguments)


def test_operator_of_torch_without_second_derivative() -> None:
    """An operator of PyTorch without a second derivative is named as PyTorch calls it."""

    def grouped(parameters: dict[str, torch.Tensor], batch: Batch) -> torch.Tensor:
        return torch.cdist(batch[0] * parameters["w"], batch[0], p=3.0).sum()

    rows = torch.randn(4, 2, generator=torch.Generator().manual_seed(0))
    with pytest.raises(BadInput, match="The loss uses _cdist_backward, which has no second derivative"):
        hessian_spectrum(grouped, WEIGHTS, [(rows,)])


def test_linear_loss_is_flat() -> None:
    """A loss that is linear in its parameters has no curvature: eigenvalues and trace are 0."""
    run = hessian_spectrum(lambda p, b: (b[0] @ p["w"]).mean(), WEIGHTS, [ROWS])
    assert run.eigenvalues == pytest.approx([0.0, 0.0])
    assert (run.trace, run.trace_standard_error) == (0.0, 0.0)
