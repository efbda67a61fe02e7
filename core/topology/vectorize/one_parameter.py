"""The same item with its first parameter alone, for the comparison that every score is shown beside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.topology.bifiltrations.bifiltration import Bifiltration
from core.topology.engine.complex import in_order
from core.topology.engine.measure import SignedMeasure, collect


def without_second(item: Bifiltration) -> Bifiltration:
    """The filtration by radius alone: all points are there from the start.

    Every vectorizer takes it as it takes a bifiltration.
    """
    flat = np.zeros_like(item.function)
    if item.cells is None:
        return replace(item, function=flat)
    parts = []
    for cells in item.cells.cells:
        grades = np.column_stack([cells.grades[:, 0], np.zeros(len(cells))])
        parts.append(replace(cells, grades=grades))
    return replace(item, function=flat, cells=in_order(parts, item.cells.highest_degree))


def radius_measures(measures: dict[int | str, SignedMeasure]) -> dict[int | str, SignedMeasure]:
    """The measures of one parameter that Hilbert or Euler measures of two have as their marginals.

    H(r, infinity) is the mass up to r at any level, so nothing need be computed anew: +1 at births, -1 at deaths of the
    barcode of all points. Not for rank measures.
    """
    marginals: dict[int | str, SignedMeasure] = {}
    for key, (positions, weights) in measures.items():
        flat = np.column_stack([positions[:, 0], np.zeros(len(positions))])
        marginals[key] = collect(flat, weights)[0]
    return marginals
