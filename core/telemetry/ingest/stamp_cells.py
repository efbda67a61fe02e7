"""Cells of a time column that are read together, and what is said of those that can't be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import BadInput

SECOND = 1_000_000_000  # nanoseconds
ISO = "2024-02-15T10:30:00Z"


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells that are read together, the rows of the file in which they stand, and the column's name in messages."""

    values: pa.Array
    rows: np.ndarray
    what: str

    @property
    def missing(self) -> np.ndarray:
        """[cells] bool."""
        return ~self.values.is_valid().to_numpy(zero_copy_only=False)

    def place(self, index: int) -> str:
        """Where a cell stands, rows counted from 1."""
        return f"row {int(self.rows[index]) + 1:,}"

    def shown(self, index: int) -> str:
        """What a cell holds, as messages show it."""
        return str(self.values[index].as_py())[:40]

    def refusal(self, sentence: str) -> BadInput:
        """A sentence on the column as an error."""
        return BadInput(f"{self.what}: {sentence}")


def integers(values: pa.Array) -> np.ndarray:
    """Whole numbers, or times in their unit, as int64; 0 where missing."""
    return np.array(values.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False))


def in_zone(cells: Cells, ns: np.ndarray, zone: str) -> np.ndarray:
    """Wall-clock times of a zone as UTC.

    Args:
        cells: where the times come from.
        ns: [cells] nanoseconds of the wall clock since 1970-01-01.
        zone: IANA name.

    Raises:
        BadInput: a time that does not exist in this zone, or occurs twice.
    """
    if zone in ("UTC", "Etc/UTC", "GMT", "Etc/GMT", "Zulu"):
        return ns
    local = pa.array(ns, mask=cells.missing).cast(pa.timestamp("ns"))
    try:
        return integers(pc.assume_timezone(local, zone, ambiguous="raise", nonexistent="raise"))
    except pa.ArrowInvalid:
        raise _strange_hour(cells, local, zone) from None


def zone_note(cells: Cells, zone: str) -> str:
    """The sentence on stamps that name no zone."""
    return f"{cells.what} names no time zone and was read as {zone}."


def _strange_hour(cells: Cells, local: pa.Array, zone: str) -> BadInput:
    early = integers(pc.assume_timezone(local, zone, ambiguous="earliest", nonexistent="earliest"))
    late = integers(pc.assume_timezone(local, zone, ambiguous="latest", nonexistent="latest"))
    bad = int(np.argmax(early != late))
    return cells.refusal(
        f"{cells.place(bad)} holds {str(local[bad].as_py())[:19]}, which in {zone} does not exist or occurs twice (the clocks "
        "are changed then); write stamps with their offset, such as 2024-10-27T02:30:00+02:00, or in UTC."
    )
