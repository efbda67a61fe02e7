"""Second parameters of points as functions of tensors: codensity, distance to a measure, eccentricity."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from core.errors import BadInput
from core.topology.differentiable.filtration_values import safe_sqrt
from core.topology.functions.kde import resolved_bandwidth


def codensity(points: Tensor, bandwidth: float | Tensor, *, are_distances: bool = False) -> Tensor:
    """g(x) = -log( 1/n sum_j K_h(x - x_j) ), as `core.topology.functions.kde.codensity` has it.

    Args:
        points: [n, d], or [n, n] distances.
        bandwidth: h above 0; a number below 0 is a share of the diameter, which has derivatives too. A tensor carries
            derivatives.
        are_distances: whether `points` holds distances.

    Returns:
        [n] float64.

    Raises:
        BadInput: a bandwidth of 0, or a share of the diameter of points that are all equal.
    """
    squares = _squares(points, are_distances)
    width = torch.as_tensor(bandwidth, dtype=torch.float64, device=points.device)
    chosen = float(width.detach())
    resolved_bandwidth(chosen, points.detach().cpu().numpy(), are_distances=are_distances)  # refuses what can't be used
    if chosen < 0:
        width = -width * safe_sqrt(squares.max())
    mean = torch.exp(-squares / (2 * width**2)).mean(dim=1)
    dimensions = 0 if are_distances else points.shape[1]
    return dimensions / 2 * torch.log(2 * math.pi * width**2) - torch.log(mean)


def distance_to_measure(points: Tensor, mass: float, *, are_distances: bool = False) -> Tensor:
    """g(x) = sqrt( mean of the k smallest |x - x_j|^2 ), k = floor(mass n) + 1, the point itself included.

    Args:
        points: [n, d], or [n, n] distances.
        mass: share of the points, from 0 to below 1.
        are_distances: whether `points` holds distances.

    Returns:
        [n] float64.

    Raises:
        BadInput: another mass.
    """
    if not 0 <= mass < 1:
        raise BadInput(
            f"The mass of the distance to a measure is {mass}; a share of the points from 0 to below 1 is expected."
        )
    n = len(points)
    k = min(int(np.floor(mass * n)) + 1, n)
    return safe_sqrt(_squares(points, are_distances).sort(dim=1, stable=True).values[:, :k].mean(dim=1))


def eccentricity(points: Tensor, power: float = 1.0, *, are_distances: bool = False) -> Tensor:
    """g(x) = ( mean_j |x - x_j|^p )^(1/p), the largest distance for p = inf.

    Args:
        points: [n, d], or [n, n] distances.
        power: p from 1 to infinity.
        are_distances: whether `points` holds distances.

    Returns:
        [n] float64.

    Raises:
        BadInput: another power.
    """
    if not power >= 1:
        raise BadInput(f"The power of the eccentricity is {power}; a number from 1 to infinity is expected.")
    lengths = points.double() if are_distances else safe_sqrt(_squares(points, False))
    if math.isinf(power):
        return lengths.max(dim=1).values
    means = (lengths**power).mean(dim=1)
    positive = means > 0  # a power of 0 has no finite derivative
    return torch.where(positive, torch.where(positive, means, 1.0) ** (1 / power), 0.0)


def _squares(points: Tensor, are_distances: bool) -> Tensor:
    """[n, n] squared distances, coordinate by coordinate: differences of squares would lose digits."""
    table = points.double()
    if are_distances:
        return table**2
    total = table.new_zeros(len(table), len(table))
    for column in table.T:
        total = total + (column[:, None] - column[None, :]) ** 2
    return total
