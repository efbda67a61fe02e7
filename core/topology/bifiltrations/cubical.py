"""Cubical bifiltrations: an image with two channels, its pixels the vertices of squares."""

from __future__ import annotations

import numpy as np

from core.topology.engine.complex import BifilteredComplex, Cells, in_order


def cubical_bifiltration(first: np.ndarray, second: np.ndarray) -> BifilteredComplex:
    """The lower-star bifiltration of two functions on pixels: each edge and square enters with the latest of its corners.

    Pixels are vertices, so a pixel has four neighbours. (With pixels as squares, an edge would enter with the first of
    two of them, which has no single grade in two parameters.)

    Args:
        first: [h, w] function of the first axis.
        second: [h, w] function of the second axis.
    """
    h, w = first.shape
    pixels = np.stack([first, second], axis=-1).astype(np.float64)  # [h, w, 2]
    numbers = np.arange(h * w).reshape(h, w)
    right, down = _edges(numbers[:, :-1], numbers[:, 1:]), _edges(numbers[:-1], numbers[1:])
    edges = np.concatenate([right, down])
    flat = pixels.reshape(-1, 2)
    across = np.arange(h * (w - 1)).reshape(h, w - 1)  # numbers of edges to the right
    along = h * (w - 1) + np.arange((h - 1) * w).reshape(h - 1, w)  # numbers of edges downwards
    faces = np.stack([across[:-1], across[1:], along[:, :-1], along[:, 1:]], axis=-1).reshape(-1, 4)
    corners = np.stack([numbers[:-1, :-1], numbers[1:, 1:], numbers[:-1, 1:], numbers[1:, :-1]], axis=-1).reshape(-1, 4)
    none = np.zeros((h * w, 0), dtype=np.int64)
    parts = [_cells(flat, none), _cells(flat[edges].max(axis=1), edges), _cells(flat[corners].max(axis=1), faces)]
    while len(parts) > 1 and len(parts[-1]) == 0:  # a row of pixels has no squares
        parts.pop()
    return in_order(parts, highest_degree=2)


def _edges(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.column_stack([first.reshape(-1), second.reshape(-1)])


def _cells(grades: np.ndarray, faces: np.ndarray) -> Cells:
    starts = np.arange(len(grades) + 1, dtype=np.int64) * faces.shape[1]
    return Cells(grades.reshape(-1, 2), starts, faces.reshape(-1).astype(np.int32))
