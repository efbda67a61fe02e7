"""Reads graphs in the text form of the TU collection (Morris et al., arXiv:2007.08663)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.data.limits import check_size
from core.data.shapes import Graph, Item, Shapes
from core.data.shapes_checks import checked_labels
from core.data.shapes_graph import numbered_graph
from core.data.shapes_text import as_table, number_rows
from core.errors import BadInput

NEEDED = ("A", "graph_indicator")


def tu_name(names: list[str]) -> str | None:
    """What stands before "_A.txt" in a list of file names; None: this is no TU folder."""
    starts = [name.removesuffix("_A.txt") for name in names if name.endswith("_A.txt")]
    return starts[0] if len(starts) == 1 and f"{starts[0]}_graph_indicator.txt" in names else None


def read_tu(start: str, names: list[str], lines_of: Callable[[str], list[str]], filename: str) -> Shapes:
    """All graphs of a TU folder.

    Labels of vertices become the attribute "label", attributes of vertices "attribute_1", ..., and the first attribute
    of an edge its length.

    Args:
        start: path and name before "_A.txt".
        names: the files that there are.
        lines_of: reads the lines of one of them.
        filename: as messages show it.

    Raises:
        BadInput: a file that is missing, damaged, or does not fit the others.
        TooLarge: more than this installation accepts.
    """

    def whole(part: str, columns: int) -> np.ndarray:
        table = _table(part, lines_of(f"{start}_{part}.txt"), filename)
        if table.shape[1] != columns or (table != np.floor(table)).any():
            raise BadInput(f"{filename}: {part} holds {table.shape[1]} columns; {columns} whole numbers are expected.")
        return table.astype(np.int64)

    pairs, owner = whole("A", 2), whole("graph_indicator", 1)[:, 0]
    vertices, count = len(owner), int(owner.max())
    check_size(filename, vertices, 1)
    if pairs.min() < 1 or pairs.max() > vertices:
        raise BadInput(f"{filename}: A names vertex {pairs.max():,} and graph_indicator has {vertices:,} vertices.")
    if owner.min() != 1 or len(np.unique(owner)) != count or (np.diff(owner) < 0).any():
        raise BadInput(f"{filename}: graph_indicator must number the graphs 1, 2, ... in increasing order.")
    of_edge = owner[pairs[:, 0] - 1]
    crossing = np.flatnonzero(of_edge != owner[pairs[:, 1] - 1])
    if len(crossing):
        raise BadInput(f"{filename}: row {crossing[0] + 1:,} of A joins two graphs; an edge lies in one of them.")

    def optional(part: str, rows: int) -> np.ndarray | None:
        name = f"{start}_{part}.txt"
        if name not in names:
            return None
        table = _table(part, lines_of(name), filename)
        if len(table) != rows:
            raise BadInput(f"{filename}: {part} has {len(table):,} rows; {rows:,} are expected.")
        return table

    attributes = _named("label", optional("node_labels", vertices)) | _named(
        "attribute", optional("node_attributes", vertices)
    )
    edge_attributes = optional("edge_attributes", len(pairs))
    lengths = None if edge_attributes is None else edge_attributes[:, 0]
    labels = optional("graph_labels", count)
    first = np.searchsorted(owner, np.arange(1, count + 2))
    order = np.argsort(of_edge, kind="stable")
    starts = np.searchsorted(of_edge[order], np.arange(1, count + 2))
    graphs: list[Item] = []
    for place in range(count):
        mine = order[starts[place] : starts[place + 1]]
        low, high = first[place], first[place + 1]
        graphs.append(
            numbered_graph(
                pairs[mine] - 1 - low,
                int(high - low),
                None if lengths is None else lengths[mine],
                f"{filename}, graph {place + 1:,}",
                {name: values[low:high] for name, values in attributes.items()},
            )
        )
    y, classes = (None, ()) if labels is None else checked_labels(labels, count, f"{filename}, graph_labels", "graph")
    return Shapes(filename, "graphs", tuple(graphs), None, y, classes, format="tu", notes=_notes(graphs))


def _notes(graphs: list[Item]) -> tuple[str, ...]:
    bare = sum(isinstance(graph, Graph) and len(graph.edges) == 0 for graph in graphs)
    return (f"{bare} of {len(graphs)} graphs have no edges.",) if bare else ()


def _named(name: str, table: np.ndarray | None) -> dict[str, np.ndarray]:
    if table is None:
        return {}
    if table.shape[1] == 1:
        return {name: table[:, 0]}
    return {f"{name}_{place + 1}": column for place, column in enumerate(table.T)}


def _table(part: str, lines: list[str], filename: str) -> np.ndarray:
    table = as_table(number_rows(lines, f"{filename}, {part}"), f"{filename}, {part}")
    if not np.isfinite(table).all():
        raise BadInput(f"{filename}: {part} holds values that are not finite.")
    return table
