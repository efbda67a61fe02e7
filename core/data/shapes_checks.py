"""What all readers of shapes check: finite values, labels, enough points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.data.labels import encode_numbers, encode_text
from core.errors import BadInput

MOST_CHANNELS = 2


def checked_item(values: np.ndarray, what: str, axes: Sequence[str]) -> np.ndarray:
    """Float64 values, all of them finite.

    Args:
        values: [.., ..].
        what: subject of the message, such as "clouds.npz, cloud 3".
        axes: name of each axis, for the place: ("point", "coordinate").

    Raises:
        BadInput: not numbers, another number of axes, empty, or a value that is not finite.
    """
    if values.dtype.kind not in "biuf":
        raise BadInput(f"{what} has type {str(values.dtype)[:40]}; numbers are expected.")
    if values.ndim != len(axes):
        raise BadInput(f"{what} has shape {values.shape}; [{', '.join(axes)}] is expected.")
    if values.size == 0:
        raise BadInput(f"{what} is empty (shape {values.shape}); at least one {axes[0]} is expected.")
    numbers = np.ascontiguousarray(values, dtype=np.float64)
    finite = np.isfinite(numbers)
    if not finite.all():
        place = np.argwhere(~finite)[0]
        value = "a missing value (NaN)" if np.isnan(numbers[tuple(place)]) else str(numbers[tuple(place)])
        where = ", ".join(f"{axis} {index + 1:,}" for axis, index in zip(axes, place, strict=True))
        raise BadInput(
            f"{what}: {where} is {value}; finite numbers are expected: fill it in or leave that {axes[0]} out."
        )
    return numbers


def checked_labels(
    labels: np.ndarray | Sequence[str], items: int, what: str, noun: str = "item"
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Class numbers int64 [items] and class names, from whole numbers or text.

    Raises:
        BadInput: another number of labels than items, or values that can't be labels.
    """
    values = np.asarray(labels)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.shape != (items,):
        raise BadInput(
            f"{what} has shape {values.shape} and there are {items:,} items; one label for each is expected."
        )
    if values.dtype.kind in "SUO":
        found, codes = np.unique([_text(value) for value in values], return_inverse=True)
        numbers = _whole(found)
        if numbers is None:
            return encode_text(found.astype(object), codes, what)
        values = numbers[codes]
    if values.dtype.kind not in "biuf":
        raise BadInput(f"{what} has type {values.dtype}; labels are whole numbers or text.")
    return encode_numbers(values, what, lambda index: f"{noun} {index + 1:,}")


def is_distances(table: np.ndarray) -> bool:
    """Is this a matrix of distances: square with at least three rows, symmetric, not negative, zero on the diagonal?"""
    return bool(
        table.ndim == 2
        and table.shape[0] == table.shape[1] >= 3
        and (np.diagonal(table) == 0).all()
        and (table >= 0).all()
        and (table == table.T).all()
    )


def checked_distances(table: np.ndarray, what: str) -> np.ndarray:
    """A matrix of distances, [n, n] float64.

    Raises:
        BadInput: not finite, not square, negative, not symmetric, or not zero on the diagonal; the place is named.
    """
    distances = checked_item(table, what, ("row", "column"))
    if distances.shape[0] != distances.shape[1]:
        raise BadInput(f"{what} has shape {distances.shape}; a square matrix of distances is expected.")
    scale = np.abs(distances).max()
    problems = (
        (distances < 0, "distances are at least 0"),
        (np.abs(distances - distances.T) > 1e-9 * scale, "the matrix must be symmetric"),
        (np.eye(len(distances), dtype=bool) & (distances != 0), "a point has distance 0 from itself"),
    )
    for where, sentence in problems:
        if where.any():
            row, column = np.argwhere(where)[0]
            raise BadInput(f"{what}: row {row + 1:,}, column {column + 1:,} is {distances[row, column]:g}; {sentence}.")
    return (distances + distances.T) / 2  # what differs by rounding only


def checked_image(values: np.ndarray, what: str) -> np.ndarray:
    """An image [height, width, channels] float64 with one or two channels.

    Raises:
        BadInput: another shape, more channels, or a value that is not finite.
    """
    image = values[..., None] if values.ndim == 2 else values
    numbers = checked_item(image, what, ("row", "column", "channel"))
    if numbers.shape[2] > MOST_CHANNELS:
        raise BadInput(
            f"{what} has {numbers.shape[2]} channels; one or two are filtered here: keep two, X[..., :2], or turn "
            "colours into grey."
        )
    return numbers


def _text(value: object) -> str:
    return value.decode("utf-8", "replace").strip() if isinstance(value, bytes) else str(value).strip()


def _whole(texts: np.ndarray) -> np.ndarray | None:
    """Labels that are written as whole numbers, so that 10 comes after 9; None if one is none."""
    try:
        numbers = np.array([float(text) for text in texts])
    except ValueError:
        return None
    return numbers if np.isfinite(numbers).all() and (numbers == np.floor(numbers)).all() else None
