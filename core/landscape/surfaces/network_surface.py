"""The plane of training loss around a network, many of its points at once."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from core.landscape.surfaces.directions import filter_normalised
from core.landscape.surfaces.surface import steps
from core.training.ensemble import Examples, measure
from core.training.networks import copies_of, perceptron_widths
from core.training.parameters import layout_of

TOGETHER = 64  # points that share a forward pass; on a CPU convolutions in a batch are slower than one by one


def network_surface(
    module: nn.Module,
    weights: torch.Tensor,
    buffers: dict[str, torch.Tensor],
    examples: Examples,
    points: int,
    span: float = 1.0,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Mean cross-entropy on two filter-normalised random directions, the network in the centre.

    Args:
        module: the architecture.
        weights: of the network, [D].
        buffers: its running statistics by name; they stay as they are over the plane.
        examples: rows that the loss is taken over.
        points: odd number of points on each axis.
        span: the axes run from -span to span filter lengths.
        seed: of the directions.

    Returns:
        Places [points] and losses [points, points] float64, the first direction along the rows.

    Raises:
        BadInput: an even number of points.
    """
    layout = layout_of(module)
    generator = torch.Generator().manual_seed(seed)
    views = layout.views(weights)
    first, second = (layout.join(filter_normalised(views, generator)) for _ in range(2))
    places = steps(points, span)
    axis = torch.from_numpy(places).to(weights)
    moves = torch.cartesian_prod(axis, axis)  # rows: a, then b
    found = []
    was_training = module.training
    module.eval()
    together = TOGETHER if weights.is_cuda or perceptron_widths(module) else 1
    for part in moves.split(together):
        copies = copies_of(module, len(part))
        copies.buffers.update({name: value.expand(len(part), *value.shape) for name, value in buffers.items()})
        with torch.no_grad():
            found.append(measure(copies, weights + part @ torch.stack([first, second]), examples)[1])
    module.train(was_training)
    return places, np.concatenate(found).reshape(points, points)
