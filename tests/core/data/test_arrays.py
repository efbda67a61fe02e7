"""npz and npy: what is read, and the sentence for each thing that can be wrong with it."""

from __future__ import annotations

import os
import pickle
import zipfile
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis.extra import numpy as numpy_strategies

from core.errors import BadInput, TooLarge

SHAPES = numpy_strategies.array_shapes(min_dims=1, max_dims=4, max_side=5)
TYPES = numpy_strategies.scalar_dtypes().filter(lambda dtype: dtype.kind in "biuf")


@examples(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(array=numpy_strategies.arrays(TYPES, SHAPES))
def test_round_trip(files: Any, npy: Any, npz: Any, array: np.ndarray) -> None:
    """Numbers of any type, byte order and shape come back as float32; both formats agree; NaN is refused."""
    with np.errstate(over="ignore"):
        expected = array.astype(np.float32).reshape(len(array), *(array.shape[1:] or (1,)))
    if array.dtype == np.uint8 and array.ndim > 2:
        expected = expected / np.float32(255)
    for name, content in (("a.npy", npy(array)), ("a.npz", npz(X=array))):
        if not np.isfinite(expected).all():
            with pytest.raises(BadInput, match=r"every value must be a finite number"):
                files.load(name, content)
            continue
        dataset = files.load(name, content)
        assert dataset.X.dtype == np.float32
        np.testing.assert_array_equal(dataset.X, expected)
        assert len(dataset.feature_names) == dataset.features == dataset.flat.shape[1]


def test_fortran_order(files: Any, npy: Any) -> None:
    """An array in column order has the same rows."""
    array = np.arange(12.0).reshape(4, 3)
    np.testing.assert_array_equal(files.load("a.npy", npy(np.asfortranarray(array))).X, array)


def test_pixels(files: Any, npz: Any) -> None:
    """uint8 images are scaled to 0..1; uint8 tables stay as they are."""
    assert files.load("a.npz", npz(X=np.full((2, 3, 3), 255, np.uint8))).X.max() == 1
    assert files.load("a.npz", npz(X=np.full((2, 9), 255, np.uint8))).X.max() == 255


LABELS = {
    "integers": (np.array([3, 1, 3]), ("1", "3"), [1, 0, 1]),
    "whole floats": (np.array([3.0, 1.0, 3.0]), ("1", "3"), [1, 0, 1]),
    "column": (np.array([[3], [1], [3]]), ("1", "3"), [1, 0, 1]),
    "truth values": (np.array([True, False, True]), ("false", "true"), [1, 0, 1]),
    "text": (np.array(["b", "a", "b"]), ("a", "b"), [1, 0, 1]),
    "bytes": (np.array([b"b", b"a", b"b"]), ("a", "b"), [1, 0, 1]),
}


@pytest.mark.parametrize(("y", "classes", "expected"), LABELS.values(), ids=LABELS.keys())
def test_labels(files: Any, npz: Any, y: np.ndarray, classes: tuple[str, ...], expected: list[int]) -> None:
    """Labels of any plain type become class numbers and names; target=y says the same."""
    content = npz(X=np.eye(3), y=y)
    for target in ("", "y"):
        dataset = files.load("a.npz", content, target)
        assert (dataset.classes, dataset.labels().tolist()) == (classes, expected)
        assert dataset.y.dtype == np.int64


def test_continuous_y(files: Any, npz: Any) -> None:
    """A y of measured values is no label: the samples are usable, and asking for labels says why not."""
    content = npz(X=np.eye(3), y=np.array([0.5, 1, 2]))
    with pytest.raises(BadInput, match=r"a.npz, y can't be class labels: row 1 holds 0.5"):
        files.load("a.npz", content).labels()
    with pytest.raises(BadInput, match=r"a.npz, y can't be class labels: row 1 holds 0.5"):
        files.load("a.npz", content, "y")


REFUSED_NPZ = {
    "no X": ({"data": np.eye(2)}, "a.npz has no array called X (it holds data); save it with numpy.savez(path, X=X, y=y)."),
    "nothing": ({}, "a.npz has no array called X (it holds nothing)"),
    "object X": ({"X": np.array([[1, None]], dtype=object)}, "a.npz: X is an object array, which is stored as a pickle"),
    "object elsewhere": ({"X": np.eye(2), "z": np.array([None])}, "a.npz: z is an object array"),
    "object y": ({"X": np.eye(2), "y": np.array(["a", None])}, "a.npz: y is an object array"),
    "other length": ({"X": np.eye(3), "y": np.arange(2)}, "X has 3 rows and y has shape (2,); one label a row is expected."),
    "one-hot": ({"X": np.eye(3), "y": np.eye(3)}, "one class number a row is expected: y.argmax(axis=1)."),
    "text": ({"X": np.array([["a"]])}, "X has type <U1; numbers are expected"),
    "complex": ({"X": np.ones((2, 2), complex)}, "X has type complex128; numbers are expected"),
    "records": ({"X": np.zeros(2, [("a", "f4")])}, "X has type [('a', '<f4')]; plain numbers are expected, not records."),
    "no samples": ({"X": np.zeros((0, 3))}, "X has shape (0, 3) and holds no samples"),
    "a scalar": ({"X": np.float32(1)}, "X has shape () and holds no samples"),
    "NaN": ({"X": np.array([[1, 2], [3, np.nan], [np.inf, 4]])}, "row 2, column 2 of X is NaN; 2 such values in all"),
    "infinite": ({"X": np.array([[1, 2], [-np.inf, 3]])}, "row 2, column 1 of X is -inf; 1 such value in all"),
    "too large": ({"X": np.array([[1, 1e300]])}, "row 1, column 2 of X is 1e+300, too large for 32-bit numbers"),
    "NaN in an image": ({"X": np.where(np.arange(8) == 6, np.nan, 0.0).reshape(2, 2, 2)}, "row 2, position (2, 1) of X is NaN"),
}  # fmt: skip


@pytest.mark.parametrize(("arrays", "sentence"), REFUSED_NPZ.values(), ids=REFUSED_NPZ.keys())
def test_refused_npz(files: Any, npz: Any, arrays: dict[str, np.ndarray], sentence: str) -> None:
    """Each fault of an npz is refused with a sentence that names the file and the array."""
    with pytest.raises(BadInput) as refusal:
        files.load("a.npz", npz(**arrays))
    assert sentence in str(refusal.value)
    assert str(refusal.value).startswith("a.npz")


def test_target_of_npz(files: Any, npz: Any) -> None:
    """Another target than y is refused."""
    with pytest.raises(BadInput, match=r"a.npz has no labels called 'species'; its labels are y."):
        files.load("a.npz", npz(X=np.eye(2), y=np.arange(2)), "species")
    with pytest.raises(BadInput, match=r"a.npz has no labels called 'y'; it holds no labels."):
        files.load("a.npz", npz(X=np.eye(2)), "y")


class Trap:
    """Runs a command when it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("protocol", range(2, 6))
@pytest.mark.parametrize("name", ["a.npy", "a.npz", "a.csv", "a.parquet", "a.idx", "a.zip"])
def test_pickle(files: Any, name: str, protocol: int) -> None:
    """A pickle under any name is refused as such and never opened."""
    content = pickle.dumps(Trap(str(files.folder / "trap")), protocol)
    with pytest.raises(
        BadInput, match=r"holds a Python pickle, which could run code and is never opened; save the arrays"
    ):
        files.load(name, content)
    assert not (files.folder / "trap").exists()


def test_pickle_inside(files: Any, npy: Any, zipped: Any) -> None:
    """A pickle inside an npz or an object array is never opened."""
    trap = Trap(str(files.folder / "trap"))
    array = np.empty(1, dtype=object)
    array[0] = trap
    for name, content in (
        ("a.npy", npy(array)),
        ("a.npz", zipped({"X.npy": npy(array)})),
        ("a.npz", zipped({"X.npy": pickle.dumps(trap)})),
        ("a.npz", zipped({"data.pkl": pickle.dumps(trap)})),
    ):
        with pytest.raises(BadInput):
            files.load(name, content)
    assert not (files.folder / "trap").exists()


def test_header_of_a_trillion_values(files: Any, npy_header: Any, zipped: Any) -> None:
    """A header that claims 10^12 values is refused before anything is allocated."""
    for shape, sentence in (((10**12,), "has 1,000,000,000,000 rows"), ((10**6, 10**6), "has 1,000,000 columns")):
        for name, content in (("a.npy", npy_header(shape)), ("a.npz", zipped({"X.npy": npy_header(shape)}))):
            with pytest.raises(BadInput) as refusal:
                files.load(name, content)
            assert sentence in str(refusal.value) or "X is cut off: its header declares shape" in str(refusal.value)


DAMAGED_HEADERS = {
    "negative": b"{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 2), }",
    "no shape": b"{'descr': '<f8', 'fortran_order': False, }",
    "code": b"{'descr': __import__('os').getcwd(), 'fortran_order': False, 'shape': (1, 2), }",
    "not closed": b"{'descr': '<f8', 'fortran_order': False, 'shape': (1, ",
    "unknown type": b"{'descr': 'nonsense', 'fortran_order': False, 'shape': (1, 2), }",
}


@pytest.mark.parametrize("header", DAMAGED_HEADERS.values(), ids=DAMAGED_HEADERS.keys())
def test_damaged_header(files: Any, header: bytes) -> None:
    """A header that declares nonsense is refused and never evaluated."""
    header = header.ljust(117) + b"\n"
    with pytest.raises(
        BadInput, match=r"a.npy: the header of X is damaged; write it again with numpy.save or numpy.savez."
    ):
        files.load("a.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(16))


def test_truncated(files: Any, npy: Any, npz: Any) -> None:
    """A file cut off anywhere is refused."""
    single, several = npy(np.ones((30, 3))), npz(X=np.random.default_rng(0).random((30, 3)))
    with pytest.raises(
        BadInput, match=r"a.npy: X is cut off: its header declares shape \(30, 3\) of float64, 720 bytes, and 717"
    ):
        files.load("a.npy", single[:-3])
    with pytest.raises(BadInput, match=r"X has bytes that do not belong to it"):
        files.load("a.npy", single + b"more")
    for kept in range(1, len(single), 50):
        with pytest.raises(BadInput):
            files.load("a.npy", single[:kept])
    for kept in range(1, len(several), 50):
        with pytest.raises(BadInput, match=r"a.npz (is damaged or was cut off|is not an npz file)"):
            files.load("a.npz", several[:kept])


def test_flipped_byte(files: Any, npz: Any) -> None:
    """A changed byte inside an npz is noticed."""
    content = bytearray(npz(X=np.random.default_rng(0).random((30, 3))))
    content[len(content) // 2] ^= 0xFF
    with pytest.raises(BadInput, match=r"a.npz: (the header of )?X is damaged"):
        files.load("a.npz", bytes(content))


def test_bomb(files: Any, npz: Any) -> None:
    """A small npz that unpacks a thousandfold is refused from its list of contents."""
    content = npz(X=np.zeros((10_000, 1_000)))
    assert len(content) < 100_000
    with pytest.raises(TooLarge, match=r"a.npz would unpack from .* KiB to 76.3 MiB, as a decompression bomb does"):
        files.load("a.npz", content)


def test_bomb_beside(files: Any, npy: Any, npy_header: Any) -> None:
    """An array that is never asked for counts, too: the sizes of all members are added up."""
    with zipfile.ZipFile(files.folder / "b.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("X.npy", npy(np.eye(2)))
        archive.writestr("z.npy", npy_header((10_000_000,)) + bytes(80_000_000))
    with pytest.raises(TooLarge, match=r"as a decompression bomb does"):
        files.load("a.npz", (files.folder / "b.npz").read_bytes())


def test_unusual_archives(files: Any, npy: Any, zipped: Any) -> None:
    """An npz packed by another method, or with other files in it, is refused."""
    with zipfile.ZipFile(files.folder / "b.npz", "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("X.npy", npy(np.eye(2)))
    with pytest.raises(BadInput, match=r"a.npz is packed in an unusual way; pack it again as an ordinary zip"):
        files.load("a.npz", (files.folder / "b.npz").read_bytes())
    with pytest.raises(BadInput, match=r"a.npz is no npz of plain arrays: it holds 'word/document.xml'"):
        files.load("a.npz", zipped({"word/document.xml": b"<xml/>"}))
