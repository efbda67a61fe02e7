"""Which rows show a parameter as it should be: marked by a person, told by labels, or found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.telemetry.metrics.events import runs

DROPPED = 0.01  # share of the rows with the largest residuals that a found range leaves out
NominalRule = Literal["rows", "time", "labels", "found"]


@dataclass(frozen=True, eq=False)
class NominalRange:
    """The rows that models learn from and scales are measured on.

    Attributes:
        rows: [rows] bool; None where each parameter finds its own.
        rule: how it came about.
        end: row behind the marked range, where the part to be judged begins; 0 where there is none.
    """

    rows: np.ndarray | None
    rule: NominalRule
    end: int


def nominal_range(rows: int, end: int | None, by: Literal["rows", "time"], labels: np.ndarray | None) -> NominalRange:
    """The rows before a mark without those labelled as anomalous; without a mark all rows labelled as normal.

    Args:
        rows: of the grid.
        end: first row behind the marked range; None: nothing was marked.
        by: what the mark was.
        labels: [rows] bool, or None.
    """
    normal = np.ones(rows, dtype=bool) if labels is None else ~labels
    if end is not None:
        return NominalRange(normal & (np.arange(rows) < end), by, min(end, rows))
    if labels is not None and labels.any():
        return NominalRange(normal, "labels", 0)
    return NominalRange(None, "found", 0)


def without_largest(sizes: np.ndarray, margin: int, share: float = DROPPED) -> np.ndarray:
    """[rows] bool: the rows to keep when those with the largest sizes are left out, with a margin on either side.

    Args:
        sizes: [rows] absolute residuals, NaN where there is none.
        margin: rows on either side of each row left out.
        share: of the rows with a size that are left out, without the margins.
    """
    known = ~np.isnan(sizes)
    if not known.any():
        return known
    wild = known & (sizes > np.quantile(sizes[known], 1 - share))
    kept = known.copy()
    for first, last in zip(*runs(wild), strict=True):
        kept[max(first - margin, 0) : last + margin + 1] = False
    return kept
