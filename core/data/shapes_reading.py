"""From a file to shapes: picks the reader by the ending of its name and by how it begins."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.data.archive import check_archive, member, open_zip
from core.data.formats import check_content, format_of, shown
from core.data.limits import check_memory
from core.data.shapes import FORMS, Form, Shapes, describe_shapes
from core.data.shapes_checks import checked_distances, checked_item, checked_labels, is_distances
from core.data.shapes_text import (
    as_table,
    begins_with_labels,
    labelled_series,
    number_rows,
    plain_series,
    starts_with_numbers,
)
from core.errors import BadInput

TEXTS = (".txt", ".tsv", ".csv")
TRAIN, TEST = "_train", "_test"
_HEAD_BYTES = 1 << 16
_BYTES_A_VALUE = 40  # of text: the characters, a Python number, a float64


@dataclass(frozen=True)
class Choice:
    """What a person may say of a file where it does not tell by itself.

    Attributes:
        form: one of `FORMS`; None: as the file looks.
        function: the column of a table with one value a point; empty: the one called function.
        label: the column of labels; empty: the one called y, label, target or class.
    """

    form: Form | None = None
    function: str = ""
    label: str = ""


def read_shapes(path: Path, filename: str, choice: Choice = Choice()) -> Shapes:
    """Reads a file of shapes.

    Args:
        path: the file.
        filename: what the person calls it; where the stored file has no ending of its own, that of this name counts.
        choice: what the person said of it.

    Raises:
        BadInput: the file can't be used; one sentence names the file, the place, what was found, what to do.
        TooLarge: more than the limits, or than there is memory.
    """
    if not path.is_file():
        raise BadInput(f"{shown(filename)} does not exist.")
    name, ending = shown(filename), _ending(path, filename)
    if choice.form is not None and choice.form not in FORMS:
        raise BadInput(f"form is {choice.form!r}; it is one of {', '.join(FORMS)}.")
    if ending == ".zip":
        shapes = _read_zip(path, name, choice)
    elif ending in (".ts", ".gml") or (ending in TEXTS and starts_with_numbers(_first_line(path, name))):
        shapes = _read_text(_lines(path, name), name, ending, choice)
    else:
        shapes = _read_data(path, filename, choice)
    if choice.form is not None and shapes.form != choice.form:
        raise BadInput(f"{name} holds {shapes.form}, not {choice.form}; choose form={shapes.form}.")
    return shapes


def inspect_shapes(path: Path, filename: str) -> dict[str, Any]:
    """Reads a whole file of shapes and describes it, see `describe_shapes`.

    Raises:
        BadInput: the file can't be used.
        TooLarge: more than the limits, or than there is memory.
    """
    return describe_shapes(read_shapes(path, filename))


def holds_shapes(path: Path, filename: str) -> bool:
    """Is this unmistakably a file of shapes: .ts, .gml, UCR text called NAME_TRAIN or NAME_TEST, or a zip file of these
    or of a TU folder?

    Everything else may also be a table of samples, and counts as a data set until a person says otherwise.
    """
    name = filename.lower()
    if name.endswith((".ts", ".gml")):
        return True
    if name.endswith((".txt", ".tsv")):
        return _part_of(name) is not None and path.is_file() and starts_with_numbers(_first_line(path, shown(filename)))
    if not name.endswith(".zip") or not zipfile.is_zipfile(path):
        return False
    with open_zip(path, shown(filename)) as archive:
        return _zip_form([info.filename for info in archive.infolist()]) is not None


def _read_data(path: Path, filename: str, choice: Choice) -> Shapes:
    """csv and Parquet with named columns, npz and npy."""
    format_, name = format_of(path.name, filename), shown(filename)
    check_content(path, format_, name)
    if format_.name == "csv":
        from core.data.csv_file import read_csv
        from core.data.shapes_table import table_shapes

        return table_shapes(read_csv(path, name), choice.form, "csv", choice.function, choice.label)
    if format_.name == "parquet":
        from core.data.parquet_file import read_parquet
        from core.data.shapes_table import table_shapes

        return table_shapes(read_parquet(path, name), choice.form, "parquet", choice.function, choice.label)
    from core.data.shapes_arrays import read_npy_shapes, read_npz_shapes

    if format_.name == "npz":
        return read_npz_shapes(path, name, choice.form)
    if format_.name == "npy":
        return read_npy_shapes(path, name, choice.form)
    raise BadInput(
        f"{name} is {format_.name}; shapes are brought as csv, parquet, npz, npy, ts, gml, text, or a zip of a TU folder "
        "or of a training and a test file."
    )


def _read_text(lines: list[str], name: str, ending: str, choice: Choice) -> Shapes:
    """ts, gml, and numbers without a header."""
    if ending == ".gml":
        from core.data.shapes_graph import read_gml

        return Shapes(name, "graphs", (read_gml("\n".join(lines), name),), format="gml")
    if ending == ".ts":
        from core.data.shapes_ts import read_ts

        series, labels = read_ts(lines, name)
        return _series(series, labels, name, "ts")
    rows = number_rows(lines, name)
    form = choice.form or _form_of_rows(rows)
    if form == "series":
        if begins_with_labels(rows):
            values, numbers = labelled_series(rows, name)
            return _series([one[None] for one in values], numbers, name, "text")
        return _series([one[None] for one in plain_series(rows, name)], None, name, "text")
    table = as_table(rows, name)
    if form == "distances":
        return Shapes(name, form, (checked_distances(table, name),), format="text")
    if form == "cloud":
        return Shapes(name, form, (checked_item(table, name, ("point", "coordinate")),), format="text")
    if form == "graphs":
        return Shapes(name, form, (_edge_list(table, name),), format="text")
    raise BadInput(f"{name} is a table of numbers without a header, which can't hold {form}: bring them as npz.")


def _edge_list(table: np.ndarray, name: str) -> Any:
    from core.data.shapes_graph import graph_of

    if table.shape[1] not in (2, 3) or (table[:, :2] != np.floor(table[:, :2])).any():
        raise BadInput(f"{name} has {table.shape[1]} columns; an edge list has two whole numbers and perhaps a length.")
    return graph_of(table[:, :2].astype(np.int64), table[:, 2] if table.shape[1] == 3 else None, name)


def _form_of_rows(rows: list[np.ndarray]) -> Form:
    from core.data.shapes_arrays import MOST_COORDINATES

    widths = {len(row) for row in rows}
    if len(widths) > 1 or max(widths) > MOST_COORDINATES + 1:
        return "distances" if len(widths) == 1 and is_distances(np.stack(rows)) else "series"
    return "distances" if is_distances(np.stack(rows)) else "cloud"


def _series(series: Sequence[np.ndarray], labels: np.ndarray | list[str] | None, name: str, format_: str) -> Shapes:
    items = tuple(
        checked_item(one, f"{name}, series {place + 1:,}", ("channel", "step")) for place, one in enumerate(series)
    )
    odd = next((place for place, item in enumerate(items) if len(item) != len(items[0])), None)
    if odd is not None:
        raise BadInput(f"{name}: series {odd + 1:,} has {len(items[odd])} channels and series 1 has {len(items[0])}.")
    y, classes = (
        (None, ()) if labels is None else checked_labels(np.asarray(labels), len(items), f"{name}, labels", "series")
    )
    return Shapes(name, "series", items, None, y, classes, format=format_)


def _read_zip(path: Path, name: str, choice: Choice) -> Shapes:
    with open_zip(path, name) as archive:
        members = check_archive(archive, name)

        def lines_of(held: str) -> list[str]:
            check_memory(name, members[held].file_size * _BYTES_A_VALUE // 8)
            with member(archive, members[held], f"{name}: {held[-60:]}") as stream:
                return _decoded(stream.read(), f"{name}: {held[-60:]}")

        form = _zip_form(list(members))
        if form == "tu":
            from core.data.shapes_tu import read_tu, tu_name

            return read_tu(tu_name(list(members)) or "", list(members), lines_of, name)
        if form == "gml":
            return _gml_files(sorted(one for one in members if one.lower().endswith(".gml")), lines_of, name)
        if form == "split":
            return _joined(_split_files(list(members)), lines_of, name, choice)
    raise BadInput(
        f"{name} holds neither a TU folder (NAME_A.txt, NAME_graph_indicator.txt), nor gml files, nor a pair "
        "NAME_TRAIN and NAME_TEST of .ts, .txt or .tsv files."
    )


def _gml_files(files: list[str], lines_of: Callable[[str], list[str]], name: str) -> Shapes:
    from core.data.shapes_graph import read_gml

    graphs = tuple(read_gml("\n".join(lines_of(one)), f"{name}: {one[-60:]}") for one in files)
    note = "The graphs are in the alphabetical order of their files; labels are brought in the slot for labels."
    return Shapes(name, "graphs", graphs, format="zip", notes=(note,))


def _joined(files: dict[str, str], lines_of: Callable[[str], list[str]], name: str, choice: Choice) -> Shapes:
    """Training and test file as one set that remembers which is which."""
    parts = {
        part: _read_text(
            lines_of(held), f"{name}: {held[-60:]}", Path(held).suffix.lower(), replace(choice, form="series")
        )
        for part, held in files.items()
    }
    train, test = parts[TRAIN], parts[TEST]
    if (train.y is None) != (test.y is None):
        raise BadInput(f"{name}: one of training and test file has labels and the other has none.")
    if len(train.items[0]) != len(test.items[0]):  # type: ignore[arg-type]
        raise BadInput(f"{name}: training and test series have different numbers of channels.")
    of_train = np.arange(len(train) + len(test)) < len(train)
    y, classes = None, tuple(sorted({*train.classes, *test.classes}, key=_numeric))
    if train.y is not None and test.y is not None:
        number = {label: place for place, label in enumerate(classes)}
        named = [train.classes[code] for code in train.y] + [test.classes[code] for code in test.y]
        y = np.array([number[label] for label in named], dtype=np.int64)
    return Shapes(name, "series", (*train.items, *test.items), None, y, classes, of_train, "zip")


def _zip_form(names: list[str]) -> str | None:
    from core.data.shapes_tu import tu_name

    if tu_name(names) is not None:
        return "tu"
    if set(_split_files(names)) == {TRAIN, TEST}:
        return "split"
    return "gml" if names and any(name.lower().endswith(".gml") for name in names) else None


def _split_files(names: list[str]) -> dict[str, str]:
    """The one training and the one test file among names; an .ts file is preferred to text."""
    found: dict[str, str] = {}
    for ending in (".tsv", ".txt", ".ts"):
        of_ending = [name for name in names if name.lower().endswith(ending)]
        pair = {part: name for name in of_ending if (part := _part_of(name.lower())) is not None}
        found = pair if set(pair) == {TRAIN, TEST} else found
    return found


def _part_of(name: str) -> str | None:
    stem = Path(name).stem
    return next((part for part in (TRAIN, TEST) if stem.endswith(part)), None)


def _ending(path: Path, filename: str) -> str:
    """The stored file's own ending counts; a person may have renamed the upload."""
    known = (*TEXTS, ".ts", ".gml", ".zip", ".npz", ".npy", ".parquet", ".pq")
    return next((Path(name).suffix.lower() for name in (path.name, filename) if Path(name).suffix.lower() in known), "")


def _first_line(path: Path, name: str) -> str:
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    text = head.decode("utf-8-sig", "replace")
    return next((line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", "%"))), "")


def _lines(path: Path, name: str) -> list[str]:
    check_memory(name, path.stat().st_size * _BYTES_A_VALUE // 8)
    return _decoded(path.read_bytes(), name)


def _decoded(content: bytes, name: str) -> list[str]:
    if b"\0" in content:
        raise BadInput(f"{name} is not text: it holds zero bytes.")
    try:
        return content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise BadInput(f"{name} is not UTF-8; save it as text in UTF-8.") from None


def _numeric(label: str) -> tuple[float, str]:
    try:
        return float(label), label
    except ValueError:
        return float("inf"), label
