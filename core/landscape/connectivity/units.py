"""Where the hidden units of a network sit in its tensors: what has to move together for the network to compute the same.

The rows of a layer's weight, its bias, the normalisation behind it and the columns of the layers that read it belong to
the same units. Residual blocks add what they compute to what they read, so that a whole stage shares its channels
(Ainsworth, Hayase and Srinivasa 2022, arXiv:2209.04836, section 3 and appendix on residual networks).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from core.errors import BadInput
from core.models.networks import CnnNetwork, LeNet5Network, MlpNetwork, ResidualBlock, ResNetNetwork
from core.models.pt2_layers import LayeredProgram
from core.training.networks import perceptron_widths
from core.training.parameters import layout_of

Axis = Mapping[str, np.ndarray]  # group -> [units, repeats] where each of its units sits along this axis
Orders = Mapping[str, np.ndarray]  # group -> [units] which unit comes to each place
NOTHING: Axis = {}
NORMALISATION = ("weight", "bias", "running_mean", "running_var")


@dataclass(frozen=True, eq=False)
class Units:
    """The hidden units of a network, in groups that each have an order of their own.

    Attributes:
        sizes: group -> number of units, in the order of the forward pass.
        axes: tensor -> what lies along each of its axes. Positions that no group has stay where they are; tensors
            that are not named do too.
    """

    sizes: Mapping[str, int]
    axes: Mapping[str, tuple[Axis, ...]]

    def unmoved(self) -> dict[str, np.ndarray]:
        """The orders that change nothing."""
        return {group: np.arange(size) for group, size in self.sizes.items()}

    def reordered(self, tensors: Mapping[str, torch.Tensor], orders: Orders) -> dict[str, torch.Tensor]:
        """Tensors of a network (weights, statistics, or one number a weight) with its units in another order.

        Args:
            tensors: by name.
            orders: of all groups.
        """
        found = dict(tensors)
        for name, axes in self.axes.items():
            if name in found:
                for number, axis in enumerate(axes):
                    if axis:
                        index = place(axis, orders, found[name].shape[number])
                        found[name] = found[name].index_select(number, torch.from_numpy(index).to(found[name].device))
        return found


def place(axis: Axis, orders: Orders, length: int) -> np.ndarray:
    """[length] which position of an axis comes to each place."""
    index = np.arange(length)
    for group, positions in axis.items():
        index[positions] = positions[orders[group]]
    return index


def units_of(module: nn.Module) -> Units:
    """The units of a built-in network, of a chain of linear layers, or of an exported program.

    Raises:
        BadInput: a network whose parts are not known here.
    """
    if isinstance(module, ResNetNetwork):
        return _residual(module)
    if isinstance(module, MlpNetwork | CnnNetwork | LeNet5Network) or perceptron_widths(module) is not None:
        return _chain(module)
    if isinstance(module, LayeredProgram):
        from core.landscape.connectivity.traced_units import traced_units

        return traced_units(module)
    raise BadInput(
        f"Alignment puts hidden units in another order and has to know which tensors share them; those of {type(module).__name__} are "
        "not known here. It is measured as it is."
    )


def _chain(module: nn.Module) -> Units:
    """Layers with biases, each reading the one before; a flattened image has several values of each channel."""
    layout = layout_of(module)
    shapes = dict(zip(layout.names, layout.shapes, strict=True))
    weights = [name for name in layout.names if len(shapes[name]) >= 2]
    sizes: dict[str, int] = {}
    axes: dict[str, tuple[Axis, ...]] = {}
    incoming = NOTHING
    for number, name in enumerate(weights):
        out, inputs = shapes[name][:2]
        if sizes:
            incoming = _all(f"layer {number}", sizes[f"layer {number}"], inputs)
        outgoing = NOTHING
        if number < len(weights) - 1:
            sizes[f"layer {number + 1}"] = out
            outgoing = _all(f"layer {number + 1}", out, out)
        axes[name] = (outgoing, incoming)
        axes[name.removesuffix("weight") + "bias"] = (outgoing,)
    return Units(sizes, axes)


def _residual(module: ResNetNetwork) -> Units:
    """Channels of a stage are shared by all of its blocks. Where the image is halved the channels before lie in the
    middle of those after, and the shortcut gives zeros to the new ones, which so have an order of their own."""
    width = module.conv1.out_channels
    sizes, stages = {"stage 1": width}, 1
    stream: Axis = _all("stage 1", width, width)
    axes: dict[str, tuple[Axis, ...]] = {"conv1.weight": (stream, NOTHING), **_normalised("bn1", stream)}
    for number, block in enumerate(module.blocks):
        assert isinstance(block, ResidualBlock)
        before, after = block.conv1.in_channels, block.conv2.out_channels
        sizes[f"block {number + 1}"] = after
        inner, read, prefix = _all(f"block {number + 1}", after, after), stream, f"blocks.{number}"
        if after > before:
            stages, first = stages + 1, block.padding // 2
            old = np.arange(first, first + before)
            new = np.setdiff1d(np.arange(after), old)
            sizes[f"stage {stages}"] = len(new)
            stream = {
                **{group: positions + first for group, positions in read.items()},
                f"stage {stages}": new[:, None],
            }
        axes |= {
            f"{prefix}.conv1.weight": (inner, read),
            **_normalised(f"{prefix}.bn1", inner),
            f"{prefix}.conv2.weight": (stream, inner),
            **_normalised(f"{prefix}.bn2", stream),
        }
    axes["linear.weight"] = (NOTHING, stream)
    return Units(sizes, axes)


def _all(group: str, units: int, length: int) -> Axis:
    """An axis that a group fills, each unit with as many neighbours."""
    return {group: np.arange(length).reshape(units, length // units)}


def _normalised(prefix: str, axis: Axis) -> dict[str, tuple[Axis, ...]]:
    return {f"{prefix}.{name}": (axis,) for name in NORMALISATION}
