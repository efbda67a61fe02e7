"""Completing signed measures of tensors to mass zero."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.errors import BadInput
from core.topology.differentiable.measures import TensorMeasure


def complete_mass(positions: Tensor, weights: Tensor, corner: Sequence[float]) -> TensorMeasure:
    """`core.topology.complete_mass` for tensors. Diracs at equal positions stay apart, so each keeps its derivatives.

    Args:
        positions: [m, c].
        weights: [m].
        corner: [c] numbers; what lies at it or beyond in some coordinate vanishes.

    Raises:
        BadInput: a corner that is not finite or has another number of coordinates.
    """
    cut = _corner(corner, positions.shape[1], positions)
    where, mass = torch.minimum(positions, cut), weights
    for coordinate in range(len(cut)):
        kept = torch.arange(len(cut), device=cut.device) != coordinate
        beyond = torch.where(kept, where, cut)
        where, mass = torch.cat([where, beyond]), torch.cat([mass, -mass])
    return TensorMeasure(where, mass)


def complete_rectangles(positions: Tensor, weights: Tensor, corner: Sequence[float]) -> TensorMeasure:
    """`core.topology.engine.mass.complete_rectangles` for tensors: all rectangles end at the corner at the latest.

    Args:
        positions: [m, 4] from (radius, level) to (radius, level), which may be infinite.
        weights: [m].
        corner: (radius, level) numbers.

    Raises:
        BadInput: a corner that is not two finite numbers.
    """
    cut = _corner(corner, 2, positions)
    twice = torch.cat([cut, cut])
    inside = (positions[:, :2] < cut).all(dim=1)
    where, mass = torch.minimum(positions[inside], twice), weights[inside]
    return TensorMeasure(torch.cat([where, twice[None, :]]), torch.cat([mass, -mass.sum()[None]]))


def _corner(corner: Sequence[float], coordinates: int, like: Tensor) -> Tensor:
    cut = torch.as_tensor(corner, dtype=torch.float64, device=like.device)
    if cut.shape != (coordinates,) or not bool(torch.isfinite(cut).all()):
        raise BadInput(f"corner is {tuple(corner)}; {coordinates} finite numbers are expected.")
    return cut
