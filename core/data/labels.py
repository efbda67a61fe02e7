"""Class labels: whatever they are written as, become class numbers 0, 1, ... and class names."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.errors import BadInput

LABEL_NAMES = ("y", "label", "target", "class")  # a column so called is taken as the label
LONGEST_LABEL = 200  # characters
FREE_CLASSES = 20  # so many classes are never doubted; more must come with two rows each on average


def encode_numbers(values: np.ndarray, what: str, place: Callable[[int], str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Encodes whole numbers or truth values.

    Args:
        values: bool, integer or float [rows].
        what: subject of the message, such as "iris.csv, column 'y'".
        place: where a value is, by its index: "row 17 (line 18)".

    Returns:
        Class numbers int64 [rows], and class names in numeric order.

    Raises:
        BadInput: NaN, a fraction, or nearly as many classes as rows.
    """
    if values.dtype.kind == "b":
        return _checked(values.astype(np.int64), ("false", "true"), what)
    if values.dtype.kind == "f":
        odd = np.flatnonzero(~np.isfinite(values) | (values != np.floor(values)))
        if len(odd):
            raise BadInput(
                f"{what} can't be class labels: {place(int(odd[0]))} holds {values[odd[0]]:g}; "
                "labels are text or whole numbers."
            )
    found, y = np.unique(values, return_inverse=True)
    return _checked(y, tuple(str(int(value)) for value in found), what)


def encode_text(values: np.ndarray, codes: np.ndarray, what: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Encodes text that is given as distinct values and, for each row, the index of its value.

    Spaces around a label do not count.

    Raises:
        BadInput: a label longer than a name, or nearly as many classes as rows.
    """
    longest = max(values, key=len)
    if len(longest) > LONGEST_LABEL:
        raise BadInput(
            f"{what} can't be class labels: one is a text of {len(longest):,} characters; names are expected."
        )
    found, merged = np.unique(np.array([str(value).strip() for value in values], dtype=object), return_inverse=True)
    return _checked(merged[codes], tuple(found), what)


def _checked(y: np.ndarray, classes: tuple[str, ...], what: str) -> tuple[np.ndarray, tuple[str, ...]]:
    if len(classes) > FREE_CLASSES and 2 * len(classes) > len(y):
        raise BadInput(
            f"{what} can't be class labels: {len(y):,} rows hold {len(classes):,} different values, "
            "as in a numbering or a measured quantity; choose a column whose values repeat."
        )
    present = np.unique(y)
    if len(present) < len(classes):  # only of truth values: one of the two may be absent
        classes = tuple(classes[int(index)] for index in present)
        y = np.searchsorted(present, y)
    return y.astype(np.int64), classes
