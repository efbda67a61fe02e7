"""The rule that names the phase of a cell, without a threshold that was fitted to labels.

Sharp or flat: Otsu's splits of log10 of the training loss and of ln of the trace; where the two disagree, the one that
lies further from its threshold decides. Connected: mode connectivity, which is negative where a barrier stands, is not
below zero by more than 1.75 points or two standard errors. Similar: Otsu's split of the CKA of those cells that are
flat and connected.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.landscape.phase_map.labels import codes
from core.landscape.phase_map.otsu import Split, otsu

BARRIER = 1.75  # points of error
LEAST_LOSS = 1e-6  # smaller means are as good as zero
SURELY_FLAT = 0.001  # of the loss of chance: small whatever the other cells of the table are
SURELY_SHARP = 0.5


@dataclass(frozen=True, eq=False)
class CellMeans:
    """What is known of each cell, means over its seeds; all are [cells].

    Attributes:
        collapsed: whether it learned nothing.
        log_loss: log10 of the training loss.
        log_trace: ln of the mean trace; NaN where it is not measured or not positive.
        connectivity: mode connectivity in points; NaN where it is not measured.
        barrier: points by which connectivity may lie below zero in a connected cell.
        cka: NaN where it is not measured.
    """

    collapsed: np.ndarray
    log_loss: np.ndarray
    log_trace: np.ndarray
    connectivity: np.ndarray
    barrier: np.ndarray
    cka: np.ndarray

    def part(self, chosen: np.ndarray) -> CellMeans:
        """Some of the cells."""
        return CellMeans(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Splits:
    """Where a table's cells divide: log10 training loss, ln trace, and CKA within IV."""

    loss: Split
    trace: Split
    cka: Split


def cell_means(
    collapsed: np.ndarray,
    loss: np.ndarray,
    trace: np.ndarray,
    connectivity: np.ndarray,
    barrier: np.ndarray,
    cka: np.ndarray,
) -> CellMeans:
    """Takes the logarithms; a trace that is not positive has none, and is left out rather than made positive."""
    with np.errstate(divide="ignore", invalid="ignore"):
        log_trace = np.where(trace > 0, np.log(trace), np.nan)
    log_loss = np.where(np.isfinite(loss), np.log10(np.maximum(loss, LEAST_LOSS)), np.nan)
    return CellMeans(collapsed, log_loss, log_trace, connectivity, barrier, cka)


def barriers(standard_error: np.ndarray) -> np.ndarray:
    """Points by which a connected cell may lie below zero: 1.75, or two standard errors where those are more."""
    return np.maximum(BARRIER, 2 * np.nan_to_num(standard_error))


def splits_of(means: CellMeans, classes: int | None) -> Splits:
    """Otsu's three splits over the cells that did not collapse."""
    alive = means.part(~means.collapsed)
    loss, trace = otsu(alive.log_loss), otsu(alive.log_trace)
    four = (_sharp(alive, loss, trace, classes, 0.5) == 0) & (_connected(alive) == 1)
    return Splits(loss, trace, otsu(alive.cka[four]))


def phase_codes(means: CellMeans, splits: Splits, classes: int | None, trace_weight: float = 0.5) -> np.ndarray:
    """The phase of each cell as positions in `LABELS`; the weight of the trace is 0 to go by the loss alone."""
    return codes(
        means.collapsed,
        _sharp(means, splits.loss, splits.trace, classes, trace_weight),
        _connected(means),
        splits.cka.above(means.cka),
    )


def disagree(means: CellMeans, splits: Splits) -> np.ndarray:
    """Whether loss and trace put a cell on different sides."""
    return splits.loss.above(means.log_loss) + splits.trace.above(means.log_trace) == 1


def crossover(means: CellMeans, splits: Splits) -> np.ndarray:
    """Where between IV-A (0) and IV-B (1) the CKA of each cell lies: the means of the two groups are the ends."""
    return np.clip((splits.cka.margin(means.cka) + 1) / 2, 0, 1)


def _sharp(means: CellMeans, loss: Split, trace: Split, classes: int | None, trace_weight: float) -> np.ndarray:
    by_loss, by_trace = loss.margin(means.log_loss), trace.margin(means.log_trace)
    weight = np.where(np.isnan(by_trace), 0.0, np.where(np.isnan(by_loss), 1.0, trace_weight))
    margin = np.where(weight < 1, (1 - weight) * by_loss, 0.0) + np.where(weight > 0, weight * by_trace, 0.0)
    sharp = np.where(np.isnan(margin), np.nan, (margin > 0).astype(float))
    if classes is None:
        return sharp
    relative = 10**means.log_loss / np.log(classes)
    sharp = np.where(relative <= SURELY_FLAT, 0.0, sharp)
    return np.where(relative >= SURELY_SHARP, 1.0, sharp)


def _connected(means: CellMeans) -> np.ndarray:
    connected = (means.connectivity >= -means.barrier).astype(float)
    return np.where(np.isnan(means.connectivity), np.nan, connected)
