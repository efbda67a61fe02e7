"""What the viewer of a topology result gets: one block of bytes with a header and arrays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from core.export.look import look
from core.palette import SERIES
from core.store.results import StoredResult
from core.topology.describe_report import degree_name
from core.topology.figures.drawing import MOST_STEPS, axis_names, degrees_of, steps

ALIGNED = 8  # bytes: arrays begin at multiples of it
MOST_DIRACS = 4_000  # of a degree, the largest weights


def packed(stored: StoredResult) -> bytes:
    """The length of the header (four bytes, the lowest first), the header in JSON, and the arrays that it lists."""
    header, arrays = contents(stored)
    places, offset = {}, 0
    for name, array in arrays.items():
        places[name] = {"type": array.dtype.name, "offset": offset, "count": array.size}
        offset += -(-array.nbytes // ALIGNED) * ALIGNED
    text = json.dumps({**header, "arrays": places}, allow_nan=False).encode()
    parts = [len(text).to_bytes(4, "little"), text, bytes(-(4 + len(text)) % ALIGNED)]
    for array in arrays.values():
        parts += [np.ascontiguousarray(array).tobytes(), bytes(-array.nbytes % ALIGNED)]
    return b"".join(parts)


def contents(stored: StoredResult) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The header and the arrays.

    Exact where the browser shows or computes exact numbers (grid, tables, Diracs, cells); places to draw at have half
    the digits.
    """
    result, degrees = stored.result, degrees_of(stored.result)
    arrays = {"radii": result.arrays["grid_radius"], "levels": result.arrays["grid_level"]}
    arrays["table_euler"] = result.arrays["euler"].astype(np.int32)
    for degree in degrees:
        arrays[f"table_{degree}"] = result.arrays[f"hilbert_H{degree}"].astype(np.int32)
        arrays[f"positions_{degree}"], arrays[f"weights_{degree}"] = _diracs(result.tables["signed_measure"], degree)
    arrays |= {name: array for name, array in result.arrays.items() if name.startswith("cells_")}
    picture, drawn = _picture(result.arrays, str(result.summary["filtration"].value))
    if picture["count"] < int(result.summary["points"].value or 0):
        picture["words"] = f"The first {picture['count']:,} alone are drawn. {picture['words']}".strip()
    header = {
        "key": stored.key,
        "degrees": degrees,
        "shape": list(arrays["table_euler"].shape),
        "names": list(axis_names(result)),
        "nouns": {degree: [degree_name(degree, 1), degree_name(degree, 2)] for degree in degrees},
        "symbols": {**{str(degree): f"dim H{degree}" for degree in degrees}, "euler": "χ"},
        "alternatives": _alternatives(arrays, degrees),
        "colours": {degree: _for_both_themes(SERIES[degree % len(SERIES)]) for degree in degrees},
        "ramps": [[_hexadecimal(colour) for _, colour in steps(0, top)[0][::2]] for top in range(MOST_STEPS + 1)],
        "summands": {degree: _summands(result.tables["summands"], degree) for degree in degrees},
        "picture": picture,
        "why": "" if "cells_grades_0" in arrays else _why(int(result.summary["cells"].value or 0)),
    }
    return header, arrays | drawn


def _why(cells: int) -> str:
    return (
        f"The filtered complex has {cells:,} cells, too many to be sent to a browser, so there is no line, rank or summand "
        "here: fewer points (Most points) or a coarser image give them."
    )


def _alternatives(arrays: Mapping[str, np.ndarray], degrees: list[int]) -> dict[str, str]:
    def span(name: str) -> str:
        return f"from {int(arrays[name].min()):,} to {int(arrays[name].max()):,}"

    said = {
        f"{degree}": f"Heatmap of the number of {degree_name(degree, 2)}, {span(f'table_{degree}')}."
        for degree in degrees
    }
    return {**said, "euler": f"Heatmap of the Euler characteristic, {span('table_euler')}."}


def _diracs(table: pd.DataFrame, degree: int) -> tuple[np.ndarray, np.ndarray]:
    rows = table[table.degree == degree]
    largest = rows.weight.abs().sort_values(ascending=False, kind="stable").index[:MOST_DIRACS]
    shown = rows.loc[largest]
    return shown[["radius", "level"]].to_numpy(dtype=np.float64), shown.weight.to_numpy(dtype=np.int32)


def _summands(table: pd.DataFrame, degree: int) -> list[dict[str, Any]]:
    """By size; a corner without a number has null there."""
    found = []
    for _, rows in table[table.degree == degree].groupby("summand", sort=True):
        corners = {
            f"{corner}s": [[value if np.isfinite(value) else None for value in pair] for pair in part.to_numpy()]
            for corner, part in ((c, rows.loc[rows.corner == c, ["radius", "level"]]) for c in ("birth", "death"))
        }
        found.append({"size": float(rows["size"].iloc[0]), **corners})
    return found


# The item ------------------------------------------------------------------------------------------------------------


def _picture(stored: Mapping[str, np.ndarray], filtration: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """How the item is drawn: kind, words, and numbers for the header; arrays."""
    values = np.asarray(stored["function"], dtype=np.float64)
    if "image" in stored:
        return _image(stored["image"], values)
    places, words = _places(stored, filtration)
    picture: dict[str, Any] = {
        "kind": "cells" if filtration in ("graph", "alpha") else "rips",
        "words": words,
        "count": len(values),
        "noun": "vertices" if filtration == "graph" else "points",
        "balls": False,
        "aspect": 1.0,
        "dimensions": 2,
    }
    if places is None:
        return picture, {"values": values}
    low, high = places.min(axis=0), places.max(axis=0)
    middle = (low + high) / 2
    reach = np.maximum((high - low) / 2, 1e-12)
    if places.shape[1] == 3:  # turned, no point may leave the picture
        reach[:] = max(float(np.linalg.norm(places - middle, axis=1).max()), 1e-12)
    arrays: dict[str, np.ndarray] = {"places": places.astype(np.float32), "values": values}
    picture |= {
        "dimensions": places.shape[1],
        "middle": middle.tolist(),
        "reach": reach.tolist(),
        "equal": "points" not in stored or stored["points"].shape[1] > 1,
        "aspect": float(np.clip(reach[1] / reach[0], 0.6, 1.0)) if places.shape[1] == 2 else 0.9,
        "balls": filtration == "alpha" and places.shape[1] == 2,
    }
    if picture["kind"] == "rips" and "points" in stored:
        points = stored["points"]
        picture["ambient"] = points.shape[1]
        arrays["coordinates"] = points.astype(np.float64 if points.shape[1] <= 3 else np.float32)
    if "edge_lengths" in stored:
        arrays["edge_lengths"] = stored["edge_lengths"]
    return picture, arrays


def _places(stored: Mapping[str, np.ndarray], filtration: str) -> tuple[np.ndarray | None, str]:
    """[n, 2 or 3] where points are drawn, None where they are not; and what a reader must know of that."""
    if "points" in stored:
        points = stored["points"]
        dimensions = points.shape[1]
        if dimensions == 1:
            return np.column_stack([points[:, 0], stored["function"]]), "Upwards: the second parameter."
        if dimensions > 3:
            words = f"Three principal components of {dimensions} coordinates; lengths are those in all. Drag to turn."
            return stored["layout"], words
        return points, "Drag to turn." if dimensions == 3 else ""
    if "layout" not in stored:
        return None, "Too large to be drawn."
    if filtration == "graph":
        return stored["layout"], "Drawn so that distances follow the numbers of edges between vertices."
    words = "Classical scaling to the plane; edges have the lengths of the matrix, not those of the picture."
    return stored["layout"], words


def _image(image: np.ndarray, values: np.ndarray) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    picture: dict[str, Any] = {
        "kind": "image",
        "words": "Pixels that have entered are filled; grey is their brightness.",
        "count": image.size,
        "rows": image.shape[0],
        "columns": image.shape[1],
        "range": [float(image.min()), float(image.max())],
        "aspect": float(np.clip(image.shape[0] / image.shape[1], 0.4, 1.0)),
        "dimensions": 2,
    }
    brightness: np.ndarray = np.asarray(image, dtype=np.float64).reshape(-1)
    return picture, {"brightness": brightness, "values": values}


def _for_both_themes(colour: str) -> str:
    return f"light-dark({colour}, {look()['lighter'].get(colour, colour)})"


def _hexadecimal(colour: str) -> str:
    """`rgb(1, 2, 3)` as `#010203`."""
    if colour.startswith("#"):
        return colour
    return "#" + "".join(f"{round(float(part)):02x}" for part in colour.removeprefix("rgb(").rstrip(")").split(","))
