"""Reads numbers in lines of text without a header: UCR archive files, plain tables, matrices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np

from core.data.limits import check_size
from core.errors import BadInput

_SEPARATORS = re.compile(r"[,;\s]+")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|inf(inity)?|nan)", re.ASCII | re.IGNORECASE)


def starts_with_numbers(line: str) -> bool:
    """Does a line hold numbers alone, so that the file has no header?"""
    fields = _fields(line)
    return bool(fields) and all(_NUMBER.fullmatch(field) for field in fields)


def number_rows(lines: Iterable[str], filename: str) -> list[np.ndarray]:
    """The numbers of each line that is not blank; fields are separated by comma, semicolon, tab or spaces.

    Args:
        lines: text.
        filename: as messages show it.

    Returns:
        Float64 rows, perhaps of different lengths; NaN where a field says so.

    Raises:
        BadInput: a field that is no number (line and field are named), or no line at all.
        TooLarge: more rows or values than this installation accepts.
    """
    rows: list[np.ndarray] = []
    values = 0
    for number, fields in _split(lines):
        rows.append(_numbers(fields, number, filename))
        values += len(fields)
        if len(rows) % 1024 == 0:
            check_size(filename, len(rows), values // len(rows))
    if not rows:
        raise BadInput(f"{filename} is empty: it holds nothing but blank lines.")
    check_size(filename, len(rows), max(len(row) for row in rows))
    return rows


def labelled_series(rows: list[np.ndarray], filename: str) -> tuple[list[np.ndarray], np.ndarray]:
    """Series [length] and labels [series], from rows that begin with their label as in the UCR archive.

    NaN at the end of a row fills it up and is dropped.

    Raises:
        BadInput: a row with fewer than two values after its label.
    """
    series = [_without_padding(row[1:]) for row in rows]
    for number, values in enumerate(series):
        if len(values) < 2:
            raise BadInput(
                f"{filename}: series {number + 1:,} has {len(values)} values after its label; at least 2 are expected."
            )
    return series, np.array([row[0] for row in rows])


def plain_series(rows: list[np.ndarray], filename: str) -> list[np.ndarray]:
    """Series [length] from rows without labels; NaN at the end is dropped.

    Raises:
        BadInput: a row with fewer than two values.
    """
    series = [_without_padding(row) for row in rows]
    for number, values in enumerate(series):
        if len(values) < 2:
            raise BadInput(f"{filename}: series {number + 1:,} has {len(values)} values; at least 2 are expected.")
    return series


def begins_with_labels(rows: list[np.ndarray]) -> bool:
    """Are the first values of rows whole numbers that repeat, as labels do, and the other values not?"""
    first = np.array([row[0] for row in rows])
    whole = np.isfinite(first).all() and (first == np.floor(first)).all()
    fractions = any((row[1:] != np.floor(row[1:])).any() for row in rows[:100])
    return bool(whole and fractions and 2 * len(np.unique(first)) <= len(first))


def as_table(rows: list[np.ndarray], filename: str) -> np.ndarray:
    """Rows of equal length as [rows, columns].

    Raises:
        BadInput: names the first row of another length.
    """
    width = len(rows[0])
    for number, row in enumerate(rows):
        if len(row) != width:
            raise BadInput(
                f"{filename}: row {number + 1:,} has {len(row)} values and row 1 has {width}; equal lengths are expected."
            )
    return np.stack(rows)


def _split(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(lines, start=1):
        fields = _fields(line)
        if fields:
            yield number, fields


def _fields(line: str) -> list[str]:
    stripped = line.strip().strip(",;")
    return _SEPARATORS.split(stripped) if stripped and not stripped.startswith(("#", "%")) else []


def _numbers(fields: list[str], line: int, filename: str) -> np.ndarray:
    for place, text in enumerate(fields):
        if not _NUMBER.fullmatch(text) and text not in ("?", "NA"):
            raise BadInput(f"{filename}: line {line:,}, field {place + 1:,} is {text[:40]!r}; a number is expected.")
    return np.array([np.nan if text in ("?", "NA") else float(text) for text in fields])


def _without_padding(values: np.ndarray) -> np.ndarray:
    present = np.flatnonzero(~np.isnan(values))
    return values[: present[-1] + 1] if len(present) else values[:0]
