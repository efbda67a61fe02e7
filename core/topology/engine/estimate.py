"""What a call of the engine will cost, from sizes alone, so that too much can be refused before it starts.

Seconds are of one core of the machine of the benchmarks; where the data decide more than their size, the estimate is
that of a noisy circle with clutter, which is dense in the middle of its density axis, and said to be rough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.errors import TooLarge
from core.sizes import in_bytes


@dataclass(frozen=True)
class Cost:
    """Of one call.

    Attributes:
        seconds: on one core.
        memory: bytes at the peak, beside what the process holds already.
        rough: whether the data decide more than their size.
    """

    seconds: float
    memory: int
    rough: bool = False

    def times(self, count: int) -> Cost:
        """The same call one after the other."""
        return Cost(self.seconds * count, self.memory, self.rough)

    def plus(self, other: Cost) -> Cost:
        """Both, one after the other."""
        return Cost(self.seconds + other.seconds, max(self.memory, other.memory), self.rough or other.rough)


def measure_cost(
    points: int,
    *,
    dimension: int = 2,
    degrees: tuple[int, ...] = (0, 1),
    filtration: str = "rips",
    invariant: str = "hilbert",
    levels: int | None = None,
    radii: int | None = None,
) -> Cost:
    """Of `signed_measure` and `hilbert_function`.

    Args:
        points: in the cloud.
        dimension: coordinates of a point.
        degrees: of homology.
        filtration: "rips" or "alpha".
        invariant: "hilbert", "euler" or "rank".
        levels: how many are given; None for all.
        radii: for "rank"; None for all.
    """
    if invariant == "rank":
        rows = radii if radii is not None else points * (points - 1) // 2 + 1
        columns = levels if levels is not None else points
        grid = Cost(rows * columns * 0.6 * line_cost(points, degrees).seconds, 40 * (rows * columns) ** 2)
        return preparation_cost(points, dimension=dimension, degrees=degrees, filtration=filtration).plus(grid)
    if filtration == "alpha":
        return preparation_cost(points, dimension=dimension, degrees=degrees, filtration="alpha")
    if invariant == "euler":
        return Cost(1e-3 + 2e-7 * points**2 + 3.5e-9 * points**3, 40 * points**2 + points**2 // 4, rough=True)
    if max(degrees) > 1 and levels is not None:
        return Cost(2e-3 + levels * (1e-3 + 1e-9 * points**3), 60 * points**2 + 20 * points**3, rough=True)
    return preparation_cost(points, dimension=dimension, degrees=degrees, filtration=filtration)


def preparation_cost(
    points: int, *, dimension: int = 2, degrees: tuple[int, ...] = (0, 1), filtration: str = "rips"
) -> Cost:
    """Of `bifiltration`, and of the exact measure that follows from it in no time.

    Args:
        points: in the cloud.
        dimension: coordinates of a point.
        degrees: of homology.
        filtration: "rips" or "alpha".
    """
    if filtration == "alpha":
        per_point, per_pair, size = {1: (5e-5, 1e-9, 2_000), 2: (4e-5, 3.5e-8, 12_000), 3: (1.8e-4, 3e-7, 45_000)}[
            dimension
        ]
        return Cost(3e-3 + per_point * points + per_pair * points**2, size * points)
    if max(degrees) == 0:
        return Cost(2e-3 + 1.5e-5 * points + 1e-7 * points**2, 1_000 * points)
    if max(degrees) == 1:
        return Cost(2e-3 + 1.6e-7 * points**2 + 1e-10 * points**3, 45 * points**2)
    simplices = 5e-7 * points**4.6  # of the collapsed graph of the noisy circle up to dimension 3, as measured
    return Cost(3e-3 + 5e-9 * points**3 + 2.2e-5 * simplices, int(60 * points**2 + 400 * simplices), rough=True)


def line_cost(points: int, degrees: tuple[int, ...] = (0, 1)) -> Cost:
    """Of one barcode along a line, after the preparation, for Vietoris-Rips up to degree 1.

    Args:
        points: in the cloud.
        degrees: of homology.
    """
    steep = 1.7e-7 if max(degrees) < 2 else 4e-6
    return Cost(2e-4 + steep * points**1.5, 2_000 * points, rough=max(degrees) > 1)


def landscape_cost(points: int, lines: int, degrees: tuple[int, ...] = (0, 1)) -> Cost:
    """Of `landscape_on_grid` and of `candidate_decomposition`, after the preparation.

    Args:
        points: in the cloud.
        lines: of the grid, radii * levels at most; or of the decomposition.
        degrees: of homology.
    """
    return line_cost(points, degrees).times(lines)


def refuse_beyond(
    cost: Callable[[int], Cost], points: int, *, seconds: float, memory: int, what: str = "This run"
) -> None:
    """Refuses a call that needs more than is allowed, and offers the largest size that fits.

    Args:
        cost: of a cloud of so many points.
        points: in the cloud.
        seconds: allowed.
        memory: bytes allowed.
        what: what would run, for the message.

    Raises:
        TooLarge: names what is needed, what is allowed, and the number of points that fits.
    """
    needed = cost(points)
    if needed.seconds <= seconds and needed.memory <= memory:
        return
    fits, beyond = 0, points
    while beyond - fits > 1:
        middle = (fits + beyond) // 2
        tried = cost(middle)
        fits, beyond = (middle, beyond) if tried.seconds <= seconds and tried.memory <= memory else (fits, middle)
    roughly = "roughly " if needed.rough else ""
    raise TooLarge(
        f"{what} on {points:,} points needs {roughly}{_duration(needed.seconds)} and {in_bytes(needed.memory)}; "
        f"{_duration(seconds)} and {in_bytes(memory)} are allowed: take a subsample or landmarks of at most {fits:,} "
        "points, fewer levels, or lower degrees."
    )


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
