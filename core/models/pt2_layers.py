"""An exported program as a module of which many copies can be measured at once, with batch normalisation as layers again.

In a program, a layer is a call of an operator with running statistics as arguments. Paths between networks and averages of
networks need statistics of their own; these are computed by layers (`core.training.statistics`), not by operators.
"""

from __future__ import annotations

import torch
from torch import fx, nn
from torch.nn.modules.batchnorm import _BatchNorm

from core.models.pt2 import ExportedNetwork

_SIZE = torch.ops.aten.sym_size.int  # (tensor, axis); vmap has no rule for it, and one for Tensor.size
_OPERATOR = torch.ops.aten.batch_norm.default  # (input, weight, bias, mean, variance, training, momentum, eps, cudnn)
_PARTS = ("weight", "bias", "running_mean", "running_var")


class RestoredNormalisation(_BatchNorm):
    """Batch normalisation of any number of dimensions that holds the tensors of the program's own layer."""

    def __init__(self, held: nn.Module, eps: float, momentum: float) -> None:
        """As `layered`; names of tensors stay."""
        super().__init__(len(held.running_mean), eps, momentum, affine=False)  # type: ignore[arg-type]
        self.affine = True
        for name, parameter in held.named_parameters(recurse=False):
            self.register_parameter(name, parameter)
        for name, buffer in held.named_buffers(recurse=False):
            self.register_buffer(name, buffer)
        self.eval()

    def _check_input_dim(self, input: torch.Tensor) -> None:
        """The program was exported with the inputs that it takes."""


class LayeredProgram(ExportedNetwork):
    """An exported program in which batch normalisation is layers again: train() and eval() reach these, and nothing else."""

    def train(self, mode: bool = True) -> LayeredProgram:
        """Whether batch normalisation uses the statistics of the batch."""
        nn.Module.train(self, mode)
        return self


def layered(network: ExportedNetwork) -> LayeredProgram:
    """The program as a plain graph of layers and operators; its tensors are those of `network`, which is used up.

    Each call of batch normalisation in evaluation mode becomes a layer of the same tensors and values. Calls whose four
    tensors do not belong to one layer, or that were exported in training mode, stay as they are; see `holds_statistics`.
    Questions for the length of an axis become ones that `torch.func.vmap` answers.
    """
    program = network.program
    graph: fx.Graph = program.graph  # type: ignore[assignment]
    for node in list(graph.nodes):
        home = _home(node) if node.target is _OPERATOR else None
        if home is not None:
            held = program.get_submodule(home)
            program.set_submodule(home, RestoredNormalisation(held, float(node.args[7]), float(node.args[6])))
        with graph.inserting_before(node):
            if home is not None:
                _replace(node, graph.call_module(home, (node.args[0],)))
            elif node.target is _SIZE:
                _replace(node, graph.call_method("size", node.args))
        if node.op == "output":
            node.args = (node.args[0][0],)  # the one output itself; its container is known to be none
    graph.eliminate_dead_code()
    graph.set_codegen(fx.graph.CodeGen())
    return LayeredProgram(fx.GraphModule(program, graph), network.signature).eval()


def _replace(node: fx.Node, by: fx.Node) -> None:
    node.replace_all_uses_with(by)
    node.graph.erase_node(node)


def holds_statistics(network: LayeredProgram) -> bool:
    """Whether running statistics are left that no layer of normalisation holds."""
    graph: fx.Graph = network.program.graph  # type: ignore[assignment]
    return any(node.op == "call_function" and "batch_norm" in str(node.target) for node in graph.nodes)


def _home(node: fx.Node) -> str | None:
    """The layer whose tensors a call takes, in evaluation mode; None where it is no such call."""
    if len(node.args) < 8 or node.args[5] is not False:
        return None
    given = node.args[1:5]
    if not all(isinstance(one, fx.Node) and one.op == "get_attr" for one in given):
        return None
    places = [str(one.target).rpartition(".") for one in given if isinstance(one, fx.Node)]
    homes = {home for home, _, _ in places}
    named = tuple(name for _, _, name in places) == _PARTS
    return homes.pop() if named and len(homes) == 1 and "" not in homes else None
