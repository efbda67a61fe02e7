"""A module as the chain of layers that an interaction basis is taken of."""

from __future__ import annotations

import torch
from torch import nn

from core.landscape.degeneracy.interaction_basis import Section
from core.training.networks import perceptron_widths


def sections_of(module: nn.Module) -> list[Section] | None:
    """The layers of a multilayer perceptron with ReLU between them; None for any other module."""
    if perceptron_widths(module) is None:
        return None
    layers = [part for part in module.modules() if isinstance(part, nn.Linear)]
    return [
        Section(layer.weight.detach(), layer.bias.detach(), torch.relu if layer is not layers[-1] else _identity)
        for layer in layers
    ]


def _identity(x: torch.Tensor) -> torch.Tensor:
    return x
