"""How sure a label is: the share of bootstrap resamples that keep it.

Each resample draws the seeds of every cell anew, and the cells from which the splits are taken; a cell with one row is
moved by the standard errors that came with it. By turns loss and trace alone say what is sharp, so that a cell on
which they disagree keeps its label in about half of the resamples.
"""

from __future__ import annotations

import numpy as np

from core.landscape.grouping import Cells, mean_of_rows
from core.landscape.phase_map.collapse import collapsed_cells
from core.landscape.phase_map.labels import LABELS
from core.landscape.phase_map.rule import CellMeans, barriers, cell_means, phase_codes, splits_of


def means_of(cells: Cells, collapsed: np.ndarray) -> CellMeans:
    """The means over each cell's rows; rows that collapsed are left out of the cells that did not.

    Args:
        cells: the table.
        collapsed: [C, S] whether each row collapsed.
    """
    return _means(cells, collapsed, cells.values)


def label_probabilities(
    cells: Cells, collapsed: np.ndarray, classes: int | None, resamples: int, seed: int
) -> np.ndarray:
    """The share of resamples in which each cell has each label.

    Args:
        cells: the table.
        collapsed: [C, S] whether each row collapsed.
        classes: see `collapsed_rows`.
        resamples: how many.
        seed: of the draws.

    Returns:
        [C, labels], rows sum to 1.
    """
    rng = np.random.default_rng(seed)
    counts = np.zeros((len(cells.rows), len(LABELS)))
    each = np.arange(len(cells.rows))
    for resample in range(resamples):
        chosen, values = cells.drawn(rng)
        means = _means(cells, np.take_along_axis(collapsed, chosen, axis=1), values)
        splits = splits_of(means.part(rng.integers(len(each), size=len(each))), classes)
        counts[each, phase_codes(means, splits, classes, trace_weight=resample % 2)] += 1
    return counts / resamples


def _means(cells: Cells, collapsed: np.ndarray, values: dict[str, np.ndarray]) -> CellMeans:
    """Means over rows [C, S], each with its own verdict on collapse."""
    gone = collapsed_cells(collapsed, cells.present)
    used = cells.present & (~collapsed | gone[:, None])
    mean = {name: mean_of_rows(np.where(used, rows, np.nan)) for name, rows in values.items()}
    barrier = barriers(cells.error_of_mean("mode_connectivity"))
    return cell_means(gone, mean["train_loss"], mean["trace"], mean["mode_connectivity"], barrier, mean["cka"])
