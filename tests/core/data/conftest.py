"""Files for the readers, written into a temporary folder."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.analysis import Source
from core.data.dataset import Dataset
from core.data.reading import load_dataset
from core.keys import digest_of_file


class Files:
    """Makes files and loads them as the workbench does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, content: bytes | str) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def load(self, name: str, content: bytes | str, target: str = "") -> Dataset:
        return load_dataset(source_of(self.put(name, content)), target)


def source_of(path: Path) -> Source:
    return Source("dataset", path.name, digest_of_file(path), str(path))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def npy() -> Callable[..., bytes]:
    def write(array: np.ndarray) -> bytes:
        stream = io.BytesIO()
        np.save(stream, array, allow_pickle=True)
        return stream.getvalue()

    return write


@pytest.fixture
def npz() -> Callable[..., bytes]:
    def write(**arrays: Any) -> bytes:
        stream = io.BytesIO()
        np.savez_compressed(stream, **arrays)
        return stream.getvalue()

    return write


@pytest.fixture
def npy_header() -> Callable[..., bytes]:
    def write(shape: tuple[int, ...], descr: str = "<f8") -> bytes:
        stream = io.BytesIO()
        np.lib.format.write_array_header_1_0(stream, {"shape": shape, "fortran_order": False, "descr": descr})
        return stream.getvalue()

    return write


@pytest.fixture
def parquet() -> Callable[..., bytes]:
    def write(columns: dict[str, Any] | pa.Table, **options: Any) -> bytes:
        stream = io.BytesIO()
        pq.write_table(pa.table(columns) if isinstance(columns, dict) else columns, stream, **options)
        return stream.getvalue()

    return write


@pytest.fixture
def idx() -> Callable[[np.ndarray], bytes]:
    codes = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}

    def write(array: np.ndarray) -> bytes:
        head = struct.pack(">HBB", 0, codes[array.dtype.str[1:]], array.ndim)
        return (
            head + struct.pack(f">{array.ndim}I", *array.shape) + array.astype(array.dtype.newbyteorder(">")).tobytes()
        )

    return write


@pytest.fixture
def zipped() -> Callable[[dict[str, bytes]], bytes]:
    def write(members: dict[str, bytes]) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return stream.getvalue()

    return write
