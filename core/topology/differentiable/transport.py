"""The sliced Wasserstein distance of signed measures of tensors."""

from __future__ import annotations

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from core.errors import BadInput
from core.topology.engine.sliced_wasserstein import DIRECTIONS, checked_directions


def sliced_wasserstein(
    positions_1: Tensor,
    weights_1: Tensor,
    positions_2: Tensor,
    weights_2: Tensor,
    directions: int | ArrayLike = DIRECTIONS,
) -> Tensor:
    """`core.topology.sliced_wasserstein` for tensors: the mean over directions of the integral of |F_1 - F_2|.

    Args:
        positions_1: [m, c] finite.
        weights_1: [m].
        positions_2: [k, c] finite.
        weights_2: [k], of the same sum.
        directions: [d, c] unit vectors, or how many.

    Returns:
        A tensor without axes.

    Raises:
        BadInput: unequal masses, or positions and directions that do not fit.
    """
    masses = float(weights_1.sum()), float(weights_2.sum())
    if masses[0] != masses[1]:
        raise BadInput(
            f"The measures have masses {masses[0]:g} and {masses[1]:g}; a transport distance needs equal masses: complete "
            "both at one corner first, complete_mass(positions, weights, corner)."
        )
    together = torch.cat([positions_1, positions_2])
    if not bool(torch.isfinite(together.detach()).all()):
        raise BadInput("positions holds values that are not finite: cut the measures at a corner first, complete_mass.")
    rays = torch.as_tensor(checked_directions(directions, together.shape[1]), device=together.device)
    projections, order = (together @ rays.T).sort(dim=0, stable=True)
    masses_in_order = torch.cat([weights_1, -weights_2]).to(torch.float64)[order]
    before = masses_in_order.cumsum(dim=0)[:-1]
    return (before.abs() * projections.diff(dim=0)).sum() / len(rays)
