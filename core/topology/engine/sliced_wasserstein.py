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
LANES = 4  # directions that are merged at once


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
    return float(_distances(*_projected(measures, rays))[0, 1]) / len(rays)


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
    rays = checked_directions(directions, coordinates)
    projected = _projected(checked, rays)
    if others is None:
        return _distances(*projected) / len(rays)
    return _distances_between(*projected, len(measures)) / len(rays)


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
    """The projections of each measure in increasing order, followed by infinity, and its mass before each of them.

    Returns:
        [rays, all Diracs + measures] projections, [rays, ...] masses, and [measures + 1] where each measure begins.
        Rays without projections fill up a multiple of LANES.
    """
    starts = np.concatenate([[0], np.cumsum([len(mass) + 1 for _, mass in measures])]).astype(np.int64)
    padded = -(-len(rays) // LANES) * LANES
    values, before = np.zeros((padded, starts[-1])), np.zeros((padded, starts[-1]))
    for number, (where, mass) in enumerate(measures):
        begin, end = starts[number], starts[number + 1] - 1
        projections = rays @ where.T
        order = np.argsort(projections, axis=1, kind="stable")
        values[: len(rays), begin:end] = np.take_along_axis(projections, order, axis=1)
        values[:, end] = np.inf
        before[: len(rays), begin + 1 : end + 1] = np.cumsum(mass[order], axis=1)
    return values, before, starts


@njit(cache=True, nogil=True)
def _distances(values: np.ndarray, before: np.ndarray, starts: np.ndarray) -> np.ndarray:
    count = len(starts) - 1
    result = np.zeros((count, count))
    for ray in range(0, len(values), LANES):
        for i in range(count):
            for j in range(i + 1, count):
                result[i, j] += _between(values, before, ray, starts, i, j)
    return result + result.T


@njit(cache=True, nogil=True)
def _distances_between(values: np.ndarray, before: np.ndarray, starts: np.ndarray, first: int) -> np.ndarray:
    """Between the measures before number `first` and those from it on."""
    result = np.zeros((first, len(starts) - 1 - first))
    for ray in range(0, len(values), LANES):
        for i in range(first):
            for j in range(result.shape[1]):
                result[i, j] += _between(values, before, ray, starts, i, first + j)
    return result


@njit(nogil=True)
def _between(values: np.ndarray, before: np.ndarray, ray: int, starts: np.ndarray, i: int, j: int) -> float:
    """The integrals of |F_i - F_j| along LANES rays from `ray` on, summed: merges of sorted lists.

    All merges of a pair take equally many steps, and one does not wait for the other, so several at once take hardly
    longer than one. There is no branch either, which a processor would mispredict every other time.
    """
    a, b = np.empty(LANES, dtype=np.uint64), np.empty(LANES, dtype=np.uint64)
    last, total = np.empty(LANES), np.zeros(LANES)
    for lane in range(LANES):
        a[lane], b[lane] = starts[i], starts[j]
        last[lane] = min(values[ray + lane, starts[i]], values[ray + lane, starts[j]])
    one = np.uint64(1)
    for _ in range(starts[i + 1] - starts[i] + starts[j + 1] - starts[j] - 2):
        for lane in range(LANES):
            row = np.uint64(ray + lane)
            here_a, here_b = values[row, a[lane]], values[row, b[lane]]
            here = min(here_a, here_b)
            total[lane] += abs(before[row, a[lane]] - before[row, b[lane]]) * (here - last[lane])
            last[lane] = here
            take = np.uint64(here_a <= here_b)
            a[lane] += take
            b[lane] += one - take
    return total.sum()
