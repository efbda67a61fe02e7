"""Texts with class labels: a column of a table, or a built-in set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.data.columns import only_text_column
from core.data.dataset import Dataset
from core.data.formats import format_of, shown
from core.errors import BadInput

if TYPE_CHECKING:
    from core.analysis import Source

BYTES = 120  # of a text of a built-in set, where it is shown as numbers


def text_column(source: Source, column: str = "", target: str = "") -> str:
    """The column of a data set that holds its texts; empty where its samples are numbers.

    Args:
        source: a data set with the details of its inspection.
        column: the one that was chosen; empty: the only column of text besides the labels.
        target: the label column; empty: the guessed one.

    Raises:
        BadInput: the chosen column does not exist or holds no text, or there are several to choose from.
    """
    details = source.details
    if details.get("text"):
        return "text"
    columns = {str(one["name"]): one.get("type") for one in details.get("columns") or ()}
    if column:
        if column not in columns:
            raise BadInput(f"{source.name} has no column {column!r}; it has {', '.join(columns) or 'no columns'}.")
        if columns[column] != "text":
            raise BadInput(f"{source.name}: column {column!r} holds numbers; name the column that holds the texts.")
        return column
    label = target or details.get("labels") or only_text_column(source)
    texts = [name for name, kind in columns.items() if kind == "text" and name != label]
    if len(texts) > 1 and not label:
        raise BadInput(
            f"{source.name}: the columns {', '.join(texts[:5])} hold text; choose the one that holds the labels as label column."
        )
    if len(texts) > 1:
        raise BadInput(
            f"{source.name}: the columns {', '.join(texts[:5])} hold text; name the one to learn from as text column, and leave "
            "the others out of the file."
        )
    return texts[0] if texts else ""


def load_texts(source: Source, column: str, target: str = "") -> Dataset:
    """Texts and their classes as a data set whose X holds str, [rows]; columns of numbers are left out.

    Args:
        source: a built-in set of texts or a stored table.
        column: that holds the texts (see `text_column`).
        target: the label column; empty: the one called y, label, target or class.

    Raises:
        BadInput: no such column, an empty text, a row without a label, or no labels.
    """
    if source.builtin:
        return replace(docstrings(), name=source.name)
    from core.data.reading import read_file
    from core.data.table import Table, encode_column, guess_labels

    path, filename = Path(source.location), shown(source.name)
    table = read_file(path, format_of(path.name, source.name), filename)
    if not isinstance(table, Table):
        raise BadInput(f"{filename} holds arrays of numbers; texts come as a column of a csv or Parquet file.")
    label = target or guess_labels(table)
    if label is None or label not in table.names:
        raise BadInput(f"{filename} has no label column {label or ''!r}; choose one of {', '.join(table.names[:10])}.")
    if column not in table.names or not table.is_text(column):
        raise BadInput(f"{filename} has no column of text called {column!r}; it has {', '.join(table.names[:10])}.")
    y, classes = encode_column(table, label)
    texts: list[Any] = table.columns[column].to_pylist()
    for row, text in enumerate(texts):
        if text is None or not text.strip() or y[row] < 0:
            missing = "label" if y[row] < 0 else "text"
            raise BadInput(f"{filename}: {table.place(row)} has no {missing}; fill it in or leave the row out.")
    return Dataset(source.name, np.array(texts, dtype=object), y, classes, (column,))


def docstrings() -> Dataset:
    """The built-in sentences as text, each labelled by its library."""
    from core.data.docstrings import LIBRARIES, docstring_sentences

    sentences, labels = docstring_sentences()
    return Dataset(
        "docstrings", np.array(sentences, dtype=object), np.array(labels, dtype=np.int64), LIBRARIES, ("text",)
    )


def as_bytes(texts: np.ndarray) -> np.ndarray:
    """Texts as numbers for questions that know no words: the bytes of their ASCII characters, padded with 0.

    Returns:
        float32 [rows, 120], 0 to 127.
    """
    padded = [text.encode("ascii")[:BYTES].ljust(BYTES, b"\0") for text in texts]
    return np.frombuffer(b"".join(padded), dtype=np.uint8).reshape(len(texts), BYTES).astype(np.float32)
