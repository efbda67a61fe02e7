"""Directions in the space of parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from core.errors import BadInput

Vector = dict[str, Tensor]


def filter_normalised(parameters: Mapping[str, Tensor], generator: torch.Generator) -> Vector:
    """A random Gaussian direction in which each filter is as long as the model's own.

    Of each parameter with two or more axes every output filter (row) d_f becomes d_f |w_f| / |d_f|; parameters with
    fewer axes (biases, scales and shifts of normalisation) stay where they are. Li et al. 2018 (arXiv:1712.09913),
    section 4.

    Args:
        parameters: of the model, by name.
        generator: on the CPU, so that the same seed gives the same direction on every device.
    """
    direction = {}
    for name, value in parameters.items():
        if value.ndim < 2:
            direction[name] = torch.zeros_like(value)
            continue
        drawn = torch.randn(value.shape, generator=generator, dtype=torch.float64)
        axes = tuple(range(1, value.ndim))
        lengths = value.detach().double().cpu().pow(2).sum(axes, keepdim=True).sqrt()
        own = drawn.pow(2).sum(axes, keepdim=True).sqrt()
        direction[name] = (drawn * lengths / own).to(value)
    return direction


def principal_directions(
    checkpoints: Sequence[Mapping[str, Tensor]], centre: Mapping[str, Tensor]
) -> tuple[Vector, Vector]:
    """The two directions in which checkpoints lie farthest from the model, as principal components about it.

    Li et al. 2018 (arXiv:1712.09913), section 7.2: random directions hardly see a trajectory.

    Args:
        checkpoints: at least two, with the parameters of the model.
        centre: the model.

    Returns:
        Two orthogonal directions, each as long as the farthest checkpoint is along it.

    Raises:
        BadInput: fewer than two checkpoints that differ from the model, or all on one line.
    """
    rows = torch.stack([_flat(_minus(checkpoint, centre)) for checkpoint in checkpoints]).double()
    _, sizes, axes = torch.linalg.svd(rows, full_matrices=False)
    if len(rows) < 2 or not sizes[1] > 1e-9 * sizes[0]:
        raise BadInput("A plane through a trajectory needs two checkpoints that do not lie on one line with the model.")
    reach = (rows @ axes[:2].T).abs().amax(dim=0)
    first, second = (_like(axis * length, centre) for axis, length in zip(axes[:2], reach, strict=True))
    return first, second


def coordinates(
    checkpoints: Sequence[Mapping[str, Tensor]], centre: Mapping[str, Tensor], first: Vector, second: Vector
) -> Tensor:
    """Where checkpoints lie in the plane of two directions, by least squares.

    Returns:
        [checkpoints, 3] float64: both coordinates, and the share of the squared distance from the model that lies in
        the plane (1 of the model itself).
    """
    plane = torch.stack([_flat(first), _flat(second)], dim=1).double()
    rows = torch.stack([_flat(_minus(checkpoint, centre)) for checkpoint in checkpoints]).double()
    found = torch.linalg.lstsq(plane, rows.T).solution.T
    inside, whole = (found @ plane.T).pow(2).sum(1), rows.pow(2).sum(1)
    return torch.cat([found, torch.where(whole > 0, inside / whole, torch.ones_like(whole))[:, None]], dim=1)


def _minus(values: Mapping[str, Tensor], centre: Mapping[str, Tensor]) -> Vector:
    return {name: values[name].detach().to(centre[name]) - centre[name].detach() for name in centre}


def _flat(values: Mapping[str, Tensor]) -> Tensor:
    return torch.cat([value.detach().reshape(-1).cpu() for value in values.values()])


def _like(flat: Tensor, parameters: Mapping[str, Tensor]) -> Vector:
    parts = flat.split([value.numel() for value in parameters.values()])
    return {
        name: part.view(value.shape).to(value) for (name, value), part in zip(parameters.items(), parts, strict=True)
    }
