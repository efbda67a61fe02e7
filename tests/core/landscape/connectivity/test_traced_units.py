"""Units read off the graph of a program: shortcuts share an order, projections too, and what is unknown stays."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import fx, nn

from core.errors import BadInput
from core.landscape.connectivity.alignment import matched
from core.landscape.connectivity.units import units_of
from core.models.pt2 import Signature
from core.models.pt2_layers import LayeredProgram, RestoredNormalisation

ATEN = torch.ops.aten


class Parts(nn.Module):
    """The tensors of a residual network of two blocks, the second with a projection, as a program holds them."""

    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        for name, shape in {
            "stem": (4, 1, 3, 3),
            "a1": (5, 4, 3, 3),
            "a2": (4, 5, 3, 3),
            "b1": (6, 4, 3, 3),
            "b2": (6, 6, 3, 3),
            "down": (6, 4, 1, 1),
            "head": (3, 6),
            "bias": (3,),
        }.items():
            self.register_parameter(name, nn.Parameter(torch.randn(shape, generator=generator)))
        held = nn.BatchNorm2d(6)
        for tensor in (held.weight.data, held.bias.data, held.running_mean, held.running_var):
            assert tensor is not None
            tensor.copy_(torch.rand(6, generator=generator) + 0.5)
        self.norm = RestoredNormalisation(held, 1e-5, 0.1)


def program(*, twist: bool = False) -> LayeredProgram:
    """The program; with a twist its channels are reversed before the head, which no rule knows."""
    graph = fx.Graph()
    x = graph.placeholder("x")

    def conv(given: fx.Node, weight: str, padding: int = 1, stride: int = 1) -> fx.Node:
        tensor = graph.get_attr(weight)
        return graph.call_function(ATEN.conv2d.default, (given, tensor, None, [stride] * 2, [padding] * 2))

    def call(operator: object, *given: object) -> fx.Node:
        return graph.call_function(operator, given)  # type: ignore[arg-type]

    stream = call(ATEN.relu.default, conv(x, "stem"))
    inner = conv(call(ATEN.relu.default, conv(stream, "a1")), "a2")
    stream = call(ATEN.relu.default, call(ATEN.add.Tensor, inner, stream))
    inner = graph.call_module("norm", (conv(call(ATEN.relu.default, conv(stream, "b1", stride=2)), "b2"),))
    stream = call(ATEN.relu.default, call(ATEN.add.Tensor, inner, conv(stream, "down", 0, 2)))
    pooled = call(ATEN.mean.dim, stream, [2, 3])
    if twist:
        pooled = call(ATEN.flip.default, pooled, [1])
    graph.output(call(ATEN.linear.default, pooled, graph.get_attr("head"), graph.get_attr("bias")))
    return LayeredProgram(fx.GraphModule(Parts(), graph), Signature((1, 6, 6), (3,), "float32", None, False)).eval()


def test_shortcuts_share_an_order_and_blocks_have_their_own() -> None:
    """The stem and what is added to it are one group, the projection and what it is added to another."""
    units = units_of(program())
    along = {name.removeprefix("program."): [set(axis) for axis in axes[:2]] for name, axes in units.axes.items()}
    assert sorted(units.sizes.values()) == [4, 5, 6, 6]
    assert along["stem"][0] == along["a2"][0] == along["a1"][1] == along["b1"][1] == along["down"][1]
    assert along["b2"][0] == along["down"][0] == along["head"][1] == along["norm.running_var"][0]
    assert along["b1"][0] == along["b2"][1] != along["b2"][0]
    assert along["head"][0] == set()


def test_a_shuffled_program_is_put_back() -> None:
    """Tensors and statistics come back, whatever the order was; outputs never change."""
    module = program()
    units, state = units_of(module), dict(module.state_dict())
    generator = np.random.default_rng(1)
    moved = units.reordered(state, {group: generator.permutation(size) for group, size in units.sizes.items()})
    rows = torch.randn(3, 1, 6, 6, generator=torch.Generator().manual_seed(1))
    one, other = (torch.func.functional_call(module, tensors, (rows,)) for tensors in (state, moved))
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-3)
    back = units.reordered(moved, matched(units, state, moved))
    assert all(torch.equal(back[name], state[name]) for name in state)


def test_units_before_an_unknown_operator_stay() -> None:
    """What is flipped keeps its order, the rest may move."""
    units = units_of(program(twist=True))
    assert sorted(units.sizes.values()) == [4, 5, 6]
    assert "program.head" not in units.axes


def test_a_program_without_units_of_its_own_is_refused() -> None:
    """A single layer has inputs and outputs alone."""
    graph = fx.Graph()
    x = graph.placeholder("x")
    graph.output(graph.call_function(ATEN.linear.default, (x, graph.get_attr("head"), graph.get_attr("bias"))))
    module = LayeredProgram(fx.GraphModule(Parts(), graph), Signature((6,), (3,), "float32", None, False))
    with pytest.raises(BadInput, match="can't be told from its operators"):
        units_of(module)
