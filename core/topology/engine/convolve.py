"""Gaussian images of signed measures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import ArrayLike

from core.errors import BadInput
from core.topology.engine.checks import checked_axis, checked_choice, checked_positive
from core.topology.engine.measure import SignedMeasure

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
    return _image(*_prepared(positions, weights, grid, bandwidth), checked_choice(reduction, REDUCTIONS, "reduction"))


def convolve_all(
    measures: Sequence[SignedMeasure],
    grid: Sequence[ArrayLike],
    bandwidth: float | Sequence[float],
    reduction: str = "sum",
) -> np.ndarray:
    """The images of many measures on one grid, with the kernels of all of them evaluated at once.

    Args:
        measures: each with positions [m, c].
        grid: c axes, each increasing.
        bandwidth: h, or one for each coordinate.
        reduction: "sum" or "mean".

    Returns:
        [measures, len(axis) for each axis] float64.

    Raises:
        BadInput: as `convolve` does.
    """
    checked_choice(reduction, REDUCTIONS, "reduction")
    counts = [len(measure.weights) for measure in measures]
    positions = [np.asarray(measure.positions, dtype=np.float64).reshape(-1, len(grid)) for measure in measures]
    weights = [np.asarray(measure.weights, dtype=np.float64) for measure in measures]
    together = (np.concatenate([np.zeros((0, len(grid))), *positions]), np.concatenate([np.zeros(0), *weights]))
    kernel, mass, sizes = _prepared(*together, grid, bandwidth)
    ends = np.cumsum([0, *counts])
    images = np.empty((len(measures), *sizes))
    for place, (start, end) in enumerate(pairwise(ends)):
        images[place] = _image(kernel[start:end], mass[start:end], sizes, reduction)
    return images


def _prepared(
    positions: ArrayLike, weights: ArrayLike, grid: Sequence[ArrayLike], bandwidth: float | Sequence[float]
) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """The kernels of all axes beside each other [m, sum of their lengths], the weights, and the lengths."""
    axes = [checked_axis(axis, f"grid[{place}]") for place, axis in enumerate(grid)]
    where, mass = checked_measure(positions, weights, len(axes))
    widths = _bandwidths(bandwidth, len(axes))
    sizes = [len(axis) for axis in axes]
    kernel = np.empty((len(mass), sum(sizes)))
    start = 0
    for place, (axis, width) in enumerate(zip(axes, widths, strict=True)):
        scale = math.sqrt(0.5) / width
        np.subtract(axis * scale, where[:, place, None] * scale, out=kernel[:, start : start + len(axis)])
        start += len(axis)
    np.multiply(kernel, kernel, out=kernel)
    np.exp(np.negative(kernel, out=kernel), out=kernel)
    return kernel, mass / math.prod(math.sqrt(2 * math.pi) * width for width in widths), sizes


def _image(kernel: np.ndarray, mass: np.ndarray, sizes: list[int], reduction: str) -> np.ndarray:
    ends = [*accumulate(sizes, initial=0)]
    parts = [kernel[:, start:end] for start, end in pairwise(ends)]
    image = mass[:, None] * parts[0]
    for part in parts[1:-1]:
        image = (image[:, :, None] * part[:, None, :]).reshape(len(mass), image.shape[1] * part.shape[1])
    total = (image.T @ parts[-1]).reshape(sizes) if len(parts) > 1 else image.sum(axis=0)
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
    if not math.isfinite(where.sum()) and not np.isfinite(where).all():
        raise BadInput(
            "positions holds values that are not finite: cut the measure at a corner first, "
            "complete_mass(positions, weights, corner)."
        )
    if not math.isfinite(mass.sum()) and not np.isfinite(mass).all():
        raise BadInput("weights holds values that are not finite.")
    return where, mass


def _bandwidths(bandwidth: float | Sequence[float], coordinates: int) -> list[float]:
    values = [bandwidth] * coordinates if isinstance(bandwidth, (int, float)) else list(bandwidth)
    if len(values) != coordinates:
        raise BadInput(f"bandwidth has {len(values)} values; one, or one for each of {coordinates} axes is expected.")
    return [checked_positive(value, "bandwidth") for value in values]
