"""The units of an exported program, read off its graph: what each operator does to the channels that pass through it.

A layer of weights begins new units; elementwise operators, normalisation and pooling hand them on; an addition makes those of
both sides one, so that shortcuts share an order, be they plain or projections. Whatever is not known here keeps its units
where they are, and a forward pass with shuffled units confirms the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import fx

from core.errors import BadInput
from core.landscape.connectivity.units import NOTHING, Axis, Units
from core.models.pt2_layers import LayeredProgram

PREFIX = "program."  # of the names of a program's tensors in its module
ELEMENTWISE = frozenset(
    [
        "relu",
        "relu_",
        "gelu",
        "silu",
        "silu_",
        "sigmoid",
        "tanh",
        "elu",
        "leaky_relu",
        "hardtanh",
        "hardtanh_",
        "dropout",
        "dropout_",
        "clone",
        "contiguous",
        "mul_scalar",
        "max_pool2d",
        "avg_pool2d",
        "adaptive_avg_pool2d",
        "max_pool1d",
        "avg_pool1d",
        "adaptive_avg_pool1d",
        "alias",
        "detach",
    ]
)
RESHAPES = frozenset(("flatten", "view", "reshape", "_unsafe_view"))
TOLERANCE = 1e-3  # of the largest output: another order of summation, in single precision


@dataclass(eq=False)
class _Group:
    """Units that share an order; `same` leads to the group that they became one with."""

    size: int
    fixed: bool = False
    same: _Group | None = None

    def root(self) -> _Group:
        return self if self.same is None else self.same.root()


@dataclass
class _Trace:
    groups: list[_Group] = field(default_factory=list)
    axes: dict[str, list[_Group | None]] = field(default_factory=dict)  # tensor -> group along each axis
    passing: dict[fx.Node, _Group | None] = field(default_factory=dict)  # activation -> units along its channels

    def fresh(self, size: int) -> _Group:
        self.groups.append(_Group(size))
        return self.groups[-1]

    def fix(self, group: _Group | None) -> None:
        if group is not None:
            group.root().fixed = True

    def join(self, first: _Group | None, second: _Group | None) -> _Group | None:
        """Both as one; what can't be one stays where it is."""
        if first is None or second is None or first.root().size != second.root().size:
            self.fix(first)
            self.fix(second)
            return None
        one, other = first.root(), second.root()
        if one is not other:
            other.same, one.fixed = one, one.fixed or other.fixed
        return one

    def put(self, name: str, along: Sequence[_Group | None]) -> None:
        """Says what lies along a tensor's axes; one that is used twice has the units of both uses."""
        before = self.axes.get(name)
        self.axes[name] = (
            list(along) if before is None else [self.join(*pair) for pair in zip(before, along, strict=True)]
        )


def traced_units(network: LayeredProgram) -> Units:
    """The units of a program.

    Raises:
        BadInput: none could be told, or shuffled units change what the program computes.
    """
    program = network.program
    assert isinstance(program, fx.GraphModule)
    shapes = {name: tuple(value.shape) for name, value in network.named_parameters()}
    trace = _Trace()
    for node in program.graph.nodes:
        _visit(node, trace, shapes)
    roots = list(dict.fromkeys(group.root() for group in trace.groups if not group.root().fixed))
    names = {id(group): f"units {number + 1}" for number, group in enumerate(roots)}
    tensors = {**shapes, **{name: tuple(value.shape) for name, value in network.named_buffers()}}
    axes = {
        name: tuple(_axis(group, names, length) for group, length in zip(along, tensors[name], strict=True))
        for name, along in trace.axes.items()
    }
    units = Units(
        {names[id(group)]: group.size for group in roots}, {name: own for name, own in axes.items() if any(own)}
    )
    _confirm(network, units)
    return units


def _axis(group: _Group | None, names: dict[int, str], length: int) -> Axis:
    if group is None or group.root().fixed:
        return NOTHING
    own = group.root()
    return {names[id(own)]: np.arange(length).reshape(own.size, length // own.size)}


def _visit(node: fx.Node, trace: _Trace, shapes: dict[str, tuple[int, ...]]) -> None:
    given = [one for one in node.all_input_nodes if one in trace.passing]
    if node.op in ("placeholder", "get_attr"):
        if node.op == "placeholder":
            trace.passing[node] = None
        return
    if node.op == "output":
        for one in given:
            trace.fix(trace.passing[one])
        return
    name = str(node.target).removeprefix("aten.").split(".")[0]
    incoming = trace.passing[given[0]] if given else None
    if node.op == "call_module":
        trace.passing[node] = _normalise(f"{PREFIX}{node.target}", incoming, trace)
    elif node.op == "call_method":  # the length of an axis
        return
    elif name in ("linear", "conv2d", "conv1d") and len(given) == 1:
        trace.passing[node] = _layer(node, name, incoming, trace, shapes)
    elif name in ("add", "add_") and len(given) == 2:
        trace.passing[node] = trace.join(*(trace.passing[one] for one in given))
    elif len(given) == 1 and (name in ELEMENTWISE or _keeps_channels(node, name)):
        trace.passing[node] = incoming
    else:
        for one in given:
            trace.fix(trace.passing[one])
        trace.passing[node] = None


def _keeps_channels(node: fx.Node, name: str) -> bool:
    """A mean over places or a part of them, a reshaping that flattens them, or arithmetic with a number."""
    if name == "mean":
        dimensions = node.args[1] if len(node.args) > 1 else None
        return isinstance(dimensions, Sequence) and all(one in (2, 3, -1, -2) for one in dimensions)
    if name in RESHAPES:
        return True
    if name == "slice":
        return len(node.args) > 1 and node.args[1] in (2, 3)
    return name in ("add", "mul", "div", "sub") and isinstance(node.args[1], int | float)


def _layer(
    node: fx.Node, name: str, incoming: _Group | None, trace: _Trace, shapes: dict[str, tuple[int, ...]]
) -> _Group | None:
    """New units, from a weight [out, in, ...] and a bias [out]."""
    tensors = [one for one in node.args[1:3] if isinstance(one, fx.Node)]
    named = [f"{PREFIX}{one.target}" for one in tensors if one.op == "get_attr"]
    grouped = name != "linear" and len(node.args) > 6 and node.args[6] != 1
    if len(named) != len(tensors) or not named or named[0] not in shapes or grouped:
        trace.fix(incoming)
        return None
    shape = shapes[named[0]]
    if incoming is not None and shape[1] % incoming.root().size:
        trace.fix(incoming)
        incoming = None
    out = trace.fresh(shape[0])
    trace.put(named[0], (out, incoming, *[None] * (len(shape) - 2)))
    for bias in named[1:]:
        trace.put(bias, (out,))
    return out


def _normalise(home: str, incoming: _Group | None, trace: _Trace) -> _Group | None:
    for part in ("weight", "bias", "running_mean", "running_var"):
        trace.put(f"{home}.{part}", (incoming,))
    return incoming


def _confirm(network: LayeredProgram, units: Units) -> None:
    """Runs the program with its units in another order.

    Raises:
        BadInput: there are no units, or the outputs differ.
    """
    generator = np.random.default_rng(0)
    orders = {group: generator.permutation(size) for group, size in units.sizes.items()}
    state = dict(network.state_dict())
    rows = torch.randn(2, *network.signature.sample_shape, generator=torch.Generator().manual_seed(0))
    run: Callable[..., torch.Tensor] = torch.func.functional_call
    if units.sizes:
        with torch.no_grad():
            one, other = (run(network, tensors, (rows,)) for tensors in (state, units.reordered(state, orders)))
        if float((one - other).abs().max()) <= TOLERANCE * (1e-6 + float(one.abs().max())):
            return
    raise BadInput(
        "Which hidden units of this program belong together can't be told from its operators; it is measured as it is."
    )
