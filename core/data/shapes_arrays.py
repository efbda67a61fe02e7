"""Reads shapes from npz and npy: clouds, one cloud, series, distances, images."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.data.arrays import check_samples
from core.data.npy_file import read_npy
from core.data.npz_arrays import NpzArrays, open_npz
from core.data.shapes import Form, Item, Shapes
from core.data.shapes_checks import checked_distances, checked_image, checked_item, checked_labels, is_distances
from core.errors import BadInput

SAVE = "numpy.savez('shapes.npz', X=X, y=y)"
MOST_COORDINATES = 10  # a table with more columns is taken for series, one a row, unless the form is given
_MOST_CLOUD_COORDINATES = 4  # [a, b, up to 4] are clouds, [a, b, more] images
_CLOUD = re.compile(r"cloud_?(\d+)")
_NAMES: dict[str, Form] = {"distances": "distances", "D": "distances", "images": "images", "series": "series"}


def read_npz_shapes(path: Path, filename: str, form: Form | None) -> Shapes:
    """Reads `X` (or `distances`, `images`, `series`), or `cloud_0`, `cloud_1`, ..., with labels `y` and `function`.

    Args:
        path: the file.
        filename: as messages show it.
        form: as the person chose it; None: by shape. X [a, b, c] are clouds up to 4 coordinates, else images; X [a, b]
            is a matrix of distances if it can be one, a cloud up to 10 coordinates, else series.

    Raises:
        BadInput: none of these arrays, or values that can't be used.
        TooLarge: more than the limits, or than there is memory.
    """
    with open_npz(path, filename, SAVE) as held:
        clouds = _numbered(held)
        if clouds and "X" not in held:
            items: Sequence[np.ndarray] = [_read(held, filename, name) for name in clouds]
            found: Form = form or "clouds"
        else:
            name = next((name for name in ("X", *_NAMES) if name in held), None)
            if name is None:
                raise BadInput(
                    f"{filename} has no array X, images, series, distances, or cloud_0, cloud_1, ... (it holds {held.held}); "
                    f"save it with {SAVE}."
                )
            X = _read(held, filename, name)
            found = form or _NAMES.get(name) or form_of_array(X, filename)
            items = items_of(X, found, f"{filename}, {name}")
        y = held.read("y") if "y" in held else None
        function = held.read("function") if "function" in held else None
    return _shapes(filename, "npz", found, items, y, function)


def read_npy_shapes(path: Path, filename: str, form: Form | None) -> Shapes:
    """Reads one array as `read_npz_shapes` reads X.

    Raises:
        BadInput: values that can't be used.
        TooLarge: more than the limits, or than there is memory.
    """
    X = read_npy(path, filename).X
    found = form or form_of_array(X, filename)
    return _shapes(filename, "npy", found, items_of(X, found, f"{filename}, X"), None, None)


def form_of_array(X: np.ndarray, filename: str) -> Form:
    """What an array holds, by its shape; square symmetric arrays with a zero diagonal are distances.

    Raises:
        BadInput: a shape that is none of these.
    """
    if X.ndim == 4:
        return "images"
    if X.ndim == 3:
        return "clouds" if X.shape[2] <= _MOST_CLOUD_COORDINATES else "images"
    if X.ndim != 2:
        raise BadInput(
            f"{filename}: the array has shape {X.shape}; [points, coordinates], [clouds, points, coordinates], "
            "[series, length] or [images, height, width] is expected."
        )
    if X.dtype.kind in "biuf" and is_distances(X):
        return "distances"
    return "cloud" if X.shape[1] <= MOST_COORDINATES else "series"


def items_of(X: np.ndarray, form: Form, what: str) -> Sequence[np.ndarray]:
    """The items in an array, not yet checked.

    Raises:
        BadInput: a shape that does not fit the form, or a form that arrays can't have.
    """
    if form in ("cloud", "distances"):
        return [X]
    if form == "graphs":
        raise BadInput(f"{what} is an array; graphs are brought as an edge list (csv), gml, or a zipped TU folder.")
    wanted = {"clouds": (3,), "series": (2, 3), "images": (3, 4)}[form]
    if X.ndim not in wanted:
        shape = {"clouds": "[clouds, points, coordinates]", "series": "[series, length]", "images": "[images, h, w]"}
        raise BadInput(f"{what} has shape {X.shape}; {shape[form]} is expected for {form}.")
    return list(X)


def checked_items(items: Sequence[np.ndarray], form: Form, filename: str) -> tuple[Item, ...]:
    """Items as float64 arrays of the shape that their form asks for.

    Raises:
        BadInput: values that can't be used; the item is named.
    """
    return tuple(_checked(item, form, f"{filename}, {_name(form)} {place + 1:,}") for place, item in enumerate(items))


def checked_functions(
    function: np.ndarray, items: Sequence[np.ndarray], form: Form, filename: str
) -> tuple[np.ndarray, ...]:
    """One value a point, cut into items.

    Raises:
        BadInput: a form without points, another number of values than points, or a value that is not finite.
    """
    if form not in ("cloud", "clouds", "distances"):
        raise BadInput(f"{filename}: a function belongs to points, and {form} have none; leave it out.")
    counts = [len(item) for item in items]
    flat = np.asarray(function)
    if flat.ndim == 2 and len(set(counts)) == 1 and flat.shape == (len(counts), counts[0]):
        flat = flat.reshape(-1)
    if flat.shape != (sum(counts),):
        raise BadInput(
            f"{filename}: function has shape {np.shape(function)} and there are {sum(counts):,} points; one value a "
            "point is expected."
        )
    values = checked_item(flat, f"{filename}, function", ("point",))
    return tuple(np.split(values, np.cumsum(counts)[:-1]))


def _shapes(
    filename: str,
    format_: str,
    form: Form,
    items: Sequence[np.ndarray],
    y: np.ndarray | None,
    function: np.ndarray | None,
) -> Shapes:
    checked = checked_items(items, form, filename)
    functions = None if function is None else checked_functions(function, items, form, filename)
    labels, classes = (None, ()) if y is None else checked_labels(y, len(checked), f"{filename}, y")
    return Shapes(filename, form, checked, functions, labels, classes, format=format_)


def _checked(item: np.ndarray, form: Form, what: str) -> np.ndarray:
    if form == "distances":
        return checked_distances(item, what)
    if form == "images":
        return checked_image(item, what)
    if form == "series":
        channels = item[None] if item.ndim == 1 else item
        return checked_item(channels, what, ("channel", "step"))
    return checked_item(item, what, ("point", "coordinate"))


def _name(form: Form) -> str:
    return {"cloud": "cloud", "clouds": "cloud", "series": "series", "distances": "matrix"}.get(form, "image")


def _numbered(held: NpzArrays) -> list[str]:
    """The arrays cloud_0, cloud_1, ... in the order of their numbers."""
    found = [(int(match[1]), name) for name in held.headers if (match := _CLOUD.fullmatch(name))]
    return [name for _, name in sorted(found)]


def _read(held: NpzArrays, filename: str, name: str) -> np.ndarray:
    check_samples(f"{filename}, {name}", held.headers[name].shape, held.headers[name].dtype)
    return held.read(name)
