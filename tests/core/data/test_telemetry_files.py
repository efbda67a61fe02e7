"""Telemetry files: formats, the Parquet copy, reading by column, and what is refused."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.analysis import Source
from core.data.telemetry_copy import COPY_NAME, columns_of_file, columns_of_source, copy_place, holds_csv
from core.data.telemetry_file import AT_ONCE, ColumnFile, open_columns
from core.errors import BadInput, TooLarge
from core.keys import digest_of_file
from core.settings import settings

CSV = "time;T [K];mode\n" + "".join(f"2024-01-01T00:{i:02d}:00Z;{280 + i / 10};{'ab'[i % 2]}\n" for i in range(40))


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A home folder of its own."""
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield
    settings.cache_clear()


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def zipped(members: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def values(columns: ColumnFile) -> dict[str, list]:
    return {name: cells.to_pylist() for name, cells in columns.each(columns.names)}


FORMS = {
    "a.csv": CSV,
    "a.tsv": CSV.replace(";", "\t"),
    "a.txt": CSV.replace(";", ","),
    "a.zip": zipped({"data.csv": CSV}),
    "b.zip": zipped({"folder/data.csv": CSV, "__MACOSX/data.csv": CSV}),
}


@pytest.mark.parametrize("name", FORMS)
def test_each_format_holds_the_same_columns(tmp_path: Path, name: str):
    """Whatever separates the fields, zipped or not: the same names, types and cells; stamps stay as they are written."""
    columns = columns_of_file(put(tmp_path, name, FORMS[name]), name, tmp_path / "copy.parquet")
    assert columns.names == ("time", "T [K]", "mode") and columns.rows == 40
    assert columns.types == {"time": "text", "T [K]": "number", "mode": "text"}
    cells = values(columns)
    assert cells["time"][1] == "2024-01-01T00:01:00Z"
    assert cells["T [K]"][:2] == [280.0, 280.1] and cells["mode"][:2] == ["a", "b"]


def test_the_copy_is_made_once(tmp_path: Path):
    """The second reading takes the copy; nothing else is left beside it."""
    path = put(tmp_path, "a.zip", FORMS["a.zip"])
    place = tmp_path / "copies" / "copy.parquet"
    first = values(columns_of_file(path, "a.zip", place))
    written = place.stat().st_ino
    assert values(columns_of_file(path, "a.zip", place)) == first and place.stat().st_ino == written
    assert [one.name for one in place.parent.iterdir()] == ["copy.parquet"]


def test_parquet_is_read_where_it_lies(tmp_path: Path):
    """A Parquet file is its own copy."""
    pd.DataFrame({"time": pd.date_range("2024", periods=5, tz="UTC"), "x": range(5)}).to_parquet(tmp_path / "a.parquet")
    columns = columns_of_file(tmp_path / "a.parquet", "a.parquet", tmp_path / "copy.parquet")
    assert columns.path == tmp_path / "a.parquet" and not (tmp_path / "copy.parquet").exists()
    assert columns.types == {"time": "time", "x": "number"}


def test_where_the_copy_lies(tmp_path: Path):
    """Beside stored content, which lies in a folder named by its digest; of other files in the home folder, so that a
    person's own columns.parquet is never taken for it."""
    digest = "0123456789abcdef"
    stored = tmp_path / digest / "content.csv"
    assert copy_place(stored, digest) == tmp_path / digest / COPY_NAME
    assert copy_place(tmp_path / "a.csv", digest) == settings().home / "telemetry" / f"{digest}.parquet"
    path = put(tmp_path, "a.csv", CSV)
    put(tmp_path, COPY_NAME, b"a file of the person's own")
    source = Source("telemetry", "a.csv", digest_of_file(path), str(path))
    assert columns_of_source(source).rows == 40
    assert (settings().home / "telemetry" / f"{source.digest}.parquet").is_file()


def test_copies_of_the_command_line_have_limited_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The copies that were used last stay; the newest stays even if it is larger than the room by itself."""
    folder = settings().home / "telemetry"
    for number in range(3):
        columns_of_file(put(tmp_path, f"{number}.csv", CSV), f"{number}.csv", folder / f"{number}.parquet")
        os.utime(folder / f"{number}.parquet", (number, number))
    columns_of_file(tmp_path / "0.csv", "0.csv", folder / "0.parquet")  # used again
    monkeypatch.setenv("ASSAY_STEP_BYTES", str(2 * (folder / "0.parquet").stat().st_size + 10))
    settings.cache_clear()
    columns_of_file(put(tmp_path, "3.csv", CSV), "3.csv", folder / "3.parquet")
    assert sorted(path.name for path in folder.iterdir()) == ["0.parquet", "3.parquet"]


def test_columns_are_read_a_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Only the columns that are asked for are read, and never more values at once than `AT_ONCE` (but one column)."""
    table = pa.table({f"c{i}": np.arange(1_000.0) + i for i in range(7)} | {"c": [0.0] * 1_000, "c.d": [1.0] * 1_000})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=300)
    columns = open_columns(tmp_path / "a.parquet", "a.parquet")
    asked: list[list[str]] = []
    read = ColumnFile.read
    monkeypatch.setattr(ColumnFile, "read", lambda self, names: asked.append(list(names)) or read(self, names))
    monkeypatch.setattr("core.data.telemetry_file.AT_ONCE", 2_000)
    found = dict(columns.each(["c1", "c4", "c5"]))
    assert asked == [["c1", "c4"], ["c5"]] and AT_ONCE >= 1 << 20
    np.testing.assert_array_equal(found["c4"].to_numpy(), np.arange(1_000.0) + 4)
    assert [name for name, _ in columns.each(["c"])] == ["c"]  # not "c.d", which Parquet takes for a part of it


REFUSED = {
    "empty.csv": ("", "empty.csv is empty (0 bytes)."),
    "header.csv": ("time,x\n", "header.csv has a header line and no rows below it."),
    "ragged.csv": (
        "time,x\n2024-01-01,1\n2024-01-02,1,2\n",
        "ragged.csv: row 2 (line 3) has 3 fields where the header",
    ),
    "slip.csv": (
        "time,x\n" + "2024-01-01,1.5\n" * 9 + "2024-01-02,1.5x\n",
        "slip.csv: column 'x' holds numbers, but row 10",
    ),
    "a.npz": (b"PK\x03\x04", "a.npz is npz; telemetry is brought as csv, parquet, or one csv in a zip file"),
    "a.xlsx": (b"PK\x03\x04", "a.xlsx is not read here"),
    "cut.parquet": (b"PAR1 cut off", "cut.parquet can't be read as Parquet, it is damaged or was cut off"),
    "two.zip": (
        zipped({"a.csv": CSV, "b.csv": CSV}),
        "two.zip holds 2 csv files; a zip file with one csv in it is expected.",
    ),
    "none.zip": (zipped({}), "none.zip holds 0 csv files; a zip file with one csv in it is expected."),
    "bomb.zip": (zipped({"a.csv": "time,x\n" + "0" * (80 << 20)}), "bomb.zip would unpack from"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_files_are_refused_in_one_sentence(tmp_path: Path, name: str):
    """What is wrong, where, and what to do; nothing is left behind."""
    content, sentence = REFUSED[name]
    place = tmp_path / "copies" / "copy.parquet"
    with pytest.raises(BadInput) as refused:
        columns_of_file(put(tmp_path, name, content), name, place)
    assert str(refused.value).startswith(sentence)
    assert not place.parent.exists() or not list(place.parent.iterdir())


def test_damaged_columns_are_refused(tmp_path: Path):
    """A Parquet file whose pages are damaged is refused when they are read."""
    pq.write_table(pa.table({"x": np.random.default_rng(0).normal(size=5_000)}), tmp_path / "a.parquet")
    content = bytearray((tmp_path / "a.parquet").read_bytes())
    content[4:2_000] = bytes(1_996)
    columns = open_columns(put(tmp_path, "b.parquet", bytes(content)), "b.parquet")
    with pytest.raises(BadInput, match=r"b\.parquet can't be read as Parquet"):
        list(columns.each(["x"]))


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (
            pa.table({"x": [[1, 2], [3]]}),
            "a.parquet: column 'x' has type list<element: int64>; numbers, truth values, text",
        ),
        (pa.table({"x": pa.array([], pa.float64())}), "a.parquet holds a table without rows."),
        (pa.table({"x" * 300: [1]}), "a.parquet: column 1 has a name of 300 characters"),
    ],
)
def test_parquet_of_other_shapes_is_refused(tmp_path: Path, table: pa.Table, sentence: str):
    """Nested columns, empty tables and endless names are refused from the footer alone."""
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(BadInput) as refused:
        open_columns(tmp_path / "a.parquet", "a.parquet")
    assert str(refused.value).startswith(sentence)


def test_limits_hold_for_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """More rows than accepted are refused from the footer."""
    pq.write_table(pa.table({"x": range(20)}), tmp_path / "a.parquet")
    monkeypatch.setenv("ASSAY_MAX_ROWS", "10")
    settings.cache_clear()
    with pytest.raises(TooLarge, match=r"a\.parquet has 20 rows; at most 10 are accepted here"):
        open_columns(tmp_path / "a.parquet", "a.parquet")


@pytest.mark.parametrize(
    ("members", "found"),
    [
        (["folder/data.csv", "__MACOSX/data.csv", "readme.txt"], True),
        (["a.csv", "b.csv"], True),  # refused later, for being two
        (["data.txt"], True),
        (["train-images-idx3-ubyte", "readme.txt"], False),
        (["image.png"], False),
    ],
)
def test_archives_of_csv_are_told_from_others(tmp_path: Path, members: list[str], found: bool):
    """A csv file makes an archive one of telemetry; a text file beside images does not."""
    path = put(tmp_path, "a.zip", zipped(dict.fromkeys(members, CSV)))
    assert holds_csv(path, "a.zip") is found


def test_text_beside_a_csv_explains_it(tmp_path: Path):
    """An archive of one csv and a readme is read as the csv."""
    path = put(tmp_path, "a.zip", zipped({"readme.txt": "Hello", "data.csv": CSV}))
    assert columns_of_file(path, "a.zip", tmp_path / "copy.parquet").rows == 40
