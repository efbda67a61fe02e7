"""Signed measures of bifiltrations: the Moebius inverses of Hilbert function, Euler characteristic and rank invariant.

Loiseaux, Scoccola, Carriere, Botnan and Oudot, arXiv:2306.03801.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from core.topology.engine.bifiltration import (
    FILTRATIONS,
    Cloud,
    Simplices,
    bifiltration,
    checked_cloud,
    checked_cloud_degrees,
)
from core.topology.engine.checks import checked_axis, checked_choice
from core.topology.engine.complex import BifilteredComplex
from core.topology.engine.delaunay_bifiltration import delaunay_bifiltration
from core.topology.engine.dependence import euler_diracs, hilbert_diracs
from core.topology.engine.euler_rips import rips_euler
from core.topology.engine.measure import SignedMeasure
from core.topology.engine.rank import rank_measure
from core.topology.engine.rips_slices import rips_hilbert

INVARIANTS = ("hilbert", "euler", "rank")
EULER = "euler"  # the key of the Euler measure, which has no degree


def signed_measure(
    points: ArrayLike | None = None,
    function: ArrayLike | None = None,
    degrees: Iterable[int] = (0, 1),
    filtration: str = "rips",
    invariant: str = "hilbert",
    levels: ArrayLike | None = None,
    simplices: Simplices | None = None,
    *,
    distances: ArrayLike | None = None,
    threshold: float | None = None,
    radii: ArrayLike | None = None,
) -> dict[int | str, SignedMeasure]:
    """The signed measure of a bifiltration, exact in the radius, and in the level unless levels are given.

    >>> measures = signed_measure([[0.0], [1.0], [3.0]], [0.0, 0.0, 5.0], degrees=(0,))
    >>> positions, weights = measures[0]
    >>> [(*map(float, p), int(w)) for p, w in zip(positions, weights)]
    [(0.0, 0.0, 2), (0.0, 5.0, 1), (1.0, 0.0, -1), (2.0, 5.0, -1)]

    Args:
        points: [n, d].
        function: [n] second parameter: the level at which a point enters.
        degrees: of homology; not used by the Euler measure.
        filtration: "rips" (edges by length) or "alpha" (unions of balls by diameter, d up to 3).
        invariant: "hilbert", "euler" or "rank".
        levels: [m] increasing; what enters between two of them enters at the next, what enters after the last one never
            does. None: every value of the function, exactly; that costs little more, but for "rips" above degree 1.
        simplices: in place of points: a list of vertex tuples, and grades [m, 2] (radius, level).
        distances: [n, n] in place of points.
        threshold: edges longer than this are left out, which cuts classes of sparse levels; None for all.
        radii: [g] increasing, for "rank" alone, whose grid they are together with the levels; None: every radius.

    Returns:
        By degree (the Euler measure: by "euler") positions [m, 2] (radius, level) and integer weights [m]. Of a rank
        measure positions are rectangles [m, 4]: (radius, level) where one begins, and where it ends or infinity.

    Raises:
        BadInput: input that can't be used; the sentence says what and why.
        TooLarge: more simplices or grid points than fit.
    """
    checked_choice(invariant, INVARIANTS, "invariant")
    axis = None if levels is None else checked_axis(levels, "levels")
    chosen = tuple(degrees)
    if invariant == "rank":
        radius_axis = None if radii is None else checked_axis(radii, "radii")
        whole = bifiltration(
            points, function, chosen, filtration, simplices=simplices, distances=distances, threshold=threshold
        )
        ranks = rank_measure(whole, chosen, radius_axis, axis)
        return {degree: ranks[degree] for degree in chosen}
    if simplices is not None:
        needed = (0,) if invariant == "euler" else chosen
        given = bifiltration(points, function, needed, simplices=simplices, distances=distances, threshold=threshold)
        return _of_complex(given, chosen, invariant, axis)
    checked_choice(filtration, FILTRATIONS, "filtration")
    cloud = checked_cloud(points, function, filtration, distances, threshold)
    if invariant == "euler":
        return {EULER: _euler_of_cloud(cloud, filtration, axis)}
    chosen = checked_cloud_degrees(chosen, filtration)
    if filtration == "rips" and max(chosen) > 1 and axis is not None:
        by_degree = rips_hilbert(cloud.all_distances(), cloud.function, chosen, axis, cloud.threshold)
        return {degree: by_degree[degree] for degree in chosen}
    whole = bifiltration(points, function, chosen, filtration, distances=distances, threshold=threshold)
    return _of_complex(whole, chosen, invariant, axis)


def _of_complex(
    filtered: BifilteredComplex, degrees: tuple[int, ...], invariant: str, levels: np.ndarray | None
) -> dict[int | str, SignedMeasure]:
    if invariant == "euler":
        return {EULER: euler_diracs(filtered, levels).measure}
    return {degree: diracs.measure for degree, diracs in hilbert_diracs(filtered, degrees, levels).items()}


def _euler_of_cloud(cloud: Cloud, filtration: str, levels: np.ndarray | None) -> SignedMeasure:
    """The Euler measure of all degrees: of all cliques, or of unions of balls."""
    if filtration == "rips":
        return rips_euler(cloud.all_distances(), cloud.function, levels, cloud.threshold).measure
    assert cloud.points is not None
    whole = delaunay_bifiltration(cloud.points, cloud.function, cloud.points.shape[1] + 1)
    return euler_diracs(whole, levels).measure
