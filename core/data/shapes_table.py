"""Shapes in tables with named columns: clouds in long form, one cloud, edge lists, series a row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.data.labels import LABEL_NAMES
from core.data.shapes import Form, Shapes
from core.data.shapes_arrays import MOST_COORDINATES
from core.data.shapes_checks import checked_distances, checked_item, checked_labels, is_distances
from core.data.shapes_graph import graph_of
from core.data.table import Table, as_floats, listed
from core.errors import BadInput

ITEM_COLUMNS = ("cloud", "cloud_id", "id", "shape", "item")  # a column so called says which cloud a point is of
GRAPH_COLUMNS = ("graph", "graph_id")
END_COLUMNS = (("source", "target"), ("from", "to"), ("u", "v"), ("node_1", "node_2"), ("head", "tail"))
LENGTH_COLUMNS = ("length", "weight", "distance", "value")
FUNCTION_COLUMNS = ("function", "f", "value", "density", "codensity")


def table_shapes(table: Table, form: Form | None, format_: str, function: str = "", label: str = "") -> Shapes:
    """The shapes in a table.

    Args:
        table: what a reader returned.
        form: as the person chose it; None: edge lists by the names of their columns, clouds by a column that is called
            cloud or id, a matrix of distances if it can be one, one cloud up to 10 columns of numbers, else series.
        format_: "csv" or "parquet".
        function: column with one value a point; empty: the one called function, if there is one.
        label: column of labels; empty: the one called y, label, target or class (y not beside a column called x).

    Raises:
        BadInput: columns or values that can't be used.
    """
    found = form or form_of_table(table)
    if found == "graphs":
        return _edge_lists(table, format_, label)
    if found in ("cloud", "clouds"):
        return _clouds(table, found, format_, function, label)
    if found == "images":
        raise BadInput(f"{table.filename} is a table; images are brought as npz: numpy.savez('images.npz', X=X, y=y).")
    numbers = [name for name in table.names if name != _label_column(table, label)]
    values = _matrix(table, numbers)
    if found == "distances":
        return Shapes(table.filename, found, (checked_distances(values, table.filename),), format=format_)
    series = tuple(
        checked_item(row[None], f"{table.filename}, series {place + 1:,}", ("channel", "step"))
        for place, row in enumerate(values)
    )
    column = _label_column(table, label)
    y, classes = labels_of(table, column) if column else (None, ())
    return Shapes(table.filename, found, series, None, y, classes, format=format_)


def form_of_table(table: Table) -> Form:
    """What a table holds, by the names of its columns and its values."""
    if _ends(table):
        return "graphs"
    if _first_of(table, ITEM_COLUMNS):
        return "clouds"
    numbers = [name for name in table.names if not table.is_text(name) and name.lower() not in _label_names(table)]
    if len(numbers) == table.columns.num_rows == len(table.names) and is_distances(_matrix(table, numbers)):
        return "distances"
    return "cloud" if len(numbers) <= MOST_COORDINATES else "series"


def column_of(table: Table, name: str, names: Sequence[str]) -> str | None:
    """The column that was chosen, or the first that is called like one of some names in any case.

    Raises:
        BadInput: the chosen one is not there.
    """
    if name and name not in table.names:
        raise BadInput(f"{table.filename} has no column {name!r}; it has {listed(table.names)}.")
    return name or _first_of(table, names)


def numbers_of(table: Table, name: str) -> np.ndarray:
    """[rows] float64 of a column.

    Raises:
        BadInput: text, or a value that is missing or not finite.
    """
    return _matrix(table, [name])[:, 0]


def group_rows(table: Table, name: str) -> tuple[list[np.ndarray], list[str]]:
    """The rows of each value of a column, the values in the order in which they first come.

    Returns:
        Row numbers of each value, and the values as text.

    Raises:
        BadInput: a row without a value.
    """
    column = table.columns[name].combine_chunks()
    absent = np.flatnonzero(~column.is_valid().to_numpy(zero_copy_only=False))
    if len(absent):
        raise BadInput(f"{table.filename}: {table.place(int(absent[0]))} has no value in column {name!r}.")
    texts = np.array([str(value) for value in column.to_pylist()], dtype=object)
    found, first, codes = np.unique(texts, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    places = rank[codes]
    rows = np.split(np.argsort(places, kind="stable"), np.cumsum(np.bincount(places))[:-1])
    return rows, [str(value) for value in found[order]]


def labels_of(table: Table, column: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Class numbers int64 [rows] and class names of a column.

    Raises:
        BadInput: a row without a label, or values that can't be labels.
    """
    return _labels(table, column, np.arange(table.columns.num_rows))


def _clouds(table: Table, form: Form, format_: str, function: str, label: str) -> Shapes:
    item_column = _first_of(table, ITEM_COLUMNS) if form == "clouds" else None
    if form == "clouds" and item_column is None:
        raise BadInput(
            f"{table.filename} has no column called {' or '.join(ITEM_COLUMNS[:3])} that says which cloud a point is of; it has "
            f"{listed(table.names)}."
        )
    label_column = _label_column(table, label) if form == "clouds" else None
    function_column = column_of(table, function, FUNCTION_COLUMNS[:1])
    others = {item_column, label_column, function_column}
    label_names = _label_names(table)
    coordinates = [
        name
        for name in table.names
        if name not in others and (not table.is_text(name) or name.lower() not in label_names)
    ]
    notes: tuple[str, ...] = ()
    if form == "cloud":  # a label of each point is no coordinate
        labels = [name for name in coordinates if name.lower() in label_names]
        if labels and len(labels) < len(coordinates):
            coordinates = [name for name in coordinates if name not in labels]
            notes = tuple(
                f"Column {name!r} was taken for labels of the points, not for a coordinate." for name in labels
            )
    if not coordinates:
        raise BadInput(f"{table.filename} has no column of coordinates; it has {listed(table.names)}.")
    points = _matrix(table, coordinates)
    rows = group_rows(table, item_column)[0] if item_column else [np.arange(len(points))]
    functions = None
    if function_column:
        values = numbers_of(table, function_column)
        functions = tuple(values[of_item] for of_item in rows)
    y, classes = _labels_of_groups(table, label_column, rows)
    items = tuple(np.ascontiguousarray(points[of_item]) for of_item in rows)
    return Shapes(table.filename, form, items, functions, y, classes, format=format_, notes=notes)


def _edge_lists(table: Table, format_: str, label: str) -> Shapes:
    ends = _ends(table)
    if ends is None:
        raise BadInput(f"{table.filename} has no columns source and target; it has {listed(table.names)}.")
    group = _first_of(table, GRAPH_COLUMNS)
    rows = group_rows(table, group)[0] if group else [np.arange(table.columns.num_rows)]
    length_column = _first_of(table, LENGTH_COLUMNS)
    lengths = numbers_of(table, length_column) if length_column else None
    pairs = np.array([table.columns[end].combine_chunks().to_pylist() for end in ends], dtype=object).T
    for column in range(2):
        absent = np.flatnonzero([end is None for end in pairs[:, column]])
        if len(absent):
            raise BadInput(f"{table.filename}: {table.place(int(absent[0]))} has no value in column {ends[column]!r}.")
    graphs = tuple(
        graph_of(
            pairs[of_graph],
            None if lengths is None else lengths[of_graph],
            f"{table.filename}, graph {place + 1:,}" if group else table.filename,
        )
        for place, of_graph in enumerate(rows)
    )
    y, classes = _labels_of_groups(table, _label_column(table, label) if group else None, rows)
    return Shapes(table.filename, "graphs", graphs, None, y, classes, format=format_)


def _labels_of_groups(
    table: Table, column: str | None, rows: Sequence[np.ndarray]
) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """One label an item, from a column that repeats it in each of its rows."""
    if column is None:
        return None, ()
    values = table.columns[column].combine_chunks().to_pylist()
    for place, of_item in enumerate(rows):
        odd = next((int(row) for row in of_item if values[int(row)] != values[int(of_item[0])]), None)
        if odd is not None:
            raise BadInput(
                f"{table.filename}: item {place + 1:,} has the labels {values[int(of_item[0])]!r} and {values[odd]!r} in column "
                f"{column!r}; one label an item is expected (see {table.place(odd)})."
            )
    return _labels(table, column, np.array([of_item[0] for of_item in rows]))


def _labels(table: Table, column: str, rows: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    values = table.columns[column].combine_chunks().to_pylist()
    absent = next((int(row) for row in rows if values[int(row)] is None), None)
    if absent is not None:
        raise BadInput(f"{table.filename}: {table.place(absent)} has no label in column {column!r}.")
    chosen = [values[int(row)] for row in rows]
    return checked_labels(np.array(chosen), len(chosen), f"{table.filename}, column {column!r}")


def _matrix(table: Table, names: Sequence[str]) -> np.ndarray:
    values = np.empty((table.columns.num_rows, len(names)))
    for place, name in enumerate(names):
        if table.is_text(name):
            raise BadInput(
                f"{table.filename}: column {name!r} holds text; numbers are expected: leave it out, or call it label where "
                "it is one."
            )
        values[:, place] = as_floats(table.columns[name])
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        row, place = bad[0]
        found = "no value" if np.isnan(values[row, place]) else str(values[row, place])
        raise BadInput(
            f"{table.filename}: column {names[place]!r} has {found} in {table.place(int(row))}; finite numbers are "
            "expected: fill it in or leave that row out."
        )
    return values


def _ends(table: Table) -> tuple[str, str] | None:
    lower = {name.lower(): name for name in table.names}
    return next(((lower[a], lower[b]) for a, b in END_COLUMNS if a in lower and b in lower), None)


def _label_column(table: Table, label: str) -> str | None:
    return column_of(table, label, _label_names(table))


def _label_names(table: Table) -> tuple[str, ...]:
    """What a column of labels may be called: not y where it stands beside x, and is the other coordinate."""
    beside_x = _first_of(table, ("x",)) is not None
    return tuple(name for name in LABEL_NAMES if not (beside_x and name == "y"))


def _first_of(table: Table, names: Sequence[str]) -> str | None:
    lower = {name.lower(): name for name in table.names}
    return next((lower[name] for name in names if name in lower), None)
