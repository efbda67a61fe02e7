"""Persistent homology along one filtration of a bifiltered complex, over the field of two elements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.topology.engine.complex import BifilteredComplex
from core.topology.engine.reduction import lowest_rows


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


def bars(filtered: BifilteredComplex, times: Sequence[np.ndarray], degrees: tuple[int, ...]) -> dict[int, Bars]:
    """Pairs the cells in the order of given times.

    A column of a boundary whose cell begins a bar of its own degree is zero, so the boundaries are reduced from the
    highest dimension down and such columns are left out (Chen and Kerber's twist).

    Args:
        filtered: complex.
        times: by dimension, when each cell enters, never before its faces; infinite for cells that stay out.
        degrees: up to the `highest_degree` of the complex.

    Returns:
        By degree, the bars of positive length.
    """
    orders = [np.argsort(time, kind="stable")[: np.isfinite(time).sum()] for time in times]
    killed: dict[int, np.ndarray] = {}  # by dimension of the columns: which row each one kills
    cleared = np.zeros(0, dtype=np.int64)
    for dimension in range(min(max(degrees) + 1, len(times) - 1), 0, -1):
        if dimension < min(degrees):
            break
        cells = filtered.of(dimension)
        faces_rank = _places(orders[dimension - 1], len(times[dimension - 1]))
        alone = np.ones(len(cells), dtype=bool)
        alone[cleared] = False
        order = orders[dimension]
        killed[dimension] = lowest_rows(cells.starts, cells.faces, order[alone[order]], faces_rank)
        cleared = killed[dimension][killed[dimension] >= 0]
    return {degree: _bars(times, orders, killed, degree) for degree in degrees}


def _bars(
    times: Sequence[np.ndarray], orders: Sequence[np.ndarray], killed: dict[int, np.ndarray], degree: int
) -> Bars:
    if degree >= len(times):
        return Bars(np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    order = orders[degree]
    born = order[killed[degree][order] < 0] if degree else order
    killers = np.full(len(times[degree]), -1, dtype=np.int64)
    if degree + 1 in killed:
        columns = np.flatnonzero(killed[degree + 1] >= 0)
        killers[killed[degree + 1][columns]] = columns
    death_cells = killers[born]
    births, deaths = times[degree][born], np.full(len(born), np.inf)
    ended = death_cells >= 0
    if ended.any():
        deaths[ended] = times[degree + 1][death_cells[ended]]
    kept = deaths > births
    return Bars(births[kept], deaths[kept], born[kept], death_cells[kept])


def _places(order: np.ndarray, count: int) -> np.ndarray:
    """[count] place of each cell in an order; cells that stay out come after all others."""
    places = np.empty(count, dtype=np.int64)
    places[order] = np.arange(len(order))
    out = np.ones(count, dtype=bool)
    out[order] = False
    places[out] = np.arange(len(order), count)
    return places
