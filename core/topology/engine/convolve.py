"""Gaussian images of signed measures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from core.errors import BadInput
from core.topology.engine.checks import checked_axis, checked_choice, checked_positive

REDUCTIONS = ("sum", "mean")


def convolve(
    positions: ArrayLike,
    weights: ArrayLike,
    grid: Sequence[ArrayLike],
    bandwidth: float | Sequence[float],
    reduction: str = "sum",
) -> np.ndarray:
    """V(z) = sum_p w_p K(z - p), K(u) = exp(-|u|^2 / 2 h^2) / (2 pi h^2)^(c / 2), at the points of a grid.

    The sum is additive and Lipschitz in the Kantorovich-Rubinstein norm (Loiseaux et al., arXiv:2306.03801). "mean"
    divides it by the number of Diracs, as published code does, and is neither: two equal Diracs then look like one.
    The kernel is a product over the coordinates, so an image costs one matrix product.

    >>> convolve([[0.0, 0.0]], [2], ([0.0], [0.0]), bandwidth=1.0).round(6).tolist()
    [[0.31831]]

    Args:
        positions: [m, c] finite.
        weights: [m].
        grid: c axes, each increasing: (radii, levels).
        bandwidth: h, or one for each coordinate.
        reduction: "sum" or "mean".

    Returns:
        [len(axis) for each axis] float64; zeros for a measure without Diracs.

    Raises:
        BadInput: positions that are not finite, or do not fit weights, grid and bandwidth.
    """
    checked_choice(reduction, REDUCTIONS, "reduction")
    axes = [checked_axis(axis, f"grid[{place}]") for place, axis in enumerate(grid)]
    where, mass = checked_measure(positions, weights, len(axes))
    widths = _bandwidths(bandwidth, len(axes))
    kernels = [_kernel(where[:, c], axis, widths[c]) for c, axis in enumerate(axes)]  # each [m, length of the axis]
    image = mass[:, None] * kernels[0]
    if len(axes) == 1:
        total = image.sum(axis=0)
    else:
        for kernel in kernels[1:-1]:
            image = (image[:, :, None] * kernel[:, None, :]).reshape(len(mass), -1)
        total = (image.T @ kernels[-1]).reshape([len(axis) for axis in axes])
    return total / len(mass) if reduction == "mean" and len(mass) else total


def checked_measure(positions: ArrayLike, weights: ArrayLike, coordinates: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions [m, c] and weights [m] as float64.

    Raises:
        BadInput: shapes that do not fit, or values that are not finite.
    """
    where, mass = np.asarray(positions, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if where.size == 0 and mass.size == 0:
        return np.zeros((0, coordinates)), np.zeros(0)
    if where.ndim != 2 or where.shape[1] != coordinates:
        raise BadInput(f"positions has shape {where.shape}; [Diracs, {coordinates}] is expected.")
    if mass.shape != (len(where),):
        raise BadInput(
            f"weights has shape {mass.shape} and there are {len(where)} positions; one weight each is expected."
        )
    if not np.isfinite(where).all():
        raise BadInput(
            "positions holds values that are not finite: cut the measure at a corner first, "
            "complete_mass(positions, weights, corner)."
        )
    if not np.isfinite(mass).all():
        raise BadInput("weights holds values that are not finite.")
    return where, mass


def _bandwidths(bandwidth: float | Sequence[float], coordinates: int) -> list[float]:
    values = np.atleast_1d(np.asarray(bandwidth, dtype=np.float64))
    if values.shape not in {(1,), (coordinates,)}:
        raise BadInput(f"bandwidth has {values.size} values; one, or one for each of {coordinates} axes is expected.")
    return [checked_positive(float(value), "bandwidth") for value in np.broadcast_to(values, coordinates)]


def _kernel(values: np.ndarray, axis: np.ndarray, width: float) -> np.ndarray:
    scaled = (axis[None, :] - values[:, None]) / width
    return np.exp(-0.5 * scaled**2) / (np.sqrt(2 * np.pi) * width)
