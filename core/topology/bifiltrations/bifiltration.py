"""One item, filtered: what all invariants are computed from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.errors import BadInput
from core.topology.engine.bifiltration import bifiltration
from core.topology.engine.checks import checked_axis, checked_choice, checked_degrees
from core.topology.engine.complex import BifilteredComplex
from core.topology.engine.dependence import euler_diracs, hilbert_diracs
from core.topology.engine.measure import SignedMeasure
from core.topology.engine.rank import rank_measure
from core.topology.engine.signed_measure import EULER, INVARIANTS, signed_measure


@dataclass(frozen=True, eq=False)
class Bifiltration:
    """Points with their second parameter, or the cells of a graph or image with their grades.

    Attributes:
        filtration: "rips", "alpha", "graph" or "cubical".
        function: [n] second parameter of points, vertices or pixels.
        points: [n, d]; None of distances, graphs and images.
        distances: [n, n] of a distance matrix; None else.
        cells: of a graph or image; None else.
        threshold: edges longer than this are left out; None for all.
    """

    filtration: str
    function: np.ndarray
    points: np.ndarray | None = None
    distances: np.ndarray | None = None
    cells: BifilteredComplex | None = None
    threshold: float | None = None

    def complex(self, degrees: Iterable[int] = (0, 1)) -> BifilteredComplex:
        """A complex with the homology of the bifiltration in some degrees, and all its maps.

        Raises:
            BadInput: degrees that it does not have.
            TooLarge: more cells than fit.
        """
        if self.cells is not None:
            checked_degrees(degrees, self.cells.highest_degree, f"for filtration={self.filtration}")
            return self.cells
        return bifiltration(
            self.points, self.function, degrees, self.filtration, distances=self.distances, threshold=self.threshold
        )

    def measures(
        self,
        degrees: Iterable[int] = (0, 1),
        invariant: str = "hilbert",
        levels: np.ndarray | None = None,
        radii: np.ndarray | None = None,
    ) -> dict[int | str, SignedMeasure]:
        """Signed measures, see `core.topology.signed_measure`.

        Args:
            degrees: of homology; not used by the Euler measure.
            invariant: "hilbert", "euler" or "rank".
            levels: increasing; None: every value of the second parameter.
            radii: increasing, of "rank" alone; None: every value of the first.

        Raises:
            BadInput: choices that can't be used.
            TooLarge: more cells or grid points than fit.
        """
        if self.cells is None:
            return signed_measure(
                self.points,
                self.function,
                degrees,
                self.filtration,
                invariant,
                levels,
                distances=self.distances,
                threshold=self.threshold,
                radii=radii,
            )
        checked_choice(invariant, INVARIANTS, "invariant")
        axis = None if levels is None else checked_axis(levels, "levels")
        if invariant == "euler":
            return {EULER: euler_diracs(self.cells, axis).measure}
        chosen = checked_degrees(degrees, self.cells.highest_degree, f"for filtration={self.filtration}")
        if invariant == "rank":
            radius_axis = None if radii is None else checked_axis(radii, "radii")
            ranks = rank_measure(self.cells, chosen, radius_axis, axis)
            return {degree: ranks[degree] for degree in chosen}
        return {degree: diracs.measure for degree, diracs in hilbert_diracs(self.cells, chosen, axis).items()}


def of_cloud(
    item: np.ndarray, function: np.ndarray, filtration: str, threshold: float | None, *, are_distances: bool = False
) -> Bifiltration:
    """The bifiltration of points or distances with a function.

    Raises:
        BadInput: a threshold that "alpha" does not take.
    """
    if filtration == "alpha" and threshold is not None:
        raise BadInput("threshold is for filtration=rips; filtration=alpha has the full range at no cost.")
    if are_distances:
        return Bifiltration(filtration, function, distances=item, threshold=threshold)
    return Bifiltration(filtration, function, points=item, threshold=threshold)


def of_cells(cells: BifilteredComplex, filtration: str, function: np.ndarray) -> Bifiltration:
    """The bifiltration of a graph or image."""
    return Bifiltration(filtration, function, cells=cells)


def levels_of(function: np.ndarray, count: int | None) -> np.ndarray | None:
    """So many levels of a function: its quantiles, the largest value among them; None or as many values: all of them.

    Raises:
        BadInput: fewer than one.
    """
    if count is None:
        return None
    if count < 1:
        raise BadInput(f"{count} levels are asked for; at least 1 is expected.")
    distinct = np.unique(function)
    if len(distinct) <= count:
        return None
    return np.unique(np.quantile(function, np.arange(1, count + 1) / count, method="inverted_cdf"))
