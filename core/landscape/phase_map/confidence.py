"""How sure a label is: the share of bootstrap resamples that keep it.

Each resample draws the seeds of every cell anew, and the cells from which the splits are taken; a cell with one row is
moved by the standard errors that came with it. By turns loss and trace alone say what is sharp, so that a cell on
which they disagree keeps its label in about half of the resamples.
"""

from __future__ import annotations

import numpy as np

from core.landscape.phase_map.cells import METRICS, Cells
from core.landscape.phase_map.collapse import collapsed_cells
from core.landscape.phase_map.labels import LABELS
from core.landscape.phase_map.rule import CellMeans, barriers, cell_means, phase_codes, splits_of


def means_of(cells: Cells, collapsed: np.ndarray) -> CellMeans:
    """The means over each cell's rows; rows that collapsed are left out of the cells that did not.

    Args:
        cells: the table.
        collapsed: [C, S] whether each row collapsed.
    """
    every = np.broadcast_to(np.arange(cells.values["cka"].shape[1]), cells.values["cka"].shape)
    return _means(cells, collapsed, every, {name: np.zeros(collapsed.shape) for name in METRICS})


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
    counts = np.zeros((len(cells.load), len(LABELS)))
    each = np.arange(len(cells.load))
    for resample in range(resamples):
        chosen = (rng.random(collapsed.shape) * cells.rows[:, None]).astype(int)
        noise = {name: rng.standard_normal(collapsed.shape) for name in METRICS}
        means = _means(cells, collapsed, chosen, noise)
        splits = splits_of(means.part(rng.integers(len(each), size=len(each))), classes)
        counts[each, phase_codes(means, splits, classes, trace_weight=resample % 2)] += 1
    return counts / resamples


def _means(cells: Cells, collapsed: np.ndarray, chosen: np.ndarray, noise: dict[str, np.ndarray]) -> CellMeans:
    """Means over the chosen rows, [C, S] positions, each moved by so many of its standard errors."""
    present = np.arange(collapsed.shape[1]) < cells.rows[:, None]
    dead = np.take_along_axis(collapsed, chosen, axis=1)
    gone = collapsed_cells(dead, present)
    used = present & (~dead | gone[:, None])
    mean = {}
    for name in METRICS:
        moved = cells.values[name] + noise[name] * np.nan_to_num(cells.standard_errors[name])
        mean[name] = _mean(np.where(used, np.take_along_axis(moved, chosen, axis=1), np.nan))
    error = _standard_error(cells.values["mode_connectivity"], cells.standard_errors["mode_connectivity"])
    return cell_means(gone, mean["train_loss"], mean["trace"], mean["mode_connectivity"], barriers(error), mean["cka"])


def _mean(rows: np.ndarray) -> np.ndarray:
    """Mean of what is measured in each row, NaN where nothing is."""
    known = ~np.isnan(rows)
    count = known.sum(axis=1)
    return np.where(count > 0, np.where(known, rows, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)


def _standard_error(rows: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Of each cell's mean: from the spread of its rows, or from what came with its only row."""
    count = (~np.isnan(rows)).sum(axis=1)
    spread = np.where(np.isnan(rows), np.nan, (rows - _mean(rows)[:, None]) ** 2)
    several = np.sqrt(_mean(spread) / np.maximum(count - 1, 1))
    return np.where(count > 1, several, _mean(given))
