"""From sources to shapes: reads the data, and joins the function and the labels that were handed in beside them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.data.shapes import Form, Shapes, item_size
from core.errors import BadInput

if TYPE_CHECKING:
    from core.analysis import Source
    from core.data.table import Table

AUTO = "auto"
_KEPT = 4


@dataclass(frozen=True)
class Reading:
    """How a file is to be understood where it does not say so itself.

    Attributes:
        form: "auto" or one of `core.data.shapes.FORMS`.
        function: name of the column with one value a point; empty: the one called function.
        label: name of the column of labels; empty: the one called y, label, target or class.
    """

    form: str = AUTO
    function: str = ""
    label: str = ""


def load_shapes(
    data: Source,
    reading: Reading = Reading(),
    *,
    function: Source | None = None,
    labels: Source | None = None,
) -> Shapes:
    """Reads shapes, checked from end to end; the last few of a process are kept.

    Args:
        data: of kind "shapes".
        reading: how the file is to be understood.
        function: a table with one value a point, in the order of the points.
        labels: a table with one label an item, in the order of the items.

    Returns:
        The shapes; their arrays are shared by all callers of this process and read-only.

    Raises:
        BadInput: a file that can't be used, a function that does not fit the points, labels that do not fit the items;
            one sentence names the file, the place, what was found, what to do.
        TooLarge: more than the limits, or than there is memory.
    """
    key = (data.digest, reading, function and function.digest, labels and labels.digest)
    kept = _cache.get(key)
    if kept is None:
        kept = _read(data, reading)
        if function is not None:
            kept = _with_function(kept, _table(function), reading.function)
        if labels is not None:
            kept = _with_labels(kept, _table(labels), reading.label)
        _freeze(kept)
        _cache.put(key, kept)
    return replace(kept, name=data.name)


def _read(data: Source, reading: Reading) -> Shapes:
    from core.data.shapes_reading import Choice, read_shapes

    if data.builtin:
        from core.data.builtin_shapes import make_shapes

        made = make_shapes(data.builtin)
        if reading.form not in (AUTO, made.form):
            raise BadInput(f"{data.name} holds {made.form}, not {reading.form}; choose form={AUTO}.")
        return made
    form: Form | None = None if reading.form == AUTO else reading.form  # type: ignore[assignment]
    beside_a_table = data.details.get("format") in ("csv", "parquet")
    column = reading.function if beside_a_table else ""
    return read_shapes(Path(data.location), data.name, Choice(form, column, reading.label if beside_a_table else ""))


def _with_function(shapes: Shapes, table: Table, column: str) -> Shapes:
    """The values of a table, cut into items."""
    from core.data.shapes_table import FUNCTION_COLUMNS, column_of, numbers_of

    if shapes.form not in ("cloud", "clouds", "distances"):
        raise BadInput(
            f"{table.filename} gives a function on points and {shapes.name} holds {shapes.form}; leave it out, or "
            "choose another second parameter."
        )
    name = column_of(table, column if column in table.names else "", FUNCTION_COLUMNS) or _only_number(table)
    values = numbers_of(table, name)
    counts = [item_size(shapes.form, item) for item in shapes.items]
    if len(values) != sum(counts):
        raise BadInput(
            f"{table.filename}: column {name!r} has {len(values):,} values and {shapes.name} has {sum(counts):,} points; one "
            "value for each point is expected, in the same order."
        )
    return replace(shapes, functions=tuple(np.split(values, np.cumsum(counts)[:-1])))


def _with_labels(shapes: Shapes, table: Table, column: str) -> Shapes:
    """The labels of a table, one for each item."""
    from core.data.labels import LABEL_NAMES
    from core.data.shapes_table import column_of, labels_of

    name = column_of(table, column if column in table.names else "", LABEL_NAMES)
    if name is None and len(table.names) == 1:
        name = table.names[0]
    if name is None:
        raise BadInput(
            f"{table.filename} has no column called y, label, target or class; it has {', '.join(table.names[:10])}."
        )
    if table.columns.num_rows != len(shapes):
        raise BadInput(
            f"{table.filename} has {table.columns.num_rows:,} labels and {shapes.name} has {len(shapes):,} items; one label for "
            "each item is expected, in the same order."
        )
    y, classes = labels_of(table, name)
    return replace(shapes, y=y, classes=classes)


def _only_number(table: Table) -> str:
    numbers = [name for name in table.names if not table.is_text(name)]
    if len(numbers) != 1:
        raise BadInput(
            f"{table.filename} has {len(numbers)} columns of numbers and none is called function; name the one to use, or "
            "bring it alone."
        )
    return numbers[0]


def _table(source: Source) -> Table:
    from core.data.predictions_reading import read_table

    return read_table(Path(source.location), source.name)


def _freeze(shapes: Shapes) -> None:
    arrays = [item for item in shapes.items if isinstance(item, np.ndarray)]
    for array in [*arrays, *(shapes.functions or ()), shapes.y, shapes.train]:
        if array is not None:
            array.flags.writeable = False


class _Recent:
    """The shapes used last by this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[object, Shapes] = OrderedDict()

    def get(self, key: object) -> Shapes | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: object, shapes: Shapes) -> None:
        with self._lock:
            self._kept[key] = shapes
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)


_cache = _Recent()
