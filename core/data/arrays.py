"""Samples as one array, from npz, npy or idx, and how they become a data set."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.data.dataset import Dataset
from core.data.finite import first_not_finite, in_all
from core.data.labels import encode_numbers, encode_text
from core.data.limits import check_memory, check_size
from core.errors import BadInput


@dataclass(frozen=True, eq=False)
class Arrays:
    """What a file of arrays holds, as it was written.

    Attributes:
        filename: as messages show it.
        X: numbers [rows, ...].
        y: labels [rows], numbers or text; None without.
        remedy: what to do where labels are needed and there are none.
    """

    filename: str
    X: np.ndarray
    y: np.ndarray | None = None
    remedy: str = "bring an npz file that holds X and y"


def check_samples(filename: str, shape: tuple[int, ...], dtype: np.dtype) -> None:
    """Refuses, from its header, an array that can't be samples.

    Raises:
        BadInput: an object, text or complex array, or one without values.
        TooLarge: more than the limits, or than there is memory.
    """
    if dtype.kind not in "biuf":
        raise BadInput(
            f"{filename}: X has type {dtype}; numbers are expected (integers, floating point or truth values)."
        )
    if len(shape) == 0 or math.prod(shape) == 0:
        raise BadInput(
            f"{filename}: X has shape {shape} and holds no samples; [rows, features] or [rows, ...] is expected."
        )
    check_size(filename, shape[0], math.prod(shape[1:]))
    check_memory(filename, math.prod(shape) * (dtype.itemsize + 4))  # as written, and as float32


def names_of(shape: tuple[int, ...]) -> tuple[str, ...]:
    """Feature names of an array without names: x1, x2, ... in C order."""
    return tuple(f"x{number}" for number in range(1, math.prod(shape) + 1))


def as_samples(X: np.ndarray) -> np.ndarray:
    """Samples as float32 [rows, ...]; a vector becomes one feature, pixels (uint8 images) go to 0..1."""
    if X.ndim == 1:
        X = X[:, None]
    with np.errstate(over="ignore"):
        samples = np.array(X, dtype=np.float32, order="C")  # always a copy: X may lie in a mapped file
    if X.dtype == np.uint8 and X.ndim > 2:
        samples /= 255
    return samples


def arrays_dataset(arrays: Arrays, target: str, name: str) -> Dataset:
    """The data set of a file of arrays.

    Args:
        arrays: what a reader returned.
        target: "y" or empty: arrays have no other labels.
        name: of the data set.

    Raises:
        BadInput: another target, labels that do not fit, a missing or infinite value.
    """
    if target and (target != "y" or arrays.y is None):
        held = "its labels are y" if arrays.y is not None else "it holds no labels"
        raise BadInput(f"{arrays.filename} has no labels called {target!r}; {held}.")
    X = as_samples(arrays.X)
    _check_finite(arrays, X)
    names = names_of(X.shape[1:])
    if arrays.y is None:
        return Dataset(
            name, X, feature_names=names, without_labels=f"{arrays.filename} has no labels; {arrays.remedy}."
        )
    try:
        y, classes = encode_labels(arrays)
    except BadInput as error:
        if target:
            raise
        return Dataset(name, X, feature_names=names, without_labels=str(error))
    return Dataset(name, X, y, classes, names)


def check_labels(arrays: Arrays) -> None:
    """Refuses labels whose shape does not fit the samples.

    Raises:
        BadInput: names both shapes.
    """
    if arrays.y is None:
        return
    rows, shape = len(arrays.X), arrays.y.shape
    if len(shape) == 2 and shape[0] == rows and shape[1] > 1:
        raise BadInput(
            f"{arrays.filename}: y has shape {shape}, one column a class; one class number a row is expected: y.argmax(axis=1)."
        )
    if shape not in ((rows,), (rows, 1)):
        raise BadInput(f"{arrays.filename}: X has {rows:,} rows and y has shape {shape}; one label a row is expected.")


def encode_labels(arrays: Arrays) -> tuple[np.ndarray, tuple[str, ...]]:
    """Class numbers int64 [rows] and class names of arrays with labels.

    Raises:
        BadInput: the values can't be labels.
    """
    assert arrays.y is not None
    y, what = arrays.y.reshape(-1), f"{arrays.filename}, y"
    if y.dtype.kind in "SU":
        values, codes = np.unique(y, return_inverse=True)
        texts = [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in values]
        return encode_text(np.array(texts, dtype=object), codes, what)
    if y.dtype.kind not in "biuf":
        raise BadInput(f"{what} has type {y.dtype}; labels are whole numbers or text.")
    return encode_numbers(y, what, lambda index: f"row {index + 1:,}")


def _check_finite(arrays: Arrays, X: np.ndarray) -> None:
    bad = first_not_finite(X.reshape(len(X), -1))
    if bad is None:
        return
    row, position, total = bad
    place = np.unravel_index(position, X.shape[1:])
    value = float(arrays.X.reshape(len(X), -1)[row, position])
    found = (
        f"{value:g}, too large for 32-bit numbers"
        if math.isfinite(value)
        else ("NaN" if value != value else f"{value:g}")
    )
    column = f"column {position + 1:,}" if X.ndim == 2 else f"position {tuple(int(index) + 1 for index in place)}"
    raise BadInput(f"{arrays.filename}: row {row + 1:,}, {column} of X is {found}; {in_all(total)}")
