"""What each layer of a network receives: the representation of the data at every depth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from core.errors import BadInput
from core.models.pt2 import ExportedNetwork

WEIGHTED = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
WEIGHTED_OPERATORS = ("linear", "addmm", "conv1d", "conv2d", "conv3d", "convolution")
ROWS_AT_ONCE = 512
INPUT, OUTPUT = "input", "output"

Keep = Callable[[str, torch.Tensor], None]


def layer_names(module: nn.Module, sample: torch.Tensor) -> list[str]:
    """Names of the representations in the order in which a pass meets them.

    The first is "input", the last "output" (the logits). Those between are named after the layer with weights whose
    result, after activation, pooling and the like, the next such layer receives.

    Args:
        module: in evaluation mode.
        sample: at least two rows.

    Raises:
        BadInput: no layer with weights is found.
    """
    met: list[str] = []
    _pass(module, sample, lambda name, received: met.append(name))
    if not met:
        raise BadInput("The network has no linear or convolutional layer that can be looked at: bring one that has.")
    return [INPUT, *_unique(met)[:-1], OUTPUT]


def representation(module: nn.Module, rows: torch.Tensor, place: int) -> torch.Tensor:
    """One of the representations, flattened: [n, units].

    Args:
        module: in evaluation mode.
        rows: [n, ...].
        place: in the list of `layer_names`.
    """
    parts = []
    most = module.signature.most_rows if isinstance(module, ExportedNetwork) else None
    for part in rows.split(min(ROWS_AT_ONCE, most or ROWS_AT_ONCE)):
        received: list[torch.Tensor] = []

        def keep(name: str, given: torch.Tensor, kept: list[torch.Tensor] = received) -> None:
            kept.append(given.flatten(1) if len(kept) == place else given[:0])

        output = _pass(module, part, keep)
        parts.append(received[place] if place < len(received) else output.flatten(1))
    return torch.cat(parts)


def _pass(module: nn.Module, rows: torch.Tensor, keep: Keep) -> torch.Tensor:
    """A forward pass that tells `keep` the name and the input of each layer with weights; returns the output."""
    with torch.no_grad():
        if isinstance(module, ExportedNetwork):
            return _program_pass(module, rows, keep)

        def hook(name: str) -> Callable[[nn.Module, tuple[torch.Tensor, ...]], None]:
            return lambda layer, given: keep(name, given[0])

        handles = [
            layer.register_forward_pre_hook(hook(name))
            for name, layer in module.named_modules()
            if isinstance(layer, WEIGHTED)
        ]
        try:
            output: torch.Tensor = module(rows)
        finally:
            for handle in handles:
                handle.remove()
        return output


def _program_pass(module: ExportedNetwork, rows: torch.Tensor, keep: Keep) -> torch.Tensor:
    """The same of an exported program, whose layers are calls of operators in a graph."""
    from torch.fx import GraphModule, Interpreter, Node

    program = module.program
    if not isinstance(program, GraphModule):
        raise BadInput("The exported program has no graph that can be looked into: bring the network as weights.")

    class Watching(Interpreter):
        def run_node(self, n: Node) -> Any:
            name = str(n.target).split(".")
            if n.op == "call_function" and len(name) > 1 and name[0] == "aten" and name[1] in WEIGHTED_OPERATORS:
                operands, _ = self.fetch_args_kwargs_from_env(n)
                keep(n.name, operands[1 if name[1] == "addmm" else 0])
            return super().run_node(n)

    output: torch.Tensor = Watching(program).run(rows.reshape(len(rows), *module.signature.sample_shape))
    return output


def _unique(names: list[str]) -> list[str]:
    """Names with a number where a layer is met more than once."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found
