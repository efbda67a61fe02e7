"""What is to be said of single cells of a phase map."""

from __future__ import annotations

import numpy as np

from core.landscape.grouping import Cells
from core.landscape.phase_map.rule import CellMeans, Splits, disagree


def cell_notes(cells: Cells, collapsed: np.ndarray, means: CellMeans, splits: Splits) -> list[str]:
    """One text a cell, empty where there is nothing to say.

    Args:
        cells: the table.
        collapsed: [C, S] whether each row collapsed.
        means: of the cells.
        splits: of the map.
    """
    apart = disagree(means, splits)
    return [
        " ".join(_of_cell(cells, collapsed[cell], means, cell, bool(apart[cell]))) for cell in range(len(cells.rows))
    ]


def _of_cell(cells: Cells, collapsed: np.ndarray, means: CellMeans, cell: int, apart: bool) -> list[str]:
    rows, dead = int(cells.rows[cell]), int(collapsed[: cells.rows[cell]].sum())
    if means.collapsed[cell]:
        if not np.isfinite(cells.values["train_loss"][cell, :rows]).any():
            return ["No loss is finite: training diverged."]
        return [f"{dead} of {rows} runs are no better than chance: nothing was learned."]
    notes = []
    if dead:
        notes.append(f"{dead} of {rows} runs collapsed and are left out.")
    notes += _missing(cells, means, cell)
    if apart:
        notes.append("Loss and curvature disagree on whether it is sharp.")
    return notes


def _missing(cells: Cells, means: CellMeans, cell: int) -> list[str]:
    notes = []
    if np.isnan(means.log_loss[cell]):
        notes.append("Training loss: not measured.")
    traces = cells.values["trace"][cell]
    if np.isnan(traces).all():
        notes.append("Trace: not measured.")
    elif np.isnan(means.log_trace[cell]):
        notes.append(f"The mean trace is {np.nanmean(traces):.3g}, which has no logarithm: the loss alone decides.")
    if np.isnan(means.connectivity[cell]):
        notes.append("Mode connectivity: not measured; it needs two seeds.")
    if np.isnan(means.cka[cell]):
        notes.append("CKA: not measured; it needs two seeds.")
    return notes
