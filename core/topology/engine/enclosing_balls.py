"""Diameters of smallest enclosing balls of simplices: the Čech radii on the scale of edge lengths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_FLAT = 1e-12  # a simplex whose heights are smaller than this part of its edges counts as flat


def enclosing_diameters(
    points: np.ndarray, simplices: Sequence[np.ndarray], faces: Sequence[np.ndarray]
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The diameter of the smallest ball around each simplex, and the points that decide it.

    If the centre of the sphere through all vertices lies inside the simplex, that sphere is the boundary of the ball;
    otherwise the ball is that of a facet, the one with the largest. Twice the radius, so that an edge has its length, as
    in the Vietoris-Rips filtration.

    Args:
        points: [n, d].
        simplices: by dimension, [m, k + 1] vertex numbers.
        faces: by dimension, [m, k + 1] numbers of facets.

    Returns:
        By dimension [m] diameters, and [m, d + 1] deciding points, filled up with -1.
    """
    width = points.shape[1] + 1
    first = simplices[0]
    deciding = np.full((len(first), width), -1, dtype=np.int32)
    deciding[:, 0] = first[:, 0]
    diameters, deciders = [np.zeros(len(first))], [deciding]
    for k in range(1, len(simplices)):
        below, mine = diameters[-1][faces[k]], simplices[k]
        largest = below.argmax(axis=1) if len(mine) else np.zeros(0, dtype=np.int64)
        rows = np.arange(len(mine))
        diameter = below[rows, largest] if len(mine) else np.zeros(0)
        deciding = deciders[-1][faces[k][rows, largest]]
        if k < width:
            around, inside = _circumdiameters(points, mine)
            inside &= around > diameter  # a sphere through all of it is never smaller, but for rounding
            diameter = np.where(inside, around, diameter)
            deciding = deciding.copy()
            deciding[inside] = -1
            deciding[inside, : k + 1] = mine[inside]
        diameters.append(diameter)
        deciders.append(deciding)
    return diameters, deciders


def _circumdiameters(points: np.ndarray, simplices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Diameters of the spheres through all vertices, and whether their centres lie inside the simplices."""
    corners = points[simplices]  # [m, k + 1, d]
    if simplices.shape[1] == 2:
        return np.sqrt(((corners[:, 1] - corners[:, 0]) ** 2).sum(axis=1)), np.ones(len(simplices), dtype=bool)
    edges = corners[:, 1:] - corners[:, :1]
    gram = edges @ edges.transpose(0, 2, 1)
    squares = np.diagonal(gram, axis1=1, axis2=2)
    # the determinant of the Gram matrix over that of a box with these edges: the squared flatness
    with np.errstate(divide="ignore", invalid="ignore"):
        flatness = np.linalg.det(gram) / squares.prod(axis=1)
    solvable = flatness > _FLAT
    weights = np.zeros_like(squares)
    weights[solvable] = np.linalg.solve(2 * gram[solvable], squares[solvable][..., None])[..., 0]
    inside = solvable & (weights > 0).all(axis=1) & (weights.sum(axis=1) < 1)
    centre = (weights[:, None, :] @ edges)[:, 0]
    return 2 * np.sqrt((centre**2).sum(axis=1)), inside
