"""The file formats of data sets, told apart by name and checked by their first bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath

from core.errors import BadInput


@dataclass(frozen=True)
class Format:
    """One accepted kind of file.

    Attributes:
        name: "csv", "parquet", "npz", "npy", "idx" or "zip".
        suffixes: how its file names end, in lower case.
        starts: what its content starts with, any of these; empty: plain text.
        description: one sentence on what it holds.
    """

    name: str
    suffixes: tuple[str, ...]
    starts: tuple[bytes, ...]
    description: str


_ZIP, _GZIP, _IDX = b"PK\x03\x04", b"\x1f\x8b", b"\x00\x00"

FORMATS: tuple[Format, ...] = (
    Format(
        "csv",
        (".csv", ".tsv", ".txt"),
        (),
        "A table as UTF-8 text: the first line names the columns; fields separated by comma, semicolon or tab.",
    ),
    Format("parquet", (".parquet", ".pq"), (b"PAR1",), "A table of numbers, truth values and text, without nesting."),
    Format("npz", (".npz",), (_ZIP, b"PK\x05\x06"), "NumPy arrays: X [rows, ...] and, where labelled, y [rows]."),
    Format("npy", (".npy",), (b"\x93NUMPY",), "One NumPy array X [rows, ...], without labels."),
    Format(
        "idx",
        (".idx", ".idx.gz", "ubyte", "ubyte.gz"),
        (_IDX, _GZIP),
        "The MNIST format: images [rows, height, width] or labels [rows], plain or gzip-compressed.",
    ),
    Format(
        "zip",
        (".zip",),
        (_ZIP, b"PK\x05\x06"),
        "Idx files of images and their labels (train-* comes first), or one csv of telemetry.",
    ),
)

# The one line that converts what people have into what is read here.
_CONVERSIONS = {
    (".xlsx", ".xls", ".ods"): "pandas.read_excel(path).to_csv('data.csv', index=False)",
    (".pkl", ".pickle", ".joblib"): "numpy.savez('data.npz', X=X, y=y)",
    (".pt", ".pth"): "numpy.savez('data.npz', X=X.numpy(), y=y.numpy())",
    (".h5", ".hdf5", ".mat"): "numpy.savez('data.npz', X=X, y=y)",
    (".feather", ".arrow"): "pandas.read_feather(path).to_parquet('data.parquet')",
    (".json", ".jsonl"): "pandas.read_json(path).to_parquet('data.parquet')",
    (".csv.gz", ".csv.zip", ".csv.bz2", ".csv.xz"): "pandas.read_csv(path).to_parquet('data.parquet')",
    (".arff",): "pandas.DataFrame(scipy.io.arff.loadarff(path)[0]).to_csv('data.csv', index=False)",
}

_CONTENTS = (
    (b"\x93NUMPY", "a NumPy array (.npy)"),
    (_ZIP, "a zip archive"),
    (_GZIP, "a gzip file"),
    (b"PAR1", "a Parquet file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"ARROW1", "an Arrow file"),
)


def shown(filename: str) -> str:
    """A file name as messages show it: the last part of it, cut in the middle when it is long."""
    name = PurePath(filename.replace("\\", "/")).name or "The file"
    return name if len(name) <= 80 else f"{name[:50]}...{name[-24:]}"


def format_of(*filenames: str) -> Format:
    """The format that a file name stands for; the first name whose ending is known counts.

    Raises:
        BadInput: none is known; the sentence lists what is read, and the line that converts, if there is one.
    """
    for filename in filenames:
        for format_ in FORMATS:
            if filename.lower().endswith(format_.suffixes):
                return format_
    name = shown(filenames[-1])
    accepted = ", ".join(format_.suffixes[0] for format_ in FORMATS)
    for suffixes, line in _CONVERSIONS.items():
        if name.lower().endswith(suffixes):
            raise BadInput(f"{name} is not read here (accepted: {accepted}); convert it with {line}.")
    raise BadInput(f"{name} does not end in a data format that is read here; accepted: {accepted}.")


def check_content(path: Path, format_: Format, filename: str) -> None:
    """Refuses an empty file, and one whose first bytes are not those of its format.

    Raises:
        BadInput: says what the file is instead.
    """
    with path.open("rb") as stream:
        head = stream.read(16)
    if not head:
        raise BadInput(f"{filename} is empty (0 bytes).")
    if format_.starts and head.startswith(format_.starts):
        return
    found = _content(head)
    if format_.starts or found:
        article = "an" if format_.name in ("npz", "npy", "idx") else "a"
        raise BadInput(f"{filename} is not {article} {format_.name} file: it {found or 'starts like none'}.")


def _content(head: bytes) -> str:
    if head[0] == 0x80 and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return (
            "holds a Python pickle, which could run code and is never opened; "
            "save the arrays with numpy.savez('data.npz', X=X, y=y)"
        )
    for start, name in _CONTENTS:
        if head.startswith(start):
            return f"is {name}; give it the right ending, or save it in the format that its name says"
    return ""
