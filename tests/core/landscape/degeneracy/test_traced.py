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


def test_a_stacked_convolutional_network_keeps_its_gradients() -> None:
    """Convolutions, pooling, thin products: the list of another make gives loss and gradient to rounding, in double
    precision, of networks and images that were not traced; strides go through PyTorch's own convolution."""
    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, 3, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.AvgPool2d(2),
        torch.nn.Conv2d(3, 4, 3, stride=2, padding=1),
        torch.nn.ReLU(),
        torch.nn.Conv2d(4, 2, 3, padding=2, dilation=2),
        torch.nn.Flatten(),
        torch.nn.Linear(8, 3),
    ).double()
    names = {name: tensor.shape for name, tensor in network.named_parameters()}
    sizes = [shape.numel() for shape in names.values()]

    def loss(flat: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        parts = {name: part.view(shape) for (name, shape), part in zip(names.items(), flat.split(sizes), strict=True)}
        return torch.nn.functional.cross_entropy(torch.func.functional_call(network, parts, (x,)), y)

    generator = torch.Generator().manual_seed(0)
    arguments = [
        (
            torch.randn(3, sum(sizes), dtype=torch.float64, generator=generator) / 2,
            torch.randn(3, 5, 1, 8, 8, dtype=torch.float64, generator=generator),
            torch.randint(3, (3, 5), generator=generator),
        )
        for _ in range(3)
    ]
    function = torch.func.vmap(torch.func.grad_and_value(loss))
    listed = traced(function, arguments[0], arguments[1])
    assert isinstance(listed, torch.fx.GraphModule)
    called = [node.target for node in listed.graph.nodes]
    assert torch.ops.aten.avg_pool2d.default not in called and torch.ops.aten.convolution.default not in called
    assert called.count(torch.ops.aten.convolution_backward.default) == 1  # of the one with strides
    for one, two in zip(listed(*arguments[2]), function(*arguments[2]), strict=True):
        torch.testing.assert_close(one, two)


def test_operations_are_done_once_and_writing_is_left_alone() -> None:
    """Equal sums and views that change nothing go; 1 and 1.0 differ; what writes into tensors or draws stays as it is."""

    def twice(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return (x + 1).view(x.shape) * (x + 1), (x + 1.0).expand(x.shape)

    def writes(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        one, two = torch.zeros_like(x), torch.zeros_like(x)
        one.add_(x)
        return one, two

    x, y = torch.arange(4.0), torch.ones(4)
    listed = traced(twice, (x,), (y,))
    assert isinstance(listed, torch.fx.GraphModule)
    assert [
        node.target.__name__ for node in listed.graph.nodes if node.op == "call_function" and "aten" in str(node.target)
    ] == [
        "add.Tensor",
        "mul.Tensor",
        "add.Tensor",
    ]
    assert [part.tolist() for part in traced(writes, (x,), (y,))(x)] == [x.tolist(), [0.0] * 4]


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
