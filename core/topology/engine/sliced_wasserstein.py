"""The sliced Wasserstein distance of signed measures, and its kernel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from core.errors import BadInput
from core.topology.engine.checks import checked_positive
from core.topology.engine.convolve import checked_measure
from core.topology.engine.measure import SignedMeasure

DIRECTIONS = 50


def sliced_wasserstein(
    positions_1: ArrayLike,
    weights_1: ArrayLike,
    positions_2: ArrayLike,
    weights_2: ArrayLike,
    directions: int | ArrayLike = DIRECTIONS,
) -> float:
    """The mean over directions of the distance W_1 between the projections of mu+ + nu- and nu+ + mu-.

    On a line W_1 is the integral of |F_mu - F_nu|, F being the mass up to a point (Loiseaux et al.
    arXiv:2306.03801).

    >>> round(sliced_wasserstein([[0.0, 0.0]], [1], [[3.0, 4.0]], [1], directions=[[0.6, 0.8]]), 9)
    5.0

    Args:
        positions_1: [m, c] finite.
        weights_1: [m].
        positions_2: [k, c] finite.
        weights_2: [k], of the same sum.
        directions: [d, c] unit vectors, or how many; of two coordinates evenly spread over a half circle.

    Raises:
        BadInput: unequal masses, or positions, weights and directions that do not fit.
    """
    first = np.asarray(positions_1, dtype=np.float64)
    second = np.asarray(positions_2, dtype=np.float64)
    coordinates = next((table.shape[1] for table in (first, second) if table.ndim == 2 and table.size), 2)
    measures = [checked_measure(first, weights_1, coordinates), checked_measure(second, weights_2, coordinates)]
    _refuse_unequal([float(mass.sum()) for _, mass in measures])
    rays = checked_directions(directions, coordinates)
    return float(_distances(*_projected(measures, rays))[0, 1])


def sliced_wasserstein_matrix(
    measures: Sequence[SignedMeasure],
    others: Sequence[SignedMeasure] | None = None,
    directions: int | ArrayLike = DIRECTIONS,
) -> np.ndarray:
    """All distances between some measures, or between two lists of them; each is projected and sorted once.

    Args:
        measures: all of the same mass.
        others: None for the measures themselves.
        directions: as for `sliced_wasserstein`.

    Returns:
        [measures, measures], or [measures, others].

    Raises:
        BadInput: no measures, unequal masses, or measures that do not fit.
    """
    everything = [*measures, *(others or [])]
    if not everything:
        raise BadInput("There are no measures to compare.")
    coordinates = next((m.positions.shape[1] for m in everything if len(m.positions)), 2)
    checked = [checked_measure(m.positions, m.weights, coordinates) for m in everything]
    _refuse_unequal([float(mass.sum()) for _, mass in checked])
    projected = _projected(checked, checked_directions(directions, coordinates))
    if others is None:
        return _distances(*projected)
    return _distances_between(*projected, len(measures))


def sliced_wasserstein_kernel(distances: Sequence[np.ndarray], weights: Sequence[float], sigma: float) -> np.ndarray:
    """The mean over degrees of weight exp(-distance / 2 sigma^2), for a support vector machine.

    Args:
        distances: of each degree [n, m].
        weights: one for each degree.
        sigma: width.

    Raises:
        BadInput: sigma is not above zero, or there is not one weight for each degree.
    """
    if len(distances) != len(weights) or not distances:
        raise BadInput(f"There are {len(distances)} degrees and {len(weights)} weights; one for each is expected.")
    checked_positive(sigma, "sigma")
    images = [w * np.exp(-d / (2 * sigma**2)) for d, w in zip(distances, weights, strict=True)]
    return np.mean(images, axis=0)


def checked_directions(directions: int | ArrayLike, coordinates: int) -> np.ndarray:
    """[d, c] unit vectors.

    A number of them: in the plane at the angles pi (k + 1/2) / d, in other spaces normal vectors of a generator of its
    own with a fixed seed.

    Raises:
        BadInput: fewer than one, vectors of another dimension, or not of length 1.
    """
    if np.ndim(directions) == 0:
        count = int(np.asarray(directions))
        if count < 1 or count != np.asarray(directions):
            raise BadInput(f"directions is {directions!r}; at least one direction is expected.")
        if coordinates == 2:
            angles = np.pi * (np.arange(count) + 0.5) / count
            return np.column_stack([np.cos(angles), np.sin(angles)])
        drawn = np.random.default_rng(0).normal(size=(count, coordinates))
        return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    rays = np.asarray(directions, dtype=np.float64)
    if rays.ndim != 2 or rays.shape[1] != coordinates or len(rays) == 0:
        raise BadInput(f"directions has shape {rays.shape}; unit vectors [d, {coordinates}] are expected.")
    if not np.allclose(np.linalg.norm(rays, axis=1), 1.0, atol=1e-9):
        raise BadInput("directions holds vectors that are not of length 1; divide each by its length.")
    return rays


def _refuse_unequal(masses: list[float]) -> None:
    for place, mass in enumerate(masses):
        if mass != masses[0]:
            raise BadInput(
                f"Measure {place} has mass {mass:g} and measure 0 has {masses[0]:g}; a transport distance needs equal "
                "masses: complete both at one corner first, complete_mass(positions, weights, corner)."
            )


def _projected(
    measures: Sequence[tuple[np.ndarray, np.ndarray]], rays: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sorted projections [directions, all Diracs], weights in that order, and where each measure begins."""
    starts = np.concatenate([[0], np.cumsum([len(mass) for _, mass in measures])]).astype(np.int64)
    values = np.empty((len(rays), starts[-1]))
    weights = np.empty((len(rays), starts[-1]))
    for number, (where, mass) in enumerate(measures):
        part = slice(starts[number], starts[number + 1])
        projections = rays @ where.T
        order = np.argsort(projections, axis=1, kind="stable")
        values[:, part] = np.take_along_axis(projections, order, axis=1)
        weights[:, part] = mass[order]
    return values, weights, starts


@njit(cache=True, nogil=True)
def _distances(values: np.ndarray, weights: np.ndarray, starts: np.ndarray) -> np.ndarray:
    count, directions = len(starts) - 1, len(values)
    result = np.zeros((count, count))
    for ray in range(directions):
        for i in range(count):
            for j in range(i + 1, count):
                result[i, j] += _between(values[ray], weights[ray], starts, i, j)
    for i in range(count):
        for j in range(i + 1, count):
            result[i, j] /= directions
            result[j, i] = result[i, j]
    return result


@njit(cache=True, nogil=True)
def _distances_between(values: np.ndarray, weights: np.ndarray, starts: np.ndarray, first: int) -> np.ndarray:
    """Between the measures before `first` and those from it on."""
    directions = len(values)
    result = np.zeros((first, len(starts) - 1 - first))
    for ray in range(directions):
        for i in range(first):
            for j in range(result.shape[1]):
                result[i, j] += _between(values[ray], weights[ray], starts, i, first + j)
    return result / directions


@njit(cache=True, nogil=True)
def _between(values: np.ndarray, weights: np.ndarray, starts: np.ndarray, i: int, j: int) -> float:
    """The integral of |F_i - F_j|, by merging two sorted lists."""
    a, a_end, b, b_end = starts[i], starts[i + 1], starts[j], starts[j + 1]
    difference, total, last = 0.0, 0.0, 0.0
    while a < a_end or b < b_end:
        if b == b_end or (a < a_end and values[a] <= values[b]):
            here, change = values[a], weights[a]
            a += 1
        else:
            here, change = values[b], -weights[b]
            b += 1
        if difference != 0.0:
            total += abs(difference) * (here - last)
        difference += change
        last = here
    return total
