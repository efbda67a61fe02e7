"""Functions as lists of operations."""

from __future__ import annotations

import torch

from core.landscape.degeneracy.traced import traced


def test_the_list_gives_the_same_numbers() -> None:
    """Gradients and values of a batched function, to the last digit, at arguments that were not traced."""
    generator = torch.Generator().manual_seed(0)

    def loss(w: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x @ w.view(4, 3)).square().mean()

    function = torch.func.vmap(torch.func.grad_and_value(loss))
    arguments = [(torch.randn(5, 12, generator=generator), torch.randn(5, 7, 4, generator=generator)) for _ in range(3)]
    listed = traced(function, arguments[0], arguments[1])
    assert isinstance(listed, torch.fx.GraphModule)
    for one, two in zip(listed(*arguments[2]), function(*arguments[2]), strict=True):
        assert torch.equal(one, two)


def test_a_function_that_decides_by_values_is_left_as_it_is() -> None:
    """Whether tracing fails or the list goes the one way only, the function itself is returned."""

    def by_sign(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return (x, 2 * x) if float(x.sum()) > 0 else (-x, x)

    class Odd:
        calls = 0

    def by_count(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        Odd.calls += 1
        return x * Odd.calls, x

    for function in (by_sign, by_count):
        assert traced(function, (torch.ones(3),), (-torch.ones(3),)) is function
