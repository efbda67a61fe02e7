"""Persistent homology along filtrations of a bifiltered complex, over the field of two elements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.topology.engine.complex import BifilteredComplex
from core.topology.engine.reduction import lowest_ranks

_AT_ONCE = 1 << 20  # cells of filtrations that are held at once


@dataclass(frozen=True)
class Bars:
    """The bars of one degree.

    Attributes:
        births: [m] float64.
        deaths: [m] float64, infinite for bars that never end.
        birth_cells: [m] number of the cell that begins a bar, of the dimension of the degree.
        death_cells: [m] number of the cell that ends it, one dimension above; -1 for bars that never end.
    """

    births: np.ndarray
    deaths: np.ndarray
    birth_cells: np.ndarray
    death_cells: np.ndarray

    def __len__(self) -> int:
        return len(self.births)


@dataclass(frozen=True)
class ManyBars:
    """The bars of one degree along many filtrations, one filtration after the other.

    Attributes:
        bars: of all of them.
        starts: [filtrations + 1]; those of filtration i are the bars from `starts[i]` to before `starts[i + 1]`.
    """

    bars: Bars
    starts: np.ndarray

    def of(self, number: int) -> Bars:
        """The bars of one filtration."""
        own = slice(self.starts[number], self.starts[number + 1])
        found = self.bars
        return Bars(found.births[own], found.deaths[own], found.birth_cells[own], found.death_cells[own])


def bars(filtered: BifilteredComplex, times: Sequence[np.ndarray], degrees: tuple[int, ...]) -> dict[int, Bars]:
    """Pairs the cells in the order of given times.

    Args:
        filtered: complex.
        times: by dimension, when each cell enters, never before its faces; infinite for cells that stay out.
        degrees: up to the `highest_degree` of the complex.

    Returns:
        By degree, the bars of positive length.
    """
    found = bars_of_all(filtered, 1, lambda _: [time[None, :] for time in times], degrees)
    return {degree: many.bars for degree, many in found.items()}


def bars_of_all(
    filtered: BifilteredComplex, count: int, times: Callable[[slice], Sequence[np.ndarray]], degrees: tuple[int, ...]
) -> dict[int, ManyBars]:
    """`bars` along many filtrations.

    Args:
        filtered: complex.
        count: how many filtrations.
        times: of some of the filtrations, by dimension [filtrations, cells].
        degrees: up to the `highest_degree` of the complex.
    """
    step = max(_AT_ONCE // max(filtered.size(), 1), 1)
    parts = [_bars(filtered, times(slice(start, min(start + step, count))), degrees) for start in range(0, count, step)]
    return {degree: _joined([part[degree] for part in parts]) for degree in degrees}


def _bars(
    filtered: BifilteredComplex, times: Sequence[np.ndarray], degrees: tuple[int, ...]
) -> dict[int, tuple[Bars, np.ndarray]]:
    """Bars of some filtrations, and how many each has.

    A column of a boundary whose cell begins a bar of its own degree is zero, so the boundaries are reduced from the
    highest dimension down and such columns are left out (Chen and Kerber's twist).
    """
    orders = [np.argsort(time, axis=1, kind="stable") for time in times]
    present = [np.isfinite(time).sum(axis=1) for time in times]
    killed: dict[int, np.ndarray] = {}  # by dimension of the columns: which row each one kills, in each filtration
    cleared = np.zeros(times[min(max(degrees) + 1, len(times) - 1)].shape, dtype=bool)
    for dimension in range(min(max(degrees) + 1, len(times) - 1), 0, -1):
        if dimension < min(degrees):
            break
        cells, below = filtered.of(dimension), orders[dimension - 1]
        ranks = np.empty_like(below)
        np.put_along_axis(ranks, below, np.arange(below.shape[1])[None, :], axis=1)
        lowest = lowest_ranks(cells.starts, cells.faces, orders[dimension], present[dimension], cleared, ranks)
        killing = lowest >= 0
        rows = np.take_along_axis(below, lowest.clip(min=0), axis=1) if below.size else lowest
        killed[dimension] = np.where(killing, rows, -1)
        cleared = np.zeros(below.shape, dtype=bool)
        filtrations, columns = np.nonzero(killing)
        cleared[filtrations, killed[dimension][filtrations, columns]] = True
    return {degree: _of_degree(times, orders, present, killed, degree) for degree in degrees}


def _of_degree(
    times: Sequence[np.ndarray],
    orders: Sequence[np.ndarray],
    present: Sequence[np.ndarray],
    killed: dict[int, np.ndarray],
    degree: int,
) -> tuple[Bars, np.ndarray]:
    if degree >= len(times):
        none = np.zeros(0, dtype=np.int64)
        return Bars(np.zeros(0), np.zeros(0), none, none), np.zeros(len(times[0]), dtype=np.int64)
    time, order = times[degree], orders[degree]
    begins = np.arange(order.shape[1])[None, :] < present[degree][:, None]
    if degree:
        begins &= np.take_along_axis(killed[degree], order, axis=1) < 0
    filtrations, places = np.nonzero(begins)
    born = order[filtrations, places]
    deaths = np.full(len(born), np.inf)
    death_cells = np.full(len(born), -1, dtype=np.int64)
    if degree + 1 in killed:
        killers = np.full(time.shape, -1, dtype=np.int64)
        rows, columns = np.nonzero(killed[degree + 1] >= 0)
        killers[rows, killed[degree + 1][rows, columns]] = columns
        death_cells = killers[filtrations, born]
        ended = death_cells >= 0
        deaths[ended] = times[degree + 1][filtrations[ended], death_cells[ended]]
    births = time[filtrations, born]
    kept = deaths > births
    counts = np.bincount(filtrations[kept], minlength=len(time))
    return Bars(births[kept], deaths[kept], born[kept], death_cells[kept]), counts


def _joined(parts: Sequence[tuple[Bars, np.ndarray]]) -> ManyBars:
    together = [
        np.concatenate([getattr(found, name) for found, _ in parts])
        for name in ("births", "deaths", "birth_cells", "death_cells")
    ]
    return ManyBars(Bars(*together), np.concatenate([[0], np.cumsum(np.concatenate([counts for _, counts in parts]))]))
