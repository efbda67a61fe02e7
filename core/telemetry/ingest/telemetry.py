"""What an ingestion results in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.telemetry.grid import Grid
from core.telemetry.ingest.roles import Role


@dataclass(frozen=True, eq=False)
class Telemetry:
    """A series ready for analysis; its arrays are shared by all callers of this process and read-only.

    Attributes:
        name: of the file or built-in.
        grid: the used columns on a regular time grid; targets first, then covariates, each in the order of the file.
        targets: names of the columns that may misbehave.
        covariates: names of the columns that may explain it, states among them.
        roles: part of each column of the file.
        columns: the table `columns`, see `core.telemetry.ingest.quality`.
        gaps: the table `gaps`.
        missing: [rows, grid columns] float32, share of a bin's rows without a value, before short gaps were filled.
        file_rows: [file rows] int32, row of the grid that each row of the file fell into; -1 for rows without a time.
        file_step: median seconds between two rows of the file.
        notes: what the reader must know.
        training_rows: at the start of the grid, known to be free of events without being told; None where nothing is.
    """

    name: str
    grid: Grid
    targets: tuple[str, ...]
    covariates: tuple[str, ...]
    roles: Mapping[str, Role]
    columns: pd.DataFrame
    gaps: pd.DataFrame
    missing: np.ndarray
    file_rows: np.ndarray
    file_step: float
    notes: tuple[str, ...] = ()
    training_rows: int | None = None

    def rows_of_first(self, count: int) -> int:
        """How many rows of the grid the first rows of the file reach, in the order of time: up to the last of them."""
        stamped = np.sort(self.file_rows[self.file_rows >= 0])
        return int(stamped[min(count, len(stamped)) - 1]) + 1 if count > 0 else 0

    def rows_until(self, ms: int) -> int:
        """How many rows of the grid lie before a time, in milliseconds since 1970-01-01 UTC."""
        return int(np.searchsorted(self.grid.times, ms))
