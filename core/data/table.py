"""A table of named columns, from csv or Parquet, and how it becomes a data set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.dataset import Dataset
from core.data.finite import first_not_finite, in_all
from core.data.labels import LABEL_NAMES, encode_numbers, encode_text
from core.data.limits import check_memory
from core.errors import BadInput

LONGEST_NAME = 200
_BATCH_ROWS = 1 << 16


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of numbers (integer, float, truth values) and of text (plain or dictionary-encoded).

    Attributes:
        filename: as messages show it.
        columns: the content; empty cells are null.
        line_of: the line, counted from 1, of a data row, counted from 0, where a file has lines.
    """

    filename: str
    columns: pa.Table
    line_of: Callable[[int], int | None] | None = None

    @property
    def names(self) -> list[str]:
        """Column names."""
        return list(self.columns.column_names)

    def place(self, row: int) -> str:
        """Where a data row is, as a person counts: "row 17 (line 18)"."""
        line = self.line_of(row) if self.line_of else None
        return f"row {row + 1:,}" + (f" (line {line:,})" if line else "")

    def is_text(self, name: str) -> bool:
        """Does the column hold text?"""
        return is_text(self.columns.schema.field(name).type)


def is_text(kind: pa.DataType) -> bool:
    """Is this the type of a text column?"""
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(plain) or pa.types.is_large_string(plain) or pa.types.is_string_view(plain))


def is_number(kind: pa.DataType) -> bool:
    """Is this the type of a number column? A column without any value counts as one."""
    types = pa.types
    return bool(
        types.is_integer(kind)
        or types.is_floating(kind)
        or types.is_boolean(kind)
        or types.is_decimal(kind)
        or types.is_null(kind)
    )


def check_names(filename: str, names: list[str]) -> None:
    """Refuses columns without a name or with an endless one, and two of the same name.

    Raises:
        BadInput: names the column and what to do.
    """
    seen: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        if not name:
            raise BadInput(
                f"{filename}: column {position} has no name; name it, or leave it out where it only numbers "
                "the rows (pandas: to_csv(..., index=False))."
            )
        if len(name) > LONGEST_NAME:
            raise BadInput(
                f"{filename}: column {position} has a name of {len(name):,} characters; at most {LONGEST_NAME} are read."
            )
        if name in seen:
            raise BadInput(f"{filename}: columns {seen[name]} and {position} are both called {name!r}; rename one.")
        seen[name] = position


def listed(names: list[str], most: int = 10) -> str:
    """Column names in a sentence, the first ones and how many more."""
    return ", ".join(" ".join(name.split()) for name in names[:most]) + (
        f" and {len(names) - most:,} more" if len(names) > most else ""
    )


def guess_labels(table: Table) -> str | None:
    """The label column of a table for which none was chosen.

    It is the one column called y, label, target or class, in any case, if its values can be labels: text or
    whole numbers that repeat. So the y of points x, y, z is no label.
    """
    candidates = [name for name in table.names if name.lower() in LABEL_NAMES]
    if len(candidates) != 1:
        return None
    try:
        encode_column(table, candidates[0])
    except BadInput:
        return None
    return candidates[0]


def encode_column(table: Table, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """The labels in a column; rows without one count as -1.

    Returns:
        Class numbers int64 [rows], and class names.

    Raises:
        BadInput: the values can't be labels.
    """
    what = f"{table.filename}, column {name!r}"
    column = table.columns[name].combine_chunks()
    present = column.is_valid().to_numpy(zero_copy_only=False)
    if not present.any():
        raise BadInput(f"{what} can't be class labels: it is empty.")
    values = column.drop_null()
    y = np.full(len(column), -1, dtype=np.int64)
    if table.is_text(name):
        encoded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
        used, codes = np.unique(encoded.indices.to_numpy(zero_copy_only=False), return_inverse=True)
        y[present], classes = encode_text(np.array(encoded.dictionary.to_pylist(), dtype=object)[used], codes, what)
    else:
        rows = np.flatnonzero(present)

        def place(index: int) -> str:
            return table.place(int(rows[index]))

        numbers = values.cast(pa.float64()) if pa.types.is_decimal(values.type) else values
        y[present], classes = encode_numbers(numbers.to_numpy(zero_copy_only=False), what, place)
    return y, classes


def table_dataset(table: Table, target: str, name: str) -> Dataset:
    """The data set of a table: every column but the label column is a feature.

    Args:
        table: what a reader returned.
        target: name of the label column; empty: as `guess_labels` says.
        name: of the data set.

    Raises:
        BadInput: no such column, values that can't be labels, a feature of text, a missing or infinite value.
    """
    if target and target not in table.names:
        raise BadInput(f"{table.filename} has no column {target!r}; it has {listed(table.names)}.")
    label = target or guess_labels(table)
    features = [column for column in table.names if column != label]
    if not features:
        raise BadInput(f"{table.filename} has no column besides {label!r}; at least one feature is needed.")
    check_features(table, features)
    X = _matrix(table, features)
    if label is None:
        return Dataset(name, X, feature_names=tuple(features), without_labels=_without_labels(table))
    y, classes = encode_column(table, label)
    unlabelled = np.flatnonzero(y < 0)
    if len(unlabelled):
        raise BadInput(
            f"{table.filename}: {table.place(int(unlabelled[0]))} has no label in column {label!r}, "
            f"{len(unlabelled):,} in all; label these rows or remove them."
        )
    return Dataset(name, X, y, classes, tuple(features))


def check_features(table: Table, features: list[str]) -> None:
    """Refuses features that hold text.

    Raises:
        BadInput: names the first such column, what it holds, and what to do.
    """
    for feature in features:
        if table.is_text(feature):
            column = table.columns[feature]
            row = int(np.argmax(column.is_valid().to_numpy()))
            raise BadInput(
                f"{table.filename}: column {feature!r} holds {str(column[row].as_py())[:40]!r} in {table.place(row)}, "
                f"text where numbers are expected; leave the column out, turn it into numbers, or choose it as the label column with target={feature}."
            )


def _without_labels(table: Table) -> str:
    candidates = [name for name in table.names if name.lower() in LABEL_NAMES]
    choose = "choose the label column with target=NAME"
    if len(candidates) > 1:
        return f"{table.filename}: the columns {listed(candidates)} could each be the label; {choose}."
    if candidates:
        return (
            f"{table.filename}: the values of column {candidates[0]!r} are no class labels (text or whole numbers "
            f"that repeat), so it counts as a feature; {choose}, one of {listed(table.names)}."
        )
    return (
        f"{table.filename} has no column called {', '.join(LABEL_NAMES[:-1])} or {LABEL_NAMES[-1]}, so it has no "
        f"labels; {choose}, one of {listed(table.names)}."
    )


def _matrix(table: Table, features: list[str]) -> np.ndarray:
    """float32 [rows, features]; refuses what is missing, infinite, or too large for float32."""
    check_memory(table.filename, 4 * table.columns.num_rows * len(features))
    X = np.empty((table.columns.num_rows, len(features)), dtype=np.float32)
    for start, batch in _batches(table.columns.select(features)):
        part = X[start : start + batch.num_rows]
        for position in range(len(features)):
            with np.errstate(over="ignore"):
                part[:, position] = as_floats(batch.column(position))
    bad = first_not_finite(X)
    if bad is not None:
        row, position, total = bad
        raise BadInput(f"{table.filename}: {_not_finite(table, row, features[position])}; {in_all(total)}")
    return X


def _not_finite(table: Table, row: int, name: str) -> str:
    value = table.columns[name][row].as_py()
    if value is None or value != value:
        return f"column {name!r} has no value (an empty cell or NaN) in {table.place(row)}"
    if np.isinf(float(value)):
        return f"column {name!r} is infinite in {table.place(row)}"
    return f"column {name!r} holds {float(value):g} in {table.place(row)}, too large for 32-bit numbers"


def as_floats(column: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """A number column as float64 [rows], NaN where a value is missing."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    values = column.cast(pa.float64(), safe=False)
    return values.to_numpy(zero_copy_only=False) if isinstance(values, pa.Array) else values.to_numpy()


def _batches(columns: pa.Table) -> Iterator[tuple[int, pa.RecordBatch]]:
    start = 0
    for batch in columns.to_batches(max_chunksize=_BATCH_ROWS):
        yield start, batch
        start += batch.num_rows


def missing_count(column: pa.ChunkedArray) -> int:
    """How many values of a column are null or NaN."""
    return int(column.null_count) + (
        int(pc.sum(pc.is_nan(column)).as_py() or 0) if pa.types.is_floating(column.type) else 0
    )
