"""Telemetry as a table that is read by column: Parquet as it was brought, anything else as a Parquet copy made once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from core.data.limits import check_size
from core.data.table import check_names, is_number, is_text
from core.errors import BadInput

ColumnType = Literal["number", "truth", "text", "time"]
AT_ONCE = 1 << 22  # values that are read at once


class Columns(Protocol):
    """Named columns of equal length, read one by one.

    Attributes:
        filename: as messages show it.
        names: of the columns.
        types: what each of them holds.
        rows: how many.
    """

    @property
    def filename(self) -> str: ...  # noqa: D102
    @property
    def names(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def types(self) -> Mapping[str, ColumnType]: ...  # noqa: D102
    @property
    def rows(self) -> int: ...  # noqa: D102

    def each(self, names: Sequence[str]) -> Iterator[tuple[str, pa.ChunkedArray]]:
        """Some columns one after the other: name and all values; text is dictionary-encoded."""
        ...

    def head(self, rows: int) -> pa.Table:
        """The first rows of all columns."""
        ...


@dataclass(frozen=True)
class ColumnTable:
    """Columns that are in memory already; attributes as of `Columns`."""

    filename: str
    table: pa.Table

    @property
    def names(self) -> tuple[str, ...]:
        """Of the columns."""
        return tuple(self.table.column_names)

    @cached_property
    def types(self) -> Mapping[str, ColumnType]:
        """What each of them holds."""
        return column_types(self.filename, self.table.schema)

    @property
    def rows(self) -> int:
        """How many."""
        return int(self.table.num_rows)

    def each(self, names: Sequence[str]) -> Iterator[tuple[str, pa.ChunkedArray]]:
        """Some columns one after the other."""
        return ((name, self.table[name]) for name in names)

    def head(self, rows: int) -> pa.Table:
        """The first rows of all columns."""
        return self.table.slice(0, rows)


@dataclass(frozen=True)
class ColumnFile:
    """A Parquet file of plain columns, of which nothing but the names, types and sizes has been read.

    Attributes:
        path: of the Parquet file.
        filename: as messages show it.
        names: of the columns.
        types: what each of them holds; a column without any value counts as numbers.
        rows: how many.
    """

    path: Path
    filename: str
    names: tuple[str, ...]
    types: Mapping[str, ColumnType]
    rows: int

    def each(self, names: Sequence[str]) -> Iterator[tuple[str, pa.ChunkedArray]]:
        """Some columns one after the other, of which few are in memory at once.

        Raises:
            BadInput: the file is damaged.
        """
        at_once = max(AT_ONCE // self.rows, 1)
        for start in range(0, len(names), at_once):
            table = self.read(names[start : start + at_once])
            yield from zip(table.column_names, table.columns, strict=True)

    def read(self, names: Sequence[str]) -> pa.Table:
        """All values of some columns, read row group by row group; text is dictionary-encoded.

        Raises:
            BadInput: the file is damaged.
        """
        wanted = list(names)
        texts = [name for name in wanted if self.types[name] == "text"]
        try:
            with pq.ParquetFile(self.path, read_dictionary=texts) as file:
                groups = [file.read_row_group(index, columns=wanted) for index in range(file.num_row_groups)]
            table = pa.concat_tables(groups).unify_dictionaries().select(wanted)
            table.validate(full=True)  # lengths, dictionary indices and UTF-8, which a damaged file can break
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise damaged(self.filename, error) from None
        if table.num_rows != self.rows:
            raise BadInput(f"{self.filename} declares {self.rows:,} rows and holds {table.num_rows:,}; bring it again.")
        return table

    def head(self, rows: int) -> pa.Table:
        """The first rows of all columns.

        Raises:
            BadInput: the file is damaged.
        """
        try:
            with pq.ParquetFile(self.path) as file:
                batch = next(file.iter_batches(batch_size=rows, row_groups=[0], use_threads=False))
                batch.validate(full=True)
        except (pa.ArrowException, OSError, UnicodeDecodeError, StopIteration) as error:
            raise damaged(self.filename, error) from None
        return pa.Table.from_batches([batch])


def open_columns(path: Path, filename: str) -> ColumnFile:
    """Opens a Parquet file and reads its footer.

    Args:
        path: the file.
        filename: as messages show it.

    Raises:
        BadInput: not Parquet, damaged, no rows, a nested or unknown column type.
        TooLarge: more rows, columns or values than this installation accepts.
    """
    try:
        with pq.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise damaged(filename, error) from None
    check_names(filename, list(schema.names))
    if not schema.names or rows == 0:
        raise BadInput(f"{filename} holds a table without {'rows' if schema.names else 'columns'}.")
    check_size(filename, rows, len(schema.names))
    return ColumnFile(path, filename, tuple(schema.names), column_types(filename, schema), rows)


def column_types(filename: str, schema: pa.Schema) -> dict[str, ColumnType]:
    """What each column holds.

    Raises:
        BadInput: a nested or unknown type.
    """
    return {field.name: _type(filename, field) for field in schema}


def damaged(filename: str, error: Exception) -> BadInput:
    """The refusal of a Parquet file that can't be read."""
    reason = str(error).splitlines()[0][:150].rstrip(". ") if str(error) else type(error).__name__
    return BadInput(f"{filename} can't be read as Parquet, it is damaged or was cut off ({reason}); bring it again.")


def _type(filename: str, field: pa.Field) -> ColumnType:
    if pa.types.is_timestamp(field.type) or pa.types.is_date(field.type):
        return "time"
    if pa.types.is_boolean(field.type):
        return "truth"
    if is_text(field.type):
        return "text"
    if is_number(field.type):
        return "number"
    raise BadInput(
        f"{filename}: column {field.name!r} has type {str(field.type)[:60]}; numbers, truth values, text or times are "
        "expected, one value a cell; leave the column out, or split it into plain columns."
    )
