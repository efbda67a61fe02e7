"""The Parquet copy of a telemetry file: made once, read by column ever after."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from core.data.archive import check_archive, member, open_zip
from core.data.formats import Format, check_content, format_of, shown
from core.data.table import is_text
from core.data.telemetry_file import ColumnFile, open_columns
from core.errors import BadInput
from core.settings import settings

if TYPE_CHECKING:
    from core.analysis import Source

COPY_NAME = "columns.parquet"  # beside the stored content of an upload
GROUP_ROWS = 1 << 17
GROUP_VALUES = 1 << 23


def copy_place(location: Path, digest: str) -> Path:
    """Where the copy of a file lies.

    Stored content lies in a folder named by its digest, and its copy beside it: both are deleted together. The copy
    of any other file, which only the command line reads, is kept in the home folder, where all of them together have
    the room of finished steps (ASSAY_STEP_BYTES).
    """
    if location.parent.name == digest:
        return location.with_name(COPY_NAME)
    return settings().home / "telemetry" / f"{digest}.parquet"


def columns_of_source(source: Source) -> ColumnFile:
    """The columns of a stored file or of a file on the command line.

    Raises:
        BadInput: the file can't be used.
        TooLarge: more than the limits, or than there is memory.
    """
    path = Path(source.location)
    return columns_of_file(path, source.name, copy_place(path, source.digest))


def columns_of_file(path: Path, filename: str, copy: Path) -> ColumnFile:
    """The columns of a file: of itself where it is Parquet, else of its copy, which is made where it is missing.

    Args:
        path: the file.
        filename: what the person calls it; its ending tells the format where that of the path does not.
        copy: where the copy lies or will lie.

    Raises:
        BadInput: the file can't be used.
        TooLarge: more than the limits, or than there is memory.
    """
    format_, name = telemetry_format(path, filename), shown(filename)
    if format_.name == "parquet":
        return open_columns(path, name)
    if not copy.is_file():
        _write(path, format_, name, copy)
    if copy.parent == settings().home / "telemetry":
        copy.touch()
        _keep_latest(copy.parent, settings().step_bytes)
    return open_columns(copy, name)


def telemetry_format(path: Path, filename: str) -> Format:
    """The format of a telemetry file: csv, parquet, or zip with one csv in it.

    Raises:
        BadInput: another format, or content that is not of it.
    """
    name = shown(filename)
    if not path.is_file():
        raise BadInput(f"{name} does not exist.")
    format_ = format_of(path.name, filename)
    if format_.name not in ("csv", "parquet", "zip"):
        raise BadInput(
            f"{name} is {format_.name}; telemetry is brought as csv, parquet, or one csv in a zip file, with one row a "
            "point in time: pandas.DataFrame(...).to_parquet('telemetry.parquet')."
        )
    check_content(path, format_, name)
    return format_


def holds_csv(path: Path, filename: str) -> bool:
    """Is this an archive of csv files, or of one text file, rather than of images?

    Raises:
        BadInput: a damaged archive, or one past the limits.
    """
    with open_zip(path, filename) as archive:
        names = list(check_archive(archive, filename))
        return bool(_tables(names)) and (_tables(names) != _endings(names, (".txt",)) or len(names) == 1)


def _tables(names: list[str]) -> list[str]:
    """The csv files of an archive; text files where it has none, as beside csv files these explain them."""
    return _endings(names, (".csv", ".tsv")) or _endings(names, (".txt",))


def _endings(names: list[str], suffixes: tuple[str, ...]) -> list[str]:
    """The members of some endings; what macOS adds beside them is left out."""
    return [
        name
        for name in names
        if name.lower().endswith(suffixes)
        and not name.startswith("__MACOSX/")
        and not PurePosixPath(name).name.startswith(".")
    ]


def _write(path: Path, format_: Format, name: str, copy: Path) -> None:
    """Writes the copy aside and renames it, so that a reader sees all of it or nothing."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    draft = copy.with_name(f".{secrets.token_hex(8)}.part")
    unpacked = draft.with_suffix(".csv")
    try:
        if format_.name == "zip":
            _unpack(path, name, unpacked)
        _convert(unpacked if format_.name == "zip" else path, name, draft)
        draft.replace(copy)
    finally:
        draft.unlink(missing_ok=True)
        unpacked.unlink(missing_ok=True)


def _keep_latest(folder: Path, most: int) -> None:
    """Deletes the copies that were used longest ago until the others fit; the latest one always stays."""
    by_use = sorted(folder.glob("*.parquet"), key=lambda path: path.stat().st_mtime, reverse=True)
    total = 0
    for place, path in enumerate(by_use):
        total += path.stat().st_size
        if place and total > most:
            path.unlink(missing_ok=True)


def _unpack(path: Path, name: str, target: Path) -> None:
    with open_zip(path, name) as archive:
        members = check_archive(archive, name)
        tables = _tables(list(members))
        if len(tables) != 1:
            raise BadInput(f"{name} holds {len(tables)} csv files; a zip file with one csv in it is expected.")
        with member(archive, members[tables[0]], f"{tables[0]} in {name}") as stream, target.open("wb") as out:
            shutil.copyfileobj(stream, out, 1 << 20)


def _convert(path: Path, name: str, target: Path) -> None:
    from core.data.csv_file import read_csv

    columns = read_csv(path, name).columns
    texts = [field.name for field in columns.schema if is_text(field.type)]
    rows = max(min(GROUP_ROWS, GROUP_VALUES // columns.num_columns), 1)
    with pq.ParquetWriter(target, columns.schema, use_dictionary=texts or False, write_statistics=False) as writer:
        for start in range(0, columns.num_rows, rows):
            writer.write_table(pa.table(columns.slice(start, rows)), row_group_size=rows)
