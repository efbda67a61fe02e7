"""Reads Parquet: sizes from the footer first, then one row group after the other."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.data.archive import BOMB_BYTES, BOMB_RATIO
from core.data.limits import check_memory, check_size
from core.data.table import Table, check_names, is_number, is_text
from core.errors import BadInput, TooLarge
from core.sizes import in_bytes


def read_parquet(path: Path, filename: str) -> Table:
    """Reads a table of numbers, truth values and text; dates and times become text.

    Text stays dictionary-encoded: a small file can hold one long text a million times.

    Args:
        path: the file.
        filename: as messages show it.

    Raises:
        BadInput: not Parquet, truncated, no rows, a nested or unknown column type.
        TooLarge: more than the limits, than there is memory, or so tightly packed that it can only be a bomb.
    """
    try:
        with pq.ParquetFile(path) as plain:
            schema, footer = plain.schema_arrow, plain.metadata
            _check(filename, schema, footer, path.stat().st_size)
        texts = [field.name for field in schema if is_text(field.type)]
        with pq.ParquetFile(path, read_dictionary=texts) as file:
            groups = [_simplified(file.read_row_group(index)) for index in range(file.num_row_groups)]
        columns = pa.concat_tables(groups).unify_dictionaries()
        columns.validate(full=True)  # lengths, dictionary indices and UTF-8, which a damaged file can break
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{filename} can't be read as Parquet, it is damaged or was cut off ({_reason(error)}); bring it again."
        ) from None
    if columns.num_rows != footer.num_rows:
        raise BadInput(f"{filename} declares {footer.num_rows:,} rows and holds {columns.num_rows:,}; bring it again.")
    return Table(filename, columns)


def _check(filename: str, schema: pa.Schema, footer: pq.FileMetaData, size: int) -> None:
    check_names(filename, list(schema.names))
    if not schema.names or footer.num_rows == 0:
        raise BadInput(f"{filename} holds a table without {'rows' if schema.names else 'columns'}.")
    check_size(filename, footer.num_rows, len(schema.names))
    for field in schema:
        if not (is_number(field.type) or is_text(field.type) or pa.types.is_temporal(field.type)):
            raise BadInput(
                f"{filename}: column {field.name!r} has type {str(field.type)[:60]}; numbers, truth values or text are "
                "expected, one value a cell; split it into plain columns, or save arrays as npz."
            )
    values = 8 * footer.num_rows * len(schema.names)
    if values > max(BOMB_BYTES, BOMB_RATIO * size):
        raise TooLarge(
            f"{filename} would unpack from {in_bytes(size)} to {in_bytes(values)}, as a decompression bomb does; if these are "
            "real data, leave out the columns that never change, or save them as npz."
        )
    declared = sum(footer.row_group(index).total_byte_size for index in range(footer.num_row_groups))
    check_memory(filename, declared + 12 * footer.num_rows * len(schema.names))


def _simplified(group: pa.Table) -> pa.Table:
    for position, field in enumerate(group.schema):
        if pa.types.is_temporal(field.type):
            group = group.set_column(position, field.name, group.column(position).cast(pa.string()))
        elif pa.types.is_float16(field.type) or pa.types.is_decimal(field.type):
            group = group.set_column(position, field.name, group.column(position).cast(pa.float64()))
    return group.replace_schema_metadata(None)


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0][:150].rstrip(". ") if str(error) else type(error).__name__
