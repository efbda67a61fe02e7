"""What the library shows of a file, and what estimates need: a look at all of it, without a chosen label."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.arrays import Arrays, check_labels, encode_labels, names_of
from core.data.formats import format_of, shown
from core.data.reading import holds_labels_only, read_file
from core.data.table import Table, as_floats, encode_column, guess_labels, missing_count
from core.errors import BadInput

LISTED_COLUMNS = 200
LISTED_CLASSES = 100
LISTED_DISTINCT = 50  # "small": more distinct values than this are not counted out
PREVIEW_ROWS, PREVIEW_COLUMNS = 8, 12
_SAMPLE = 1000  # rows that tell whether counting the distinct values of a column is worth it
_BATCH_VALUES = 1 << 22


def inspect_dataset(path: Path, filename: str) -> dict[str, Any]:
    """Reads a whole file and describes it in plain JSON values.

    A file with missing or infinite values, or with text columns, is accepted here: the details say so, and
    `load_dataset` refuses it where an analysis can't use it.

    Args:
        path: the file.
        filename: what the person calls it; its ending tells the format.

    Returns:
        format; kind ("dataset"; "labels" of an idx labels file; "table" of a single column that is no feature: labels or
        text, which no data set can be made of, but which may go beside one); rows; shape of a sample and features (number of
        its values), as they come out with the guessed label; columns (the first 200: name, type "number" or "text",
        missing, distinct values where these are few); column_count; labels (guessed label column, "y", or None);
        classes (how many) and class_counts (the first 100 by name); missing and infinite (values in all);
        preview ({"columns", "rows"}: the first 8 rows and 12 columns, None where missing); value_range [smallest,
        largest] of the features, or None; decoded_bytes (of X as float32).

    Raises:
        BadInput: the file can't be used by any analysis.
        TooLarge: more than the limits, or than there is memory.
    """
    format_, name = format_of(filename), shown(filename)
    content = read_file(path, format_, name)
    if isinstance(content, Table):
        return {"format": format_.name, **_describe_table(content)}
    if holds_labels_only(content, format_):
        return {"format": format_.name, "kind": "labels", **_describe_labels(content)}
    return {"format": format_.name, "kind": "dataset", **_describe_arrays(content)}


def _describe_table(table: Table) -> dict[str, Any]:
    label = guess_labels(table)
    columns: list[dict[str, Any]] = []
    missing, infinite, extremes = 0, 0, []
    for name in table.names:
        column = table.columns[name]
        absent = missing_count(column)
        missing += absent
        if not table.is_text(name) and name != label:
            values = as_floats(column)
            infinite += int(np.count_nonzero(np.isinf(values)))
            extremes += _extremes(values)
        if len(columns) < LISTED_COLUMNS:
            kind = "text" if table.is_text(name) else "number"
            columns.append({"name": name, "type": kind, "missing": absent} | _distinct_in_column(column))
    single = len(table.names) == 1 and (label is not None or table.is_text(table.names[0]))
    texts = [name for name in table.names if name != label]
    rows = table.columns.num_rows
    repeating = any(2 <= one.get("distinct", 0) < rows for one in columns)  # may be chosen as the labels of texts
    if not (single or label or repeating) and all(table.is_text(name) for name in texts):
        raise BadInput(
            f"{table.filename} holds no column of numbers; at least one is needed, or, of texts to classify, a column of labels "
            f"(at most {LISTED_DISTINCT} different ones, or any number in a column called y, label, target or class)."
        )
    y, classes = encode_column(table, label) if label else (None, ())
    features = 0 if single else len(table.names) - (label is not None)
    shown_columns = table.names[:PREVIEW_COLUMNS]
    head = table.columns.select(shown_columns).slice(0, PREVIEW_ROWS).to_pylist()
    return {
        "kind": "table" if single else "dataset",
        "rows": rows,
        "shape": [features],
        "features": features,
        "columns": columns,
        "column_count": len(table.names),
        "labels": label,
        **_class_details(y, classes),
        "missing": missing,
        "infinite": infinite,
        "preview": {"columns": shown_columns, "rows": [[_plain(row[name]) for name in shown_columns] for row in head]},
        "value_range": [min(extremes), max(extremes)] if extremes else None,
        "decoded_bytes": 4 * rows * features,
    }


def _describe_arrays(arrays: Arrays) -> dict[str, Any]:
    rows, shape = len(arrays.X), list(arrays.X.shape[1:]) or [1]
    X = arrays.X.reshape(rows, -1)
    names = names_of(tuple(shape))
    missing = np.zeros(len(names), dtype=np.int64)
    infinite, extremes = 0, []
    step = max(_BATCH_VALUES // len(names), 1)
    for start in range(0, rows, step):
        part = X[start : start + step]
        missing += np.count_nonzero(np.isnan(part), axis=0)
        infinite += int(np.count_nonzero(np.isinf(part)))
        extremes += _extremes(part)
    y, classes = _labels_of(arrays)
    listed = min(len(names), LISTED_COLUMNS) if len(shape) == 1 else 0  # pixels are no columns to list
    return {
        "rows": rows,
        "shape": shape,
        "features": len(names),
        "columns": [
            {"name": names[index], "type": "number", "missing": int(missing[index])} | _distinct_in_array(X[:, index])
            for index in range(listed)
        ],
        "column_count": len(names),
        "labels": "y" if y is not None else None,
        **_class_details(y, classes),
        "missing": int(missing.sum()),
        "infinite": infinite,
        "preview": _preview(X, names, y, classes),
        "value_range": [min(extremes), max(extremes)] if extremes else None,
        "decoded_bytes": 4 * X.size,
    }


def _describe_labels(arrays: Arrays) -> dict[str, Any]:
    labels = Arrays(arrays.filename, arrays.X, arrays.X)
    y, classes = encode_labels(labels)
    return {
        "rows": len(y),
        "shape": [],
        "features": 0,
        "columns": [],
        "column_count": 0,
        "labels": "y",
        **_class_details(y, classes),
        "missing": 0,
        "infinite": 0,
        "preview": {"columns": ["y"], "rows": [[classes[label]] for label in y[:PREVIEW_ROWS]]},
        "value_range": None,
        "decoded_bytes": 0,
    }


def _labels_of(arrays: Arrays) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """As `arrays_dataset` has it: a y that can't be labels is no obstacle to questions that need none."""
    check_labels(arrays)
    if arrays.y is None:
        return None, ()
    try:
        return encode_labels(arrays)
    except BadInput:
        return None, ()


def _class_details(y: np.ndarray | None, classes: tuple[str, ...]) -> dict[str, Any]:
    if y is None:
        return {"classes": 0, "class_counts": {}}
    counts = np.bincount(y[y >= 0], minlength=len(classes))
    listed = zip(classes[:LISTED_CLASSES], counts[:LISTED_CLASSES], strict=True)
    return {"classes": len(classes), "class_counts": {name: int(count) for name, count in listed}}


def _preview(X: np.ndarray, names: tuple[str, ...], y: np.ndarray | None, classes: tuple[str, ...]) -> dict[str, Any]:
    columns = list(names[: PREVIEW_COLUMNS - (y is not None)])
    rows = [[_plain(value.item()) for value in row[: len(columns)]] for row in X[:PREVIEW_ROWS]]
    if y is not None:
        columns.append("y")
        rows = [[*row, classes[label]] for row, label in zip(rows, y[:PREVIEW_ROWS], strict=True)]
    return {"columns": columns, "rows": rows}


def _count_distinct(column: pa.ChunkedArray) -> int:
    if pa.types.is_dictionary(column.type):
        column = pa.chunked_array([chunk.indices for chunk in column.chunks])
    if pa.types.is_null(column.type):
        return 0
    return int(pc.count_distinct(column, mode="only_valid").as_py())


def _distinct_in_column(column: pa.ChunkedArray) -> dict[str, int]:
    return _few(_count_distinct(column)) if _few(_count_distinct(column.slice(0, _SAMPLE))) else {}


def _distinct_in_array(values: np.ndarray) -> dict[str, int]:
    if not _few(len(np.unique(values[:_SAMPLE]))):
        return {}
    return _few(len(np.unique(values[~np.isnan(values)])))


def _few(distinct: int) -> dict[str, int]:
    return {"distinct": distinct} if distinct <= LISTED_DISTINCT else {}


def _extremes(values: np.ndarray) -> list[float]:
    finite = values[np.isfinite(values)]
    return [float(finite.min()), float(finite.max())] if len(finite) else []


def _plain(value: Any) -> float | int | str | None:
    if value is None or isinstance(value, bool | int | str):
        return value[:200] if isinstance(value, str) else value
    return (None if value != value else str(value)) if not math.isfinite(value) else float(value)
