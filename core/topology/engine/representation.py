"""Candidate decomposition representations: images of the intervals of a module (Loiseaux et al., arXiv:2306.11170)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from core.errors import BadInput
from core.topology.engine.bifiltration import Simplices, bifiltration
from core.topology.engine.candidate import Interval, candidate_decomposition, checked_box, sides_of_largest_squares
from core.topology.engine.checks import checked_axis, checked_choice, checked_positive

KERNELS = ("window", "tent", "gaussian")
OPERATIONS = ("sum", "mean", "max", "kth")
Box = tuple[ArrayLike, ArrayLike]


def s_cdr(
    points: ArrayLike | None = None,
    function: ArrayLike | None = None,
    radii: ArrayLike = (),
    levels: ArrayLike = (),
    degrees: Iterable[int] = (0, 1),
    delta: float = 0.1,
    p: float = 1.0,
    filtration: str = "rips",
    *,
    lines: int = 200,
    direction: Sequence[float] = (1.0, 1.0),
    box: Box | None = None,
    simplices: Simplices | None = None,
    distances: ArrayLike | None = None,
    threshold: float | None = None,
) -> dict[int, np.ndarray]:
    """The stable representation: sum w(I)^p phi(I) / sum w(I)^p over the intervals of a candidate decomposition.

    phi(I)(x) is the side of the largest square in I and in [x - delta, x + delta], over 2 delta. p = 0 averages over the
    intervals that reach into the box, p = inf takes the largest phi. The intervals come from bars matched between
    neighbouring lines, which is approximate (see `candidate_decomposition`); p = inf does not depend on the matching.

    Args:
        points: [n, d].
        function: [n] second parameter.
        radii: [g] increasing.
        levels: [h] increasing.
        degrees: of homology.
        delta: half the side of the window, in units of the direction.
        p: power of the weights, from 0 to infinity.
        filtration: "rips" or "alpha".
        lines: of the decomposition.
        direction: v, the unit of each coordinate and the direction of the lines.
        box: lowest and highest (radius, level) that weights count; None for the grid's.
        simplices: in place of points: a list of vertex tuples, and grades [m, 2].
        distances: [n, n] in place of points.
        threshold: edges longer than this are left out; None for all.

    Returns:
        By degree [g, h] float64 from 0 to 1.

    Raises:
        BadInput: input that can't be used.
        TooLarge: more simplices than fit.
    """
    chosen = tuple(degrees)
    filtered = bifiltration(
        points, function, chosen, filtration, simplices=simplices, distances=distances, threshold=threshold
    )
    axes = checked_axis(radii, "radii"), checked_axis(levels, "levels")
    frame = grid_box(*axes) if box is None else box
    margin = checked_positive(delta, "delta") * np.asarray(direction, dtype=np.float64)
    low, high = checked_box(frame)
    seen = (low - margin, high + margin)  # windows at the edge of the grid look so far
    return {
        degree: s_cdr_of(
            candidate_decomposition(filtered, degree, seen, lines, direction), *axes, delta, p, frame, direction
        )
        for degree in chosen
    }


def s_cdr_of(
    intervals: Sequence[Interval],
    radii: np.ndarray,
    levels: np.ndarray,
    delta: float,
    p: float,
    box: Box,
    direction: Sequence[float] = (1.0, 1.0),
) -> np.ndarray:
    """`s_cdr` of given intervals.

    Args:
        intervals: of one degree.
        radii: [g] increasing.
        levels: [h] increasing.
        delta: half the side of the window.
        p: power of the weights, from 0 to infinity.
        box: that weights count.
        direction: the unit of each coordinate.

    Returns:
        [g, h].

    Raises:
        BadInput: p, delta or box that can't be used.
    """
    if not p >= 0:
        raise BadInput(f"p is {p}; a number from 0 to infinity is expected.")
    low, high = checked_box(box)
    weights = sides_of_largest_squares(intervals, low, high, direction)
    inside = [interval for interval, weight in zip(intervals, weights, strict=True) if weight > 0]
    if not inside:
        return np.zeros((len(radii), len(levels)))
    if np.isinf(p):
        return _images(inside, radii, levels, "window", delta, direction).max(axis=0)
    powers = weights[weights > 0] ** p
    images = _images(inside, radii, levels, "window", delta, direction)
    return np.tensordot(powers, images, axes=1) / powers.sum()


def t_cdr(
    intervals: Sequence[Interval],
    radii: np.ndarray,
    levels: np.ndarray,
    kernel: str = "window",
    width: float = 1.0,
    *,
    power: float = 0.0,
    operation: str = "sum",
    k: int = 1,
    box: Box | None = None,
    direction: Sequence[float] = (1.0, 1.0),
) -> np.ndarray:
    """V(x) = op over intervals I of w(I)^power phi(I)(x), the template of such representations.

    phi is a "window" (see `s_cdr`), a "tent" (the largest e with x - e v and x + e v in I: with power 0 and the k-th
    largest it gives the landscape) or "gaussian", exp(-d(x, I)^2 / 2 width^2) with the distance to the support (with
    the sum, a multiparameter persistence image in the manner of Carriere and Blumberg, 2020).

    Args:
        intervals: of one degree.
        radii: [g] increasing.
        levels: [h] increasing.
        kernel: "window", "tent" or "gaussian".
        width: half the side of a window, or the standard deviation; not used by tents.
        power: of w(I), the side of the largest square of I in the box.
        operation: "sum", "mean", "max" or "kth" largest.
        k: for "kth", from 1.
        box: that weights count; None for the grid's.
        direction: v, the unit of each coordinate.

    Returns:
        [g, h] float64; zeros without intervals.

    Raises:
        BadInput: choices that can't be used.
    """
    checked_choice(kernel, KERNELS, "kernel")
    checked_choice(operation, OPERATIONS, "operation")
    checked_positive(width, "width")
    if k < 1 or k != int(k):
        raise BadInput(f"k is {k}; a whole number from 1 is expected.")
    low, high = checked_box(grid_box(radii, levels) if box is None else box)
    if len(intervals) == 0 or (operation == "kth" and k > len(intervals)):
        return np.zeros((len(radii), len(levels)))
    weights = sides_of_largest_squares(intervals, low, high, direction) ** power
    images = weights[:, None, None] * _images(intervals, radii, levels, kernel, width, direction)
    if operation == "kth":
        return -np.sort(-images, axis=0)[k - 1]
    if operation == "max":
        return images.max(axis=0)
    return images.sum(axis=0) if operation == "sum" else images.mean(axis=0)


def _images(
    intervals: Sequence[Interval],
    radii: np.ndarray,
    levels: np.ndarray,
    kernel: str,
    width: float,
    direction: Sequence[float],
) -> np.ndarray:
    """[intervals, g, h] phi of each interval."""
    unit = np.asarray(direction, dtype=np.float64)
    draw: Callable[..., np.ndarray] = {"window": _window, "tent": _tent, "gaussian": _gaussian}[kernel]
    axes = radii / unit[0], levels / unit[1]
    return np.array([draw(interval.births / unit, interval.deaths / unit, *axes, width) for interval in intervals])


def grid_box(radii: np.ndarray, levels: np.ndarray) -> Box:
    """The corners of a grid; an axis of one value gets the width 1.

    Args:
        radii: [g] increasing.
        levels: [h] increasing.
    """
    high = [axis[-1] if len(axis) > 1 else axis[0] + 1.0 for axis in (radii, levels)]
    return (float(radii[0]), float(levels[0])), (float(high[0]), float(high[1]))


@njit(cache=True, nogil=True)
def _window(births: np.ndarray, deaths: np.ndarray, radii: np.ndarray, levels: np.ndarray, width: float) -> np.ndarray:
    image = np.zeros((len(radii), len(levels)))
    for i in range(len(radii)):
        for j in range(len(levels)):
            best = 0.0
            for b in range(len(births)):
                left, low = max(births[b, 0], radii[i] - width), max(births[b, 1], levels[j] - width)
                for d in range(len(deaths)):
                    side = min(min(deaths[d, 0], radii[i] + width) - left, min(deaths[d, 1], levels[j] + width) - low)
                    best = max(best, side)
            image[i, j] = best / (2 * width)
    return image


@njit(cache=True, nogil=True)
def _tent(births: np.ndarray, deaths: np.ndarray, radii: np.ndarray, levels: np.ndarray, width: float) -> np.ndarray:
    image = np.zeros((len(radii), len(levels)))
    for i in range(len(radii)):
        for j in range(len(levels)):
            into, out = -np.inf, -np.inf
            for b in range(len(births)):
                into = max(into, min(radii[i] - births[b, 0], levels[j] - births[b, 1]))
            for d in range(len(deaths)):
                out = max(out, min(deaths[d, 0] - radii[i], deaths[d, 1] - levels[j]))
            image[i, j] = max(0.0, min(into, out))
    return image


@njit(cache=True, nogil=True)
def _gaussian(
    births: np.ndarray, deaths: np.ndarray, radii: np.ndarray, levels: np.ndarray, width: float
) -> np.ndarray:
    image = np.zeros((len(radii), len(levels)))
    for i in range(len(radii)):
        for j in range(len(levels)):
            nearest = np.inf
            for b in range(len(births)):
                for d in range(len(deaths)):
                    if births[b, 0] <= deaths[d, 0] and births[b, 1] <= deaths[d, 1]:
                        x = max(births[b, 0] - radii[i], 0.0, radii[i] - deaths[d, 0])
                        y = max(births[b, 1] - levels[j], 0.0, levels[j] - deaths[d, 1])
                        nearest = min(nearest, x * x + y * y)
            image[i, j] = np.exp(-nearest / (2 * width * width))
    return image
