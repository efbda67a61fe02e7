"""From what a person hands in to a bifiltered complex."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.distance import pdist, squareform

from core.errors import BadInput, TooLarge
from core.sizes import in_bytes
from core.topology.engine.checks import (
    checked_choice,
    checked_degrees,
    checked_distances,
    checked_function,
    checked_points,
    checked_threshold,
)
from core.topology.engine.collapse import collapsed_edges
from core.topology.engine.complex import BifilteredComplex, from_simplices
from core.topology.engine.delaunay import MOST_DIMENSIONS
from core.topology.engine.delaunay_bifiltration import delaunay_bifiltration
from core.topology.engine.flag import flag_complex
from core.topology.engine.reduced_rips import reduced_rips
from core.topology.engine.spanning_tree import spanning_complex

FILTRATIONS = ("rips", "alpha")
HIGHEST_DEGREE = 3
MOST_POINTS = 20_000  # whose distances are held at once, 3 GiB and as much again for each table of the same size
Simplices = tuple[Sequence[Sequence[int]], ArrayLike]


@dataclass(frozen=True)
class Cloud:
    """Points with a function, checked.

    Attributes:
        points: [n, d]; None if distances were given.
        distances: [n, n]; None if points were given.
        function: [n] second parameter.
        threshold: longest edge.
    """

    points: np.ndarray | None
    distances: np.ndarray | None
    function: np.ndarray
    threshold: float

    def all_distances(self) -> np.ndarray:
        """[n, n] distances, Euclidean for points.

        Raises:
            TooLarge: more than are held at once.
        """
        if self.distances is not None:
            return self.distances
        n = len(self.function)
        if n > MOST_POINTS:
            raise TooLarge(
                f"The {n:,} points have {in_bytes(8 * n**2)} of distances; filtration='rips' takes at most {MOST_POINTS:,} points "
                "above degree 0: take landmarks or a subsample, or filtration='alpha' in up to 3 dimensions."
            )
        return squareform(pdist(self.points)) if len(self.function) > 1 else np.zeros((1, 1))


def bifiltration(
    points: ArrayLike | None,
    function: ArrayLike | None,
    degrees: Iterable[int],
    filtration: str = "rips",
    *,
    simplices: Simplices | None = None,
    distances: ArrayLike | None = None,
    threshold: float | None = None,
) -> BifilteredComplex:
    """A complex with the homology of a bifiltration in some degrees, and all maps between its radii and levels.

    Vietoris-Rips: in degree 0 the edges of growing spanning trees, up to degree 1 the reduced complex, above it the
    cliques of the strongly collapsed graph. Alpha: the Delaunay bifiltration.

    Args:
        points: [n, d].
        function: [n] second parameter: the level at which a point enters.
        degrees: of homology.
        filtration: "rips" or "alpha".
        simplices: in place of points: vertices of each simplex, and grades [m, 2].
        distances: [n, n] in place of points, for "rips".
        threshold: edges longer than this are left out; None for all. Vietoris-Rips only.

    Raises:
        BadInput: something that can't be used; the sentence says what and why.
        TooLarge: more simplices than fit.
    """
    checked_choice(filtration, FILTRATIONS, "filtration")
    if simplices is not None:
        refuse_both(points, function, distances, threshold)
        built = from_simplices(*_pair(simplices))
        checked_degrees(degrees, built.highest_degree, "in this complex: its largest simplices have that dimension")
        return built
    cloud = checked_cloud(points, function, filtration, distances, threshold)
    chosen = checked_cloud_degrees(degrees, filtration)
    if filtration == "alpha":
        assert cloud.points is not None  # checked_cloud has seen to that
        return delaunay_bifiltration(cloud.points, cloud.function, max(chosen) + 1)
    return rips_bifiltration(cloud, max(chosen))


def rips_bifiltration(cloud: Cloud, degree: int) -> BifilteredComplex:
    """A small complex with the homology of the Vietoris-Rips bifiltration up to a degree.

    Args:
        cloud: points or distances, and function.
        degree: the highest that is wanted.

    Raises:
        TooLarge: more simplices than fit.
    """
    if degree == 0 and cloud.points is not None:
        return spanning_complex(cloud.points, cloud.function, cloud.threshold)
    if degree == 0:
        return spanning_complex(cloud.all_distances(), cloud.function, cloud.threshold, are_distances=True)
    if degree == 1:
        return reduced_rips(cloud.all_distances(), cloud.function, cloud.threshold)
    return flag_complex(
        collapsed_edges(cloud.all_distances(), cloud.function, cloud.threshold), cloud.function, degree + 1
    )


def checked_cloud(
    points: ArrayLike | None,
    function: ArrayLike | None,
    filtration: str,
    distances: ArrayLike | None,
    threshold: float | None,
) -> Cloud:
    """Points or distances with their function.

    Raises:
        BadInput: neither or both, or values that can't be used.
    """
    if points is not None and distances is not None:
        raise BadInput("Both points and distances are given; exactly one of them is expected.")
    if distances is not None:
        if filtration == "alpha":
            raise BadInput("filtration='alpha' needs points, not distances: use filtration='rips' for distances.")
        table = checked_distances(distances)
        return Cloud(None, table, checked_function(function, len(table)), checked_threshold(threshold))
    if points is None:
        raise BadInput("There is nothing to filter: give points and function, distances and function, or simplices.")
    cloud = checked_points(points)
    if filtration == "alpha" and threshold is not None:
        raise BadInput("threshold is for filtration='rips'; filtration='alpha' has the full range at no cost.")
    if filtration == "alpha" and cloud.shape[1] > MOST_DIMENSIONS:
        raise BadInput(
            f"points has {cloud.shape[1]} coordinates and filtration='alpha' takes at most {MOST_DIMENSIONS}: use "
            "filtration='rips', or project the points."
        )
    return Cloud(cloud, None, checked_function(function, len(cloud)), checked_threshold(threshold))


def checked_cloud_degrees(degrees: Iterable[int], filtration: str) -> tuple[int, ...]:
    """Degrees that a filtration of points can give.

    Raises:
        BadInput: others.
    """
    if filtration == "alpha":
        return checked_degrees(degrees, MOST_DIMENSIONS - 1, "for filtration='alpha': balls in space have no others")
    return checked_degrees(degrees, HIGHEST_DEGREE, "for filtration='rips': above it the number of simplices explodes")


def refuse_both(
    points: ArrayLike | None, function: ArrayLike | None, distances: ArrayLike | None, threshold: float | None
) -> None:
    """Simplices come with their grades and nothing else.

    Raises:
        BadInput: something else was given too.
    """
    others = {"points": points, "function": function, "distances": distances, "threshold": threshold}
    for name, value in others.items():
        if value is not None:
            raise BadInput(f"Both simplices and {name} are given; simplices come with their grades and nothing else.")


def _pair(simplices: Simplices) -> Simplices:
    try:
        vertices, grades = simplices
    except (TypeError, ValueError) as error:
        raise BadInput("simplices is expected as a pair: a list of vertex tuples, and their grades [m, 2].") from error
    return vertices, grades
