"""The parameters of a module as one flat vector, without touching the module."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import torch
from torch import nn


@dataclass(frozen=True)
class Layout:
    """Where each parameter lies in the flat vector.

    Attributes:
        names: of the parameters that require a gradient, tied ones once, in the module's order.
        shapes: their shapes.
    """

    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of entries of each."""
        return tuple(prod(shape) for shape in self.shapes)

    @property
    def size(self) -> int:
        """D, the length of the flat vector."""
        return sum(self.sizes)

    def views(self, flat: torch.Tensor) -> dict[str, torch.Tensor]:
        """Cuts [..., D] into named views of shape [..., *shape]."""
        parts = flat.split(self.sizes, dim=-1)
        return {
            name: part.unflatten(-1, shape) if shape else part.squeeze(-1)
            for name, part, shape in zip(self.names, parts, self.shapes, strict=True)
        }

    def join(self, parameters: dict[str, torch.Tensor]) -> torch.Tensor:
        """The flat vector [..., D] of named parameters [..., *shape]; names that are not trained are left out."""
        parts = []
        for name, shape in zip(self.names, self.shapes, strict=True):
            leading = parameters[name].shape[: parameters[name].ndim - len(shape)]
            parts.append(parameters[name].reshape(*leading, prod(shape)))
        return torch.cat(parts, dim=-1)


def layout_of(module: nn.Module) -> Layout:
    """The layout of a module's trainable parameters; a tensor that is used twice counts once."""
    trained = [(name, tensor) for name, tensor in module.named_parameters() if tensor.requires_grad]
    return Layout(tuple(name for name, _ in trained), tuple(tuple(tensor.shape) for _, tensor in trained))


def flatten(module: nn.Module) -> torch.Tensor:
    """The values of a module's trainable parameters as one vector [D], detached."""
    return layout_of(module).join(dict(module.named_parameters())).detach().clone()
