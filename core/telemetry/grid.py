"""Telemetry on a regular time grid: what every method of this package works on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Grid:
    """Columns of telemetry, one row a time step.

    Attributes:
        times: [rows] int64, start of each row in milliseconds since 1970-01-01 UTC; evenly spaced.
        step: seconds between two rows.
        names: of the columns, in the order of the file.
        values: [rows, columns] float64; NaN where nothing is known. A state holds the number of its category.
        units: of the columns that have one.
        states: the columns that hold states: few distinct values, not averaged.
        categories: for states that were text, the words behind the numbers 0, 1, ...
        labels: [rows] bool, rows that are known to be anomalous; None where the file has no label column.
    """

    times: np.ndarray
    step: float
    names: tuple[str, ...]
    values: np.ndarray
    units: Mapping[str, str] = field(default_factory=dict)
    states: frozenset[str] = frozenset()
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: np.ndarray | None = None

    @property
    def rows(self) -> int:
        """How many time steps."""
        return len(self.times)

    def column(self, name: str) -> np.ndarray:
        """[rows] values of one column."""
        return self.values[:, self.names.index(name)]

    def columns(self, names: Sequence[str]) -> np.ndarray:
        """[rows, len(names)] values of some columns."""
        return self.values[:, [self.names.index(name) for name in names]]

    def rows_in(self, seconds: float) -> int:
        """A duration in rows: the nearest whole number, at least 1."""
        return max(1, round(seconds / self.step))
