"""Reads csv: one pass of the Arrow parser; where something is wrong is looked up only then."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import NoReturn

import pyarrow as pa
import pyarrow.csv as pacsv

from core.data.limits import check_memory, check_size
from core.data.table import Table, check_names, is_text
from core.errors import BadInput

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
MISSING = ["", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "?"]
_HEAD_BYTES = 4 << 20
_SAMPLE = 1000  # values of a text column that tell whether it is a number column with a slip in it
_ENDLESS = "has a field of more than 131,072 characters; a double quote may have been left open"  # limit of `csv`
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|inf|infinity|nan)", re.ASCII | re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")


def read_csv(path: Path, filename: str) -> Table:
    """Reads a table whose first line names the columns.

    Comma, semicolon and tab are told apart by the first lines. Empty cells and the words in `MISSING` are null.
    Dates and times are text.

    Args:
        path: the file.
        filename: as messages show it.

    Raises:
        BadInput: not UTF-8, no header, no rows, unclear delimiter, a row of another length, text in a number column.
        TooLarge: more than the limits, or than there is memory.
    """
    head = _head(path, filename)
    try:
        delimiter = _delimiter(head, filename)
        names = [" ".join(name.split()) for name in next(_records(_stream(head), delimiter))]
        header_lines = _header_lines(head, delimiter)
    except csv.Error:
        raise BadInput(f"{filename} could not be read as csv: one of its first rows {_ENDLESS}.") from None
    _check_header(filename, names)
    check_names(filename, names)
    lines, quoted = _count_lines(path)
    if lines <= header_lines:
        raise BadInput(f"{filename} has a header line and no rows below it.")
    check_size(filename, lines - header_lines, len(names))  # blank lines count, too
    check_memory(filename, path.stat().st_size + 12 * lines * len(names))  # the text, 8-byte columns, float32 matrix
    try:
        columns = pacsv.read_csv(
            path,
            read_options=pacsv.ReadOptions(column_names=names, skip_rows=header_lines, block_size=1 << 24),
            parse_options=pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=quoted),
            convert_options=pacsv.ConvertOptions(
                null_values=MISSING,
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                true_values=["true", "True", "TRUE"],
                false_values=["false", "False", "FALSE"],
                timestamp_parsers=["stamps stay as they are written"],  # a format that no cell has
            ),
        )
    except pa.ArrowInvalid as error:
        _refuse(path, filename, delimiter, len(names), str(error))
    if columns.num_rows == 0:
        raise BadInput(f"{filename} has a header line and no rows below it.")
    if any(pa.types.is_binary(kind) for kind in columns.schema.types):
        _refuse_encoding(path, filename)
    table = Table(filename, _dates_as_text(columns), lambda row: _line_of(path, delimiter, row))
    _check_slips(table)
    return table


def csv_head(path: Path, filename: str, rows: int) -> Table:
    """The first rows of a table, for a look at what it holds; text stays as it is written.

    Args:
        path: the file.
        filename: as messages show it.
        rows: physical lines below the header.

    Raises:
        BadInput: these lines are no csv table.
    """
    head = _head(path, filename)
    try:
        delimiter = _delimiter(head, filename)
        header_lines = _header_lines(head, delimiter)
        records = list(_records(_stream("".join(head.splitlines(True)[: header_lines + rows])), delimiter))
    except csv.Error:
        raise BadInput(f"{filename} could not be read as csv: one of its first rows {_ENDLESS}.") from None
    names = [" ".join(name.split()) for name in records[0]]
    _check_header(filename, names)
    check_names(filename, names)
    whole = [fields for fields in records[1:] if len(fields) == len(names)]
    columns: dict[str, pa.Array] = {}
    for place, name in enumerate(names):
        cells = [None if fields[place].strip() in MISSING else fields[place] for fields in whole]
        numbers = [None if cell is None else _number(cell) for cell in cells]
        is_number = all(number is not None for number, cell in zip(numbers, cells, strict=True) if cell is not None)
        columns[name] = pa.array(numbers, pa.float64()) if is_number else pa.array(cells, pa.string())
    return Table(filename, pa.table(columns))


def _head(path: Path, filename: str) -> str:
    """The first megabytes as text, up to the end of a line."""
    with path.open("rb") as stream:
        content = stream.read(_HEAD_BYTES)
        complete = not stream.read(1)
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInput(f"{filename} is not text: it holds zero bytes; save it as csv (UTF-8).")
    if not complete:
        content = content[: content.rfind(b"\n") + 1] or content
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse_encoding(path, filename)
    if not text.strip():
        raise BadInput(f"{filename} is empty: it holds nothing but blank lines.")
    return text


def _delimiter(head: str, filename: str) -> str:
    """The one delimiter that splits the header, or failing that the first rows, in one way."""
    counts = {mark: _widths(head, mark, most=20) for mark in DELIMITERS}
    splitting = [mark for mark, lengths in counts.items() if lengths and lengths[0] > 1]
    if len(splitting) > 1:
        splitting = [mark for mark in splitting if len(set(counts[mark])) == 1]
        if len(splitting) != 1:
            raise BadInput(
                f"{filename}: it is unclear what separates the fields of line 1, which has more than one of comma, "
                "semicolon and tab; separate all fields by commas and put names that hold one in double quotes."
            )
    if splitting:
        return splitting[0]
    for mark, name in (("|", "'|'"), (" ", "spaces"), (":", "':'")):
        lengths = _widths(head, mark, most=2)
        if len(lengths) == 2 and lengths[0] == lengths[1] > 1:
            raise BadInput(f"{filename}: the fields seem to be separated by {name}; separate them by commas.")
    return ","


def _widths(head: str, mark: str, most: int) -> list[int]:
    """Fields of the first rows if this is the delimiter; empty where that would make one field endless."""
    try:
        return [len(row) for row in _records(_stream(head), mark, most)]
    except csv.Error:
        return []


def _stream(text: str) -> io.StringIO:
    return io.StringIO(text, newline="")  # line ends as they are: the csv reader knows all of them


def _records(stream: io.StringIO, delimiter: str, most: int | None = None) -> Iterator[list[str]]:
    """Rows of fields without blank lines, the header first."""
    return islice((row for row in csv.reader(stream, delimiter=delimiter) if row), most)


def _header_lines(head: str, delimiter: str) -> int:
    """Physical lines up to the end of the header; blank lines may stand before it."""
    reader = csv.reader(_stream(head), delimiter=delimiter)
    next(row for row in reader if row)
    return reader.line_num


def _check_header(filename: str, names: list[str]) -> None:
    numbers = [number for number in map(_number, names) if number is not None]
    counting = len(numbers) == len(names) and all(b - a == 1 for a, b in pairwise(numbers))
    whole = all(number == int(number) for number in numbers if abs(number) < 1e15)
    if numbers and (not whole or (len(numbers) == len(names) and not counting)):
        raise BadInput(
            f"{filename}: line 1 must name the columns and holds numbers ({', '.join(names[:4])[:60]}); "
            "put a line of names, such as x1,x2,y, above the rows."
        )


def _count_lines(path: Path) -> tuple[int, bool]:
    """Lines of the file, and whether it has double quotes anywhere (then a cell may hold a line break)."""
    newlines = returns = 0
    quoted, last = False, b"\n"
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            newlines += block.count(b"\n")
            returns += block.count(b"\r")
            quoted = quoted or b'"' in block
            last = block[-1:]
    return (newlines or returns) + (last not in b"\r\n"), quoted


def _number(text: str) -> float | None:
    """The number that the parser sees in a cell; Python's own `float` takes 1_000 and other digits, too."""
    stripped = text.strip(" \t")
    return float(stripped) if _NUMBER.fullmatch(stripped) else None


def _dates_as_text(columns: pa.Table) -> pa.Table:
    for position, field in enumerate(columns.schema):
        if pa.types.is_temporal(field.type):
            columns = columns.set_column(position, field.name, columns.column(position).cast(pa.string()))
    return columns


def _check_slips(table: Table) -> None:
    """Refuses a column that is text only because some of its cells are no numbers."""
    for field in table.columns.schema:
        if not is_text(field.type):
            continue
        column = table.columns[field.name]
        sample = column.drop_null().slice(0, _SAMPLE).to_pylist()
        alike = sum(_number(text) is not None or bool(_DECIMAL_COMMA.fullmatch(text.strip())) for text in sample)
        if 2 * alike < len(sample):
            continue
        cells = enumerate(column.to_pylist())
        row, found = next(((row, text) for row, text in cells if text is not None and _number(text) is None), (-1, ""))
        if row < 0:  # all of them look like numbers, though not to the parser: it counts as text
            continue
        remedy = "correct the cell, or leave it empty where the value is missing"
        if _DECIMAL_COMMA.fullmatch(found.strip()):
            remedy = "write decimal numbers with a point"
        elif "\n" in found:
            remedy = "a double quote may have been left open there"
        raise BadInput(
            f"{table.filename}: column {field.name!r} holds numbers, but {table.place(row)} holds {found[:40]!r}; {remedy}."
        )


def _line_of(path: Path, delimiter: str, row: int) -> int | None:
    """The line in which a data row ends; rows and header may span several lines. None past an endless field."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, delimiter=delimiter)
        try:
            next(islice((fields for fields in reader if fields), row + 1, None))
        except csv.Error:
            return None
        return reader.line_num


def _refuse(path: Path, filename: str, delimiter: str, width: int, reason: str) -> NoReturn:
    """Finds the row that the parser could not take."""
    with path.open("rb") as content:
        if any(not _is_utf8(line) for line in content):
            _refuse_encoding(path, filename)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, delimiter=delimiter)
        row = -1
        try:
            for fields in reader:
                row += bool(fields)
                if fields and len(fields) != width:
                    line, last = reader.line_num, next(reader, None) is None
                    raise BadInput(_ragged(filename, row, line, fields, width, delimiter, last))
        except csv.Error:
            reason = f"row {row + 1:,} {_ENDLESS}"
    raise BadInput(f"{filename} could not be read as csv: {reason.splitlines()[0][:200]}.")


def _ragged(filename: str, row: int, line: int, fields: list[str], width: int, delimiter: str, last: bool) -> str:
    counted = f"{len(fields)} {'field' if len(fields) == 1 else 'fields'}"
    sentence = f"{filename}: row {row:,} (line {line:,}) has {counted} where the header has {width}"
    for mark, name in DELIMITERS.items():
        if mark != delimiter and sum(field.count(mark) for field in fields) == width - 1:
            return f"{sentence}: it is separated by {name}, the header by {DELIMITERS[delimiter]}; use one delimiter."
    if last and len(fields) < width:
        return f"{sentence}; it is the last row, so the file may have been cut off: bring it again."
    return f"{sentence}; give each row one field for each column, in double quotes where it holds a {DELIMITERS[delimiter]}."


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _refuse_encoding(path: Path, filename: str) -> NoReturn:
    with path.open("rb") as content:
        number = next((number for number, line in enumerate(content, start=1) if not _is_utf8(line)), 1)
    raise BadInput(f"{filename} is not UTF-8 text (line {number:,}); save it as csv in UTF-8 encoding.")
