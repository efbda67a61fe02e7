"""A list of operations without those that change nothing and those that were done before.

Of a small network each operation costs more to start than to do, so every one that is left out counts.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import torch
from torch import fx

_ATEN = torch.ops.aten
_VIEWS = {
    _ATEN.view.default,
    _ATEN._unsafe_view.default,
    _ATEN.permute.default,
    _ATEN.expand.default,
    _ATEN.slice.Tensor,
    _ATEN.transpose.int,
}


def slim(module: fx.GraphModule) -> None:
    """Leaves out views that give what they are given, and operations on the same arguments as an earlier one.

    A module that writes into tensors is left as it is: there, equal operations need not give equal values.

    Args:
        module: of aten operations with the shapes they had, as make_fx traces it.
    """
    if any(_writes(node) for node in module.graph.nodes):
        return
    seen: dict[Hashable, fx.Node] = {}
    for node in list(module.graph.nodes):
        if node.op != "call_function":
            continue
        if node.target in _VIEWS and _layout(node) == _layout(node.args[0]):
            earlier = node.args[0]
        else:
            earlier = seen.setdefault(_call(node), node)
        if earlier is not node:
            node.replace_all_uses_with(earlier)
            module.graph.erase_node(node)
    module.graph.eliminate_dead_code()
    module.recompile()


def _writes(node: fx.Node) -> bool:
    schema = getattr(node.target, "_schema", None)
    random = torch.Tag.nondeterministic_seeded in getattr(node.target, "tags", ())
    return random or bool(schema is not None and schema.is_mutable)


def _layout(node: Any) -> Any:
    meta = node.meta.get("tensor_meta") if isinstance(node, fx.Node) else None
    return None if meta is None else (meta.shape, meta.stride, meta.dtype)


def _call(node: fx.Node) -> Hashable:
    return node.target, _frozen(node.args), _frozen(node.kwargs)


def _frozen(value: Any) -> Hashable:
    """Arguments as a key: 1, 1.0 and True are told apart."""
    if isinstance(value, tuple | list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return tuple((name, _frozen(item)) for name, item in sorted(value.items()))
    return type(value), value
