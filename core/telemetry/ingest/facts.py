"""What a look at all values of a column tells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.table import is_text
from core.data.telemetry_file import ColumnType
from core.telemetry.ingest.units import unit_of

STATE_VALUES = 8  # a column of at most so many different whole numbers is a state
STATE_WORDS = 50  # a column of at most so many different words is a state
FEW = 50  # different values are counted up to here


@dataclass(frozen=True, eq=False)
class Facts:
    """A column in numbers.

    Attributes:
        name: in the header.
        type: "number", "truth", "text" or "time".
        unit: from the header, "" without.
        rows: of the file.
        missing: cells without a value; infinite numbers count as missing.
        infinite: of these, the infinite numbers.
        distinct: different values, counted up to `FEW` + 1.
        low: smallest number; None for text and empty columns.
        high: largest number.
        whole: few different numbers, and all are whole ones: a coarse sensor has few values, too, but seldom whole ones alone.
    """

    name: str
    type: ColumnType
    unit: str
    rows: int
    missing: int
    infinite: int
    distinct: int
    low: float | None = None
    high: float | None = None
    whole: bool = False

    @property
    def empty(self) -> bool:
        """No value at all."""
        return self.missing == self.rows

    @property
    def constant(self) -> bool:
        """One value throughout."""
        return self.distinct == 1

    @property
    def is_state(self) -> bool:
        """Few different values: a state, not a quantity."""
        if self.type == "text":
            return 0 < self.distinct <= STATE_WORDS
        return self.type == "truth" or (self.type == "number" and self.whole and 0 < self.distinct <= STATE_VALUES)

    @property
    def is_quantity(self) -> bool:
        """Numbers that are no state."""
        return self.type == "number" and not self.empty and not self.is_state


@dataclass(frozen=True, eq=False)
class Column:
    """The values of a column as numbers, and what they tell.

    Attributes:
        facts: of the column.
        values: [rows] float64, NaN where missing; of text the number of the word in `words`.
        words: the different words in alphabetical order; empty for numbers.
    """

    facts: Facts
    values: np.ndarray
    words: tuple[str, ...] = ()


def read_column(name: str, kind: ColumnType, column: pa.ChunkedArray) -> Column:
    """Turns a column of a file into numbers.

    Args:
        name: of the column.
        kind: what it holds; "time" is none of numbers and has no values.
        column: its cells.
    """
    rows = len(column)
    if kind == "time":
        return Column(Facts(name, kind, "", rows, column.null_count, 0, FEW + 1), np.full(rows, np.nan))
    if kind == "text":
        return _read_text(name, column)
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    # `to_numpy` of a column without nulls may be a view of Arrow's memory, which is read-only.
    values = np.array(column.cast(pa.float64(), safe=False).to_numpy())
    infinite = np.isinf(values)
    values[infinite] = np.nan
    known = values[~np.isnan(values)]
    missing = rows - len(known)
    low, high = (float(known.min()), float(known.max())) if len(known) else (None, None)
    distinct = _distinct(known)
    whole = distinct <= STATE_VALUES and bool((known == np.rint(known)).all())
    facts = Facts(name, kind, unit_of(name), rows, missing, int(infinite.sum()), distinct, low, high, whole)
    return Column(facts, values)


def _distinct(known: np.ndarray) -> int:
    """Different values, counted up to `FEW` + 1; most columns are told by their first thousand rows."""
    for part in (known[:1000], known):
        found = len(np.unique(part))
        if found > FEW or part is known or len(known) <= 1000:
            return min(found, FEW + 1)
    return 0


def _read_text(name: str, column: pa.ChunkedArray) -> Column:
    coded = column.combine_chunks() if is_text(column.type) else column
    if not pa.types.is_dictionary(coded.type):
        coded = pc.dictionary_encode(coded)
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    words = np.array([str(word) for word in coded.dictionary.to_pylist()], dtype=object)
    codes = coded.indices.cast(pa.float64()).to_numpy(zero_copy_only=False)
    known = ~np.isnan(codes)
    used = np.unique(codes[known]).astype(np.int64)
    names, place = np.unique(words[used].astype(str), return_inverse=True) if len(used) else (np.array([]), used)
    number = np.full(len(words) + 1, np.nan)
    number[used] = place
    values = np.full(len(codes), np.nan)
    values[known] = number[codes[known].astype(np.int64)]
    facts = Facts(name, "text", unit_of(name), len(codes), int((~known).sum()), 0, min(len(names), FEW + 1))
    return Column(facts, values, tuple(str(one) for one in names) if len(names) <= STATE_WORDS else ())
