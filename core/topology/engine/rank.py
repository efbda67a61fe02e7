"""The rank invariant on a grid, and its signed measure of rectangles."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from core.errors import BadInput, TooLarge
from core.sizes import in_bytes
from core.topology.engine.bifiltration import Simplices, bifiltration
from core.topology.engine.checks import checked_axis
from core.topology.engine.complex import BifilteredComplex
from core.topology.engine.measure import SignedMeasure, collect
from core.topology.engine.persistence import Bars, ManyBars, bars_of_all

MOST_RANKS = 200_000_000  # pairs of grid points: 800 MB at four bytes each


def rank_invariant(
    points: ArrayLike | None = None,
    function: ArrayLike | None = None,
    radii: ArrayLike = (),
    levels: ArrayLike = (),
    degrees: Iterable[int] = (0, 1),
    filtration: str = "rips",
    *,
    simplices: Simplices | None = None,
    distances: ArrayLike | None = None,
    threshold: float | None = None,
) -> dict[int, np.ndarray]:
    """rk(a, b) = rank of H_k(a) -> H_k(b) for all pairs a <= b of grid points.

    Args:
        points: [n, d].
        function: [n] second parameter.
        radii: [g] increasing.
        levels: [h] increasing.
        degrees: of homology.
        filtration: "rips" or "alpha".
        simplices: in place of points: a list of vertex tuples, and grades [m, 2].
        distances: [n, n] in place of points.
        threshold: edges longer than this are left out; None for all.

    Returns:
        By degree [g, h, g, h] int32: entry [i, j, k, l] belongs to a = (radii[i], levels[j]) and b = (radii[k],
        levels[l]); zero unless i <= k and j <= l.

    Raises:
        BadInput: input that can't be used.
        TooLarge: the grid has too many pairs of points.
    """
    chosen = tuple(degrees)
    filtered = bifiltration(
        points, function, chosen, filtration, simplices=simplices, distances=distances, threshold=threshold
    )
    return rank_on_grid(filtered, checked_axis(radii, "radii"), checked_axis(levels, "levels"), chosen)


def rank_on_grid(
    filtered: BifilteredComplex, radii: np.ndarray, levels: np.ndarray, degrees: tuple[int, ...]
) -> dict[int, np.ndarray]:
    """`rank_invariant` of a complex.

    For each corner (i, l) of the grid one filtration goes up the levels at radius i to level l and then along the radii
    at that level. It passes every a = (i, j) with j <= l and every b = (k, l) with k >= i, so its bars that are alive
    at both count rk(a, b), for all such pairs at once.

    Args:
        filtered: complex.
        radii: [g] increasing.
        levels: [h] increasing.
        degrees: up to the complex's `highest_degree`.

    Raises:
        TooLarge: the grid has too many pairs of points.
    """
    g, h = len(radii), len(levels)
    if (g * h) ** 2 > MOST_RANKS:
        raise TooLarge(
            f"A rank invariant on {g} radii and {h} levels has {(g * h) ** 2:,} entries ({in_bytes(4 * (g * h) ** 2)}); "
            f"at most {MOST_RANKS:,} are accepted: give coarser radii and levels."
        )
    result = {degree: np.zeros((g, h, g, h), dtype=np.int32) for degree in degrees}
    corners = np.stack(np.divmod(np.arange(g * h), h), axis=1)
    for degree, many in _bars_through(filtered, radii, levels, corners, degrees).items():
        for number, (i, l) in enumerate(corners.tolist()):  # noqa: E741 - the letters of the formula
            result[degree][i, : l + 1, i:, l] = _alive_at_both(many.of(number), l, g - i)
    return result


def rank_from(
    filtered: BifilteredComplex,
    start: tuple[float, float],
    radii: np.ndarray,
    levels: np.ndarray,
    degrees: tuple[int, ...],
) -> dict[int, np.ndarray]:
    """rk(a, .) for one a.

    Args:
        filtered: complex.
        start: a = (radius, level).
        radii: [g] increasing.
        levels: [h] increasing.
        degrees: up to the complex's `highest_degree`.

    Returns:
        By degree [g, h] int32, zero where a <= (radius, level) does not hold.

    Raises:
        BadInput: a is not two finite numbers.
    """
    if not np.isfinite(start).all():
        raise BadInput(f"start is {start}; two finite numbers (radius, level) are expected.")
    ahead, above = radii >= start[0], levels >= start[1]
    path_radii = np.concatenate([[start[0]], radii[ahead]])
    path_levels = np.concatenate([[start[1]], levels[above]])
    result = {degree: np.zeros((len(radii), len(levels)), dtype=np.int32) for degree in degrees}
    if not above.any():
        return result
    corners = np.array([(0, place) for place in range(1, len(path_levels))])
    for degree, many in _bars_through(filtered, path_radii, path_levels, corners, degrees).items():
        for number, level in enumerate(np.flatnonzero(above)):
            result[degree][ahead, level] = _alive_at_both(many.of(number), number + 1, len(path_radii))[0, 1:]
    return result


def rank_measure(
    filtered: BifilteredComplex, degrees: tuple[int, ...], radii: np.ndarray | None, levels: np.ndarray | None
) -> dict[int, SignedMeasure]:
    """The Moebius inverse of the rank invariant on segments: a signed sum of right-open rectangles.

    rk(a, b) = sum of w over the rectangles [s, t) with s <= a and b < t in both coordinates (Botnan, Oppermann and
    Oudot, arXiv:2107.06800). On a grid, t is a grid point or infinity.

    Args:
        filtered: complex.
        degrees: up to the complex's `highest_degree`.
        radii: [g] increasing; None for all radii of the complex.
        levels: [h] increasing; None for all levels of the complex.

    Returns:
        By degree positions [m, 4] (s, t) and weights [m].

    Raises:
        TooLarge: the grid has too many pairs of points.
    """
    radius_axis = filtered.radii if radii is None else radii
    level_axis = filtered.levels if levels is None else levels
    ranks = rank_on_grid(filtered, radius_axis, level_axis, degrees)
    return {degree: rectangles(rank, radius_axis, level_axis) for degree, rank in ranks.items()}


def rectangles(rank: np.ndarray, radii: np.ndarray, levels: np.ndarray) -> SignedMeasure:
    """The signed rectangles of a rank invariant on a grid.

    Args:
        rank: [g, h, g, h].
        radii: [g].
        levels: [h].
    """
    weights = rank.astype(np.int64)
    for axis in (0, 1):  # what was there before s
        weights = np.diff(weights, axis=axis, prepend=0)
    for axis in (2, 3):  # what is still there at t, the next grid point, or nothing beyond the last one
        weights = -np.diff(weights, axis=axis, append=0)
    g, h = len(radii), len(levels)
    i, j, k, l = np.nonzero(weights)  # noqa: E741
    ordered = (i <= k) & (j <= l)  # the others only balance the zeros where a <= b does not hold
    i, j, k, l = i[ordered], j[ordered], k[ordered], l[ordered]  # noqa: E741
    ends_r, ends_y = np.append(radii, np.inf), np.append(levels, np.inf)
    positions = np.column_stack([radii[i], levels[j], ends_r[np.minimum(k + 1, g)], ends_y[np.minimum(l + 1, h)]])
    return collect(positions, weights[i, j, k, l])[0]


def _bars_through(
    filtered: BifilteredComplex,
    radii: np.ndarray,
    levels: np.ndarray,
    corners: np.ndarray,
    degrees: tuple[int, ...],
) -> dict[int, ManyBars]:
    """Bars of the paths (i, 0), ..., (i, l), (i + 1, l), ... through the corners (i, l), in steps of 1 from 0."""
    places = [
        (np.searchsorted(radii, cells.grades[:, 0]), np.searchsorted(levels, cells.grades[:, 1]))
        for cells in filtered.cells
    ]

    def times(some: slice) -> list[np.ndarray]:
        i, l = corners[some].T[:, :, None]  # noqa: E741 - the letters of the formula
        entries = []
        for radius, level in places:
            time = np.where(radius <= i, level, l + radius - i).astype(np.float64)
            time[(level > l) | (radius == len(radii))] = np.inf
            entries.append(time)
        return entries

    return bars_of_all(filtered, len(corners), times, degrees)


def _alive_at_both(found: Bars, corner: int, steps: int) -> np.ndarray:
    """[corner + 1, steps] how many bars are alive from step j <= corner to step corner + k."""
    births = np.minimum(found.births, corner + 1).astype(np.int64)  # those born after the corner join none
    lasts = np.minimum(np.ceil(found.deaths) - 1 - corner, steps - 1)  # the last k at which it is alive
    counts = np.zeros((corner + 2, steps), dtype=np.int64)
    there = lasts >= 0
    np.add.at(counts, (births[there], lasts[there].astype(np.int64)), 1)
    return counts.cumsum(axis=0)[:-1, ::-1].cumsum(axis=1)[:, ::-1]
