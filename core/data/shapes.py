"""Shapes: point clouds, series, graphs, distance matrices and images, one or many, as a file holds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np

Form = Literal["cloud", "clouds", "series", "graphs", "distances", "images"]
FORMS: tuple[Form, ...] = get_args(Form)
LISTED_CLASSES = 100
ITEM_NAMES = {  # what one item of a form is called, singular and plural
    "cloud": ("point cloud", "point clouds"),
    "clouds": ("point cloud", "point clouds"),
    "series": ("series", "series"),
    "graphs": ("graph", "graphs"),
    "distances": ("distance matrix", "distance matrices"),
    "images": ("image", "images"),
}


@dataclass(frozen=True, eq=False)
class Graph:
    """An undirected graph without loops or repeated edges.

    Attributes:
        vertices: how many; they are numbered from 0.
        edges: [m, 2] int64, smaller end first, in lexicographic order.
        lengths: [m] float64 a length or weight of each edge; None: the file gives none.
        attributes: name -> [vertices] float64 numbers of the vertices, as the file gives them.
    """

    vertices: int
    edges: np.ndarray
    lengths: np.ndarray | None = None
    attributes: Mapping[str, np.ndarray] = field(default_factory=dict)


Item = np.ndarray | Graph


@dataclass(frozen=True, eq=False)
class Shapes:
    """What a file holds, checked: finite values, matching lengths.

    Attributes:
        name: of the file, as messages show it.
        form: what the items are.
        items: clouds [points, dimensions], series [channels, length], graphs, distances [points, points], or images
            [height, width, channels] with one or two channels, all float64.
        functions: a column of the file with one value a point, [points] for each item; None without.
        y: [items] int64 class numbers; None without.
        classes: names of the classes.
        train: [items] bool, which of them the file itself gives for training; None: it does not say.
        format: of the file: "csv", "parquet", "npz", "npy", "text", "ts", "tu", "gml", "zip" or "builtin".
        notes: what a reader must know of how it was read.
    """

    name: str
    form: Form
    items: tuple[Item, ...]
    functions: tuple[np.ndarray, ...] | None = None
    y: np.ndarray | None = None
    classes: tuple[str, ...] = ()
    train: np.ndarray | None = None
    format: str = ""
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.items)


def item_size(form: Form, item: Item) -> int:
    """Points of a cloud or distance matrix, length of a series, vertices of a graph, pixels of an image."""
    if isinstance(item, Graph):
        return item.vertices
    if form == "series":
        return int(item.shape[-1])
    return int(item.shape[0] * item.shape[1]) if form == "images" else len(item)


def describe_shapes(shapes: Shapes) -> dict[str, Any]:
    """What the library shows of shapes and what estimates need, as plain JSON values.

    Returns:
        format; kind ("shapes"); form; items (how many); points [fewest, median, most] in an item (of series their
        length, of graphs vertices, of images pixels); dimensions (of points; of series and images channels; 0 for
        graphs and distances); edges [fewest, median, most] of graphs; classes and class_counts (the first 100); train
        and test (items in each, where the file gives a split); function (whether a value a point comes with them);
        attributes (names of the numbers of vertices); notes.
    """
    sizes = np.array([item_size(shapes.form, item) for item in shapes.items])
    first = shapes.items[0]
    details: dict[str, Any] = {
        "format": shapes.format,
        "kind": "shapes",
        "form": shapes.form,
        "items": len(shapes.items),
        "points": _spread(sizes),
        "dimensions": _dimensions(shapes.form, first),
        "function": shapes.functions is not None,
        **_classes(shapes),
        "notes": list(shapes.notes),
    }
    if isinstance(first, Graph):
        graphs = [item for item in shapes.items if isinstance(item, Graph)]
        details["edges"] = _spread(np.array([len(graph.edges) for graph in graphs]))
        details["attributes"] = list(first.attributes)
        details["lengths"] = first.lengths is not None
    if shapes.train is not None:
        details["train"], details["test"] = int(shapes.train.sum()), int((~shapes.train).sum())
    return details


def _spread(sizes: np.ndarray) -> list[int]:
    return [int(sizes.min()), int(np.median(sizes)), int(sizes.max())]


def _dimensions(form: Form, item: Item) -> int:
    if isinstance(item, Graph) or form == "distances":
        return 0
    return int(item.shape[0] if form == "series" else item.shape[-1])


def _classes(shapes: Shapes) -> dict[str, Any]:
    if shapes.y is None:
        return {"labels": None, "classes": 0, "class_counts": {}}
    counts = Counter(shapes.y.tolist())
    named = {name: counts[number] for number, name in enumerate(shapes.classes[:LISTED_CLASSES])}
    return {"labels": "y", "classes": len(shapes.classes), "class_counts": named}
