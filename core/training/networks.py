"""Which form the copies of a network take."""

from __future__ import annotations

from torch import nn

from core.models.networks import CnnNetwork, MlpNetwork
from core.training.any_networks import AnyNetworks, Copies
from core.training.perceptrons import Perceptrons
from core.training.small_cnns import SmallCnns


def copies_of(module: nn.Module, runs: int) -> Copies:
    """The fastest form: written out for a chain of linear layers and for the small CNN, vmap for everything else."""
    widths = perceptron_widths(module)
    if widths:
        return Perceptrons(widths)
    if type(module) is CnnNetwork and all(parameter.requires_grad for parameter in module.parameters()):
        return SmallCnns(module, runs)
    return AnyNetworks(module, runs)


def perceptron_widths(module: nn.Module) -> tuple[int, ...] | None:
    """Inputs, hidden units and outputs of linear layers with ReLU between them; None for any other module."""
    if isinstance(module, MlpNetwork):
        layers = list(module.layers)
    elif type(module) is nn.Sequential:
        layers = list(module)[0::2]
        if len(module) % 2 == 0 or not all(type(part) is nn.ReLU for part in list(module)[1::2]):
            return None
    else:
        return None
    linear = [layer for layer in layers if type(layer) is nn.Linear and layer.bias is not None]
    trained = {parameter for layer in linear for parameter in layer.parameters() if parameter.requires_grad}
    if len(linear) < len(layers) or len(trained) < 2 * len(linear):
        return None
    return (linear[0].in_features, *(layer.out_features for layer in linear))
