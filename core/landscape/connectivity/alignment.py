"""Permutation alignment: the hidden units of one network in the order of another's, by weight matching.

Networks that were trained apart differ by the order of their hidden units, which changes nothing they compute; a line
between them passes over a barrier that is due to that order. Ainsworth, Hayase and Srinivasa 2022 (arXiv:2209.04836),
algorithm 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import nn

from core.errors import BadInput
from core.models.networks import CnnNetwork, LeNet5Network, MlpNetwork
from core.training.networks import perceptron_widths
from core.training.parameters import Layout, layout_of

MOST_SWEEPS = 100  # over all layers; each sweep but the last brings both networks nearer, so it ends by itself


@dataclass(frozen=True)
class _Layer:
    """A linear or convolutional layer: weight [out, in * repeats, ...], bias [out]; `repeats` inputs a unit before it."""

    weight: str
    bias: str
    repeats: int


def aligned(module: nn.Module, reference: torch.Tensor, moved: torch.Tensor, seed: int = 0) -> torch.Tensor:
    """The second network with its hidden units in the order that is nearest to the first's, computing the same.

    Coordinate descent: the order of one layer's units is the best one given those of its neighbours, a linear
    assignment; layers are visited in random order until none changes.

    Args:
        module: a chain of linear layers and convolutions, such as an MLP, a CNN or LeNet-5.
        reference: [D] trainable parameters of the first network, or [R, D].
        moved: of the second.
        seed: of the order in which layers are visited.

    Returns:
        The parameters of the second network, of the shape that came.

    Raises:
        BadInput: a network with shortcuts or other parts whose units can't be put in another order one by one.
    """
    layers = _chain(module)
    layout = layout_of(module)
    if moved.ndim == 2:
        return torch.stack(
            [aligned(module, first, second, seed) for first, second in zip(reference, moved, strict=True)]
        )
    first = {name: value.double().cpu().numpy() for name, value in layout.views(reference).items()}
    second = {name: value.double().cpu().numpy() for name, value in layout.views(moved).items()}
    orders = _match(layers, first, second, np.random.default_rng(seed))
    return _join(layout, _permuted(layers, second, orders)).to(moved)


def _chain(module: nn.Module) -> list[_Layer]:
    if not isinstance(module, MlpNetwork | CnnNetwork | LeNet5Network) and perceptron_widths(module) is None:
        raise BadInput(
            f"Alignment puts the units of a chain of layers in another order; {type(module).__name__} has shortcuts or "
            "parts that are not known here. Its connectivity is measured as it is."
        )
    layout = layout_of(module)
    shapes = dict(zip(layout.names, layout.shapes, strict=True))
    layers, before = [], None
    for name in layout.names:
        if len(shapes[name]) < 2:
            continue
        repeats = 1 if before is None else shapes[name][1] // before
        layers.append(_Layer(name, name.removesuffix("weight") + "bias", repeats))
        before = shapes[name][0]
    return layers


def _match(
    layers: list[_Layer],
    first: dict[str, np.ndarray],
    second: dict[str, np.ndarray],
    generator: np.random.Generator,
) -> list[np.ndarray]:
    """The order of the outputs of each layer but the last.

    The descent ends in a local optimum, so it begins from the order as it is, and from the one in which each layer is
    matched by what comes in alone, layer after layer from the input, whose order is known. The better end counts.
    """
    as_it_is = [np.arange(len(first[layer.weight])) for layer in layers[:-1]]
    from_the_input: list[np.ndarray] = []
    for place, layer in enumerate(layers[:-1]):
        before = from_the_input[place - 1] if place else None
        from_the_input.append(_best(_incoming_gain(layer, first, second, before)))
    ends = [_descend(layers, first, second, start, generator) for start in (as_it_is, from_the_input)]
    return max(ends, key=lambda orders: _agreement(layers, first, second, orders))


def _descend(
    layers: list[_Layer],
    first: dict[str, np.ndarray],
    second: dict[str, np.ndarray],
    start: list[np.ndarray],
    generator: np.random.Generator,
) -> list[np.ndarray]:
    orders = list(start)
    for _ in range(MOST_SWEEPS):
        changed = False
        for place in generator.permutation(len(orders)):
            after = layers[place + 1]
            gain = _incoming_gain(layers[place], first, second, orders[place - 1] if place else None)
            outgoing = second[after.weight]
            if place + 1 < len(orders):
                outgoing = outgoing[orders[place + 1]]
            gain += _by_input(first[after.weight], after) @ _by_input(outgoing, after).T
            found, rows = _best(gain), np.arange(len(gain))
            if gain[rows, found].sum() > gain[rows, orders[place]].sum() + 1e-12 * np.abs(gain).sum():
                orders[place], changed = found, True
        if not changed:
            break
    return orders


def _incoming_gain(
    layer: _Layer, first: dict[str, np.ndarray], second: dict[str, np.ndarray], before: np.ndarray | None
) -> np.ndarray:
    """[units, units] inner products of what comes into each unit of the first network and of the second."""
    incoming = _inputs_permuted(second[layer.weight], layer, before)
    gain: np.ndarray = first[layer.weight].reshape(len(incoming), -1) @ incoming.reshape(len(incoming), -1).T
    return gain + np.outer(first[layer.bias], second[layer.bias])


def _best(gain: np.ndarray) -> np.ndarray:
    found: np.ndarray = linear_sum_assignment(gain, maximize=True)[1]
    return found


def _agreement(
    layers: list[_Layer], first: dict[str, np.ndarray], second: dict[str, np.ndarray], orders: list[np.ndarray]
) -> float:
    """Inner product of both networks; the larger, the nearer, as an order changes no length."""
    moved = _permuted(layers, second, orders)
    return sum(float((first[name] * moved[name]).sum()) for layer in layers for name in (layer.weight, layer.bias))


def _permuted(layers: list[_Layer], values: dict[str, np.ndarray], orders: list[np.ndarray]) -> dict[str, np.ndarray]:
    permuted = dict(values)
    for place, layer in enumerate(layers):
        weight = _inputs_permuted(values[layer.weight], layer, orders[place - 1] if place else None)
        bias = values[layer.bias]
        if place < len(orders):
            weight, bias = weight[orders[place]], bias[orders[place]]
        permuted[layer.weight], permuted[layer.bias] = weight, bias
    return permuted


def _inputs_permuted(weight: np.ndarray, layer: _Layer, order: np.ndarray | None) -> np.ndarray:
    """The weight for inputs in another order; each unit before it has `repeats` neighbouring inputs."""
    if order is None:
        return weight
    grouped = weight.reshape(len(weight), len(order), layer.repeats, *weight.shape[2:])
    return grouped[:, order].reshape(weight.shape)


def _by_input(weight: np.ndarray, layer: _Layer) -> np.ndarray:
    """[units before, everything that they feed]."""
    grouped = weight.reshape(len(weight), weight.shape[1] // layer.repeats, -1)
    return grouped.transpose(1, 0, 2).reshape(grouped.shape[1], -1)


def _join(layout: Layout, values: dict[str, np.ndarray]) -> torch.Tensor:
    return layout.join({name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in values.items()})
