"""Graphs from pairs of ends, and graphs in gml."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from core.data.limits import check_size
from core.data.shapes import Graph
from core.errors import BadInput

_TOKEN = re.compile(r'\s*(?:#[^\n]*|("(?:[^"])*")|(\[)|(\])|([^\s\[\]"]+))')
_DEEPEST = 8
_LENGTHS = ("length", "weight", "value", "distance")


def graph_of(
    pairs: np.ndarray | Sequence[Sequence[Any]],
    lengths: np.ndarray | None,
    what: str,
    names: Sequence[Any] | None = None,
) -> Graph:
    """A graph from the ends of its edges, in either direction; repetitions count once, loops not at all.

    Args:
        pairs: [m, 2] numbers or names of vertices.
        lengths: [m]; of an edge that is listed twice they must agree.
        what: subject of a message.
        names: of all vertices, in their order; None: those that edges name, in sorted order.

    Raises:
        BadInput: an end that is no vertex, or an edge with two lengths.
        TooLarge: more edges than this installation accepts.
    """
    check_size(what, len(pairs), 2)
    ends = [(first, second) for first, second in pairs]
    if names is None:
        found = {end for pair in ends for end in pair}
        whole = all(isinstance(end, (int, np.integer)) for end in found)
        names = sorted(found) if whole else sorted(found, key=str)
    number = {name: place for place, name in enumerate(names)}
    if not number:
        raise BadInput(f"{what} has no vertices; at least one is expected.")
    unknown = next((end for pair in ends for end in pair if end not in number), None)
    if unknown is not None:
        raise BadInput(f"{what}: an edge ends at {str(unknown)[:40]!r}, which is no vertex.")
    table = np.array([(number[a], number[b]) for a, b in ends], dtype=np.int64).reshape(-1, 2)
    return numbered_graph(table, len(number), lengths, what)


def numbered_graph(
    pairs: np.ndarray,
    vertices: int,
    lengths: np.ndarray | None,
    what: str,
    attributes: dict[str, np.ndarray] | None = None,
) -> Graph:
    """A graph from the numbers of ends, see `graph_of`.

    Args:
        pairs: [m, 2] from 0.
        vertices: how many.
        lengths: [m] or None.
        what: subject of a message.
        attributes: of the vertices.

    Raises:
        BadInput: an edge that is listed with two lengths.
    """
    kept = pairs[:, 0] != pairs[:, 1]
    table = np.sort(pairs[kept], axis=1)
    edges, first, codes = np.unique(table, axis=0, return_index=True, return_inverse=True)
    chosen = None
    if lengths is not None:
        values = lengths[kept]
        chosen = values[first]
        odd = np.flatnonzero(values != chosen[codes.reshape(-1)])
        if len(odd):
            a, b = table[odd[0]]
            raise BadInput(
                f"{what}: the edge between vertices {a} and {b} is listed with two lengths; keep one of them."
            )
    return Graph(vertices, edges.reshape(-1, 2), chosen, attributes or {})


def read_gml(text: str, filename: str) -> Graph:
    """The graph of a gml file: nodes with an id, edges with source and target, lengths as length, weight or value.

    Numbers of nodes, such as `x 1.5`, become attributes where every node has them.

    Raises:
        BadInput: not gml, more than one graph, or an edge to an unknown node.
    """
    tokens = _tokens(text, filename)
    top = _block(tokens, filename, 0, closing=False)
    graphs = [value for key, value in top if key == "graph" and isinstance(value, list)]
    if len(graphs) != 1:
        raise BadInput(f"{filename} holds {len(graphs)} graphs; one is expected in a gml file.")
    nodes = [dict(value) for key, value in graphs[0] if key == "node" and isinstance(value, list)]
    arcs = [dict(value) for key, value in graphs[0] if key == "edge" and isinstance(value, list)]
    if not nodes:
        raise BadInput(f"{filename} has no nodes; at least one is expected.")
    for kind, entries, needed in (("node", nodes, ("id",)), ("edge", arcs, ("source", "target"))):
        lacking = next((place for place, entry in enumerate(entries) if not all(key in entry for key in needed)), None)
        if lacking is not None:
            raise BadInput(f"{filename}: {kind} {lacking + 1:,} has no {' and '.join(needed)}.")
        nested = next(
            (place for place, entry in enumerate(entries) if any(_is_block(entry[key]) for key in needed)), None
        )
        if nested is not None:
            raise BadInput(f"{filename}: {kind} {nested + 1:,} has brackets where {' and '.join(needed)} are expected.")
    names = [node["id"] for node in nodes]
    if len(set(names)) < len(names):
        raise BadInput(f"{filename} has two nodes of one id.")
    key = next((key for key in _LENGTHS if arcs and all(_is_number(arc.get(key)) for arc in arcs)), None)
    lengths = np.array([float(arc[key]) for arc in arcs]) if key else None
    graph = graph_of([(arc["source"], arc["target"]) for arc in arcs], lengths, filename, names)
    numeric = [key for key in nodes[0] if key != "id" and all(_is_number(node.get(key)) for node in nodes)]
    attributes = {key: np.array([float(node[key]) for node in nodes]) for key in numeric}
    return Graph(graph.vertices, graph.edges, graph.lengths, attributes)


def _tokens(text: str, filename: str) -> Iterator[str]:
    place, end = 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            raise BadInput(f"{filename} is no gml: a double quote is left open.")
        place = match.end()
        token = match[1] or match[2] or match[3] or match[4]
        if token:
            yield token


def _block(tokens: Iterator[str], filename: str, depth: int, *, closing: bool) -> list[tuple[str, Any]]:
    """The entries up to the closing bracket, or to the end of the file."""
    if depth > _DEEPEST:
        raise BadInput(f"{filename} is no gml that is read here: its brackets are nested more than {_DEEPEST} deep.")
    entries: list[tuple[str, Any]] = []
    for key in tokens:
        if key == "]":
            if closing:
                return entries
            raise BadInput(f"{filename} is no gml: a bracket is closed that was not opened.")
        if key == "[" or key.startswith('"'):
            raise BadInput(f"{filename} is no gml: {key[:40]} stands where a name is expected.")
        value = next(tokens, None)
        if value is None or value == "]":
            raise BadInput(f"{filename} is no gml: {key[:40]!r} has no value.")
        entries.append((key, _block(tokens, filename, depth + 1, closing=True) if value == "[" else _value(value)))
    if closing:
        raise BadInput(f"{filename} was cut off: a bracket is left open.")
    return entries


def _value(token: str) -> int | float | str:
    if token.startswith('"'):
        return token[1:-1]
    for kind in (int, float):
        try:
            number = kind(token)
            return number if math.isfinite(number) else token
        except (ValueError, OverflowError):  # no number, or a whole one beyond all floats
            continue
    return token


def _is_block(value: Any) -> bool:
    return isinstance(value, list)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)
