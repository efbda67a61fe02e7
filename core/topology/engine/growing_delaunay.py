"""Delaunay cells of a growing set of points, in the plane and in space: every cell that is ever there.

The algorithm of Bowyer and Watson (1981). Beside the cells there is a ghost on each facet of the hull, which stands for
the outside: a point beyond the facet is in conflict with it, as a point within the circumscribed sphere is with a cell.
A new point takes the place of what it is in conflict with, joined to the facets around that. All decisions are signs of
determinants, and one that rounding could have turned ends the attempt (the first filter of Shewchuk, 1997).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from core.topology.engine.growing_arrays import longer, longer_table

GHOST = -1  # the vertex at infinity
_ORIENTATION_ERROR = 1e-15  # of the sum of the absolute terms of a determinant, above the bounds of Shewchuk
_SPHERE_ERROR = 4e-15
_CLEAR = 1e-7  # a point that is further from a sphere needs no determinant, in coordinates of size 1
_WIDE = 1e4  # squared radii above this are too inexact for that


@njit(cache=True, nogil=True)
def all_cells(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
    """The Delaunay cells of the first d + 1 points, of the first d + 2, and so on.

    Args:
        points: [n, d] within the unit ball, d = 2 or 3 and n > d.

    Returns:
        [m, d + 1] all cells in the order in which they arise, vertices increasing; [m] the point that removes each one,
        n for those that stay; and whether no decision was doubtful: otherwise the rest means nothing.
    """
    n, d = points.shape
    inside = np.zeros(d)  # a point within the first cell, and so on the inner side of every hull facet
    for v in range(d + 1):
        for c in range(d):
            inside[c] += points[v, c] / (d + 1)
    room = 1024
    cells = np.empty((room, d + 1), dtype=np.int32)  # what is there now; ghosts have GHOST for their first vertex
    spheres = np.zeros((room, d + 1))  # centre and squared radius
    sides, numbers = np.empty(room, dtype=np.int8), np.empty(room, dtype=np.int64)
    every, removed, total, count = np.empty((room, d + 1), dtype=np.int32), np.empty(room, dtype=np.int32), 0, 0
    facets, keys = np.empty((room, d), dtype=np.int32), np.empty(room, dtype=np.int64)
    for place in range(d + 2):  # the first cell, and a ghost on each of its facets
        used = 0
        for v in range(d + 1):
            if place == d + 1 or v != place:
                cells[count, used + (place != d + 1)] = v
                used += 1
        if place != d + 1:
            cells[count, 0] = GHOST
        if not _prepare(points, inside, cells[count], spheres[count], sides, count):
            return every[:0], removed[:0], False
        numbers[count] = -1
        count += 1
    numbers[d + 1] = 0
    for v in range(d + 1):
        every[0, v] = v
    removed[0], total = n, 1
    for p in range(d + 1, n):
        found, cell = 0, 0
        while cell < count:
            squared = 0.0
            for c in range(d):
                squared += (points[p, c] - spheres[cell, c]) ** 2
            if abs(squared - spheres[cell, d]) > _CLEAR * (1.0 + spheres[cell, d]) and spheres[cell, d] < _WIDE:
                verdict = 1 if squared < spheres[cell, d] else 0
            else:
                verdict = _in_conflict(points, cells[cell], sides[cell], p)
            if verdict == 0:
                cell += 1
                continue
            if verdict == 2:
                return every[:0], removed[:0], False
            if numbers[cell] >= 0:
                removed[numbers[cell]] = p
            if (found + 1) * (d + 1) > len(facets):
                facets, keys = longer_table(facets), longer(keys)
            for left_out in range(d + 1):
                _take_facet(cells[cell], left_out, n, facets, keys, found * (d + 1) + left_out)
            found += 1
            count -= 1  # the last one takes its place, to be looked at next
            for v in range(d + 1):
                cells[cell, v], spheres[cell, v] = cells[count, v], spheres[count, v]
            sides[cell], numbers[cell] = sides[count], numbers[count]
        for place in _once(keys, found * (d + 1)):
            if count == len(cells):
                cells, spheres = longer_table(cells), longer_table(spheres)
                sides, numbers = longer(sides), longer(numbers)
            for c in range(d):
                cells[count, c] = facets[place, c]
            cells[count, d] = p
            if not _prepare(points, inside, cells[count], spheres[count], sides, count):
                return every[:0], removed[:0], False
            numbers[count] = -1
            if cells[count, 0] != GHOST:
                if total == len(every):
                    every, removed = longer_table(every), longer(removed)
                for v in range(d + 1):
                    every[total, v] = cells[count, v]
                removed[total], numbers[count] = n, total
                total += 1
            count += 1
    return every[:total], removed[:total], True


@njit(nogil=True)
def _prepare(
    points: np.ndarray, inside: np.ndarray, cell: np.ndarray, sphere: np.ndarray, sides: np.ndarray, place: int
) -> bool:
    """Finds the orientation of a cell and its sphere, or the inner side of a ghost's facet. False if it is doubtful."""
    d = points.shape[1]
    corners = np.empty((d + 1, d))
    ghost = cell[0] == GHOST
    for v in range(d + 1):
        for c in range(d):
            corners[v, c] = inside[c] if ghost and v == d else points[cell[v + 1] if ghost else cell[v], c]
    sides[place] = _orientation(corners)
    if sides[place] == 0:
        return False
    if ghost:
        sphere[d] = np.inf  # too wide for anything but a determinant
    else:
        _circumscribe(corners, sphere)
    return True


@njit(nogil=True)
def _in_conflict(points: np.ndarray, cell: np.ndarray, side: int, p: int) -> int:
    """1 if point p is beyond a ghost's facet or within a cell's sphere, 0 if not, 2 if that is doubtful."""
    d = points.shape[1]
    corners = np.empty((d + 1, d))
    if cell[0] == GHOST:
        for v in range(d):
            for c in range(d):
                corners[v, c] = points[cell[v + 1], c]
        for c in range(d):
            corners[d, c] = points[p, c]
        turn = _orientation(corners)
        if turn == 0:
            return 2
        return 1 if turn != side else 0
    for v in range(d + 1):
        for c in range(d):
            corners[v, c] = points[cell[v], c] - points[p, c]
    turn = _sphere_side(corners)
    if turn == 0:
        return 2
    return 1 if turn == side else 0


@njit(nogil=True)
def _orientation(corners: np.ndarray) -> int:
    """The sign of det(corners - last corner); 0 if rounding could have turned it."""
    d = corners.shape[1]
    ax, ay = corners[0, 0] - corners[d, 0], corners[0, 1] - corners[d, 1]
    bx, by = corners[1, 0] - corners[d, 0], corners[1, 1] - corners[d, 1]
    if d == 2:
        value, size = ax * by - ay * bx, abs(ax * by) + abs(ay * bx)
    else:
        cx, cy = corners[2, 0] - corners[3, 0], corners[2, 1] - corners[3, 1]
        az, bz, cz = corners[0, 2] - corners[3, 2], corners[1, 2] - corners[3, 2], corners[2, 2] - corners[3, 2]
        value = az * (bx * cy - cx * by) + bz * (cx * ay - ax * cy) + cz * (ax * by - bx * ay)
        size = abs(az) * (abs(bx * cy) + abs(cx * by)) + abs(bz) * (abs(cx * ay) + abs(ax * cy))
        size += abs(cz) * (abs(ax * by) + abs(bx * ay))
    if abs(value) <= _ORIENTATION_ERROR * size:
        return 0
    return 1 if value > 0 else -1


@njit(nogil=True)
def _sphere_side(corners: np.ndarray) -> int:
    """The orientation that the corners must have for the origin to be within their sphere; 0 if doubtful.

    The sign of the determinant of the corners beside their squared lengths, expanded along the latter.
    """
    d = corners.shape[1]
    value, size = 0.0, 0.0
    for v in range(d + 1):
        lift = 0.0
        for c in range(d):
            lift += corners[v, c] ** 2
        if d == 2:
            p, q = (v + 1) % 3, (v + 2) % 3
            first, second = corners[p, 0] * corners[q, 1], corners[q, 0] * corners[p, 1]
            minor, minor_size = first - second, abs(first) + abs(second)
        else:
            p, q, r = (v + 1) % 4, (v + 2) % 4, (v + 3) % 4
            minor, minor_size = 0.0, 0.0
            for i, j, k in ((p, q, r), (q, r, p), (r, p, q)):
                first, second = corners[j, 0] * corners[k, 1], corners[k, 0] * corners[j, 1]
                minor += corners[i, 2] * (first - second)
                minor_size += abs(corners[i, 2]) * (abs(first) + abs(second))
            if v % 2 == 0:  # a cycle of four is an odd permutation, a cycle of three an even one
                minor = -minor
        value += lift * minor
        size += lift * minor_size
    if abs(value) <= _SPHERE_ERROR * size:
        return 0
    return 1 if value > 0 else -1


@njit(nogil=True)
def _circumscribe(corners: np.ndarray, sphere: np.ndarray) -> None:
    """Centre and squared radius of the sphere through the corners, by Cramer's rule."""
    d = corners.shape[1]
    ax, ay = corners[0, 0] - corners[d, 0], corners[0, 1] - corners[d, 1]
    bx, by = corners[1, 0] - corners[d, 0], corners[1, 1] - corners[d, 1]
    if d == 2:
        a2, b2 = ax * ax + ay * ay, bx * bx + by * by
        twice = 2 * (ax * by - ay * bx)
        x, y, z = (by * a2 - ay * b2) / twice, (ax * b2 - bx * a2) / twice, 0.0
    else:
        cx, cy = corners[2, 0] - corners[3, 0], corners[2, 1] - corners[3, 1]
        az, bz, cz = corners[0, 2] - corners[3, 2], corners[1, 2] - corners[3, 2], corners[2, 2] - corners[3, 2]
        a2, b2, c2 = ax * ax + ay * ay + az * az, bx * bx + by * by + bz * bz, cx * cx + cy * cy + cz * cz
        bcx, bcy, bcz = by * cz - bz * cy, bz * cx - bx * cz, bx * cy - by * cx
        cax, cay, caz = cy * az - cz * ay, cz * ax - cx * az, cx * ay - cy * ax
        abx, aby, abz = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
        twice = 2 * (ax * bcx + ay * bcy + az * bcz)
        x = (a2 * bcx + b2 * cax + c2 * abx) / twice
        y = (a2 * bcy + b2 * cay + c2 * aby) / twice
        z = (a2 * bcz + b2 * caz + c2 * abz) / twice
    sphere[d] = x * x + y * y + z * z
    sphere[0], sphere[1] = corners[d, 0] + x, corners[d, 1] + y
    if d == 3:
        sphere[2] = corners[3, 2] + z


@njit(nogil=True)
def _take_facet(cell: np.ndarray, left_out: int, n: int, facets: np.ndarray, keys: np.ndarray, place: int) -> None:
    """Notes a facet of a cell, and a number that names it."""
    used, key = 0, np.int64(0)
    for v in range(len(cell)):
        if v != left_out:
            facets[place, used] = cell[v]
            key = key * (n + 1) + cell[v] + 1
            used += 1
    keys[place] = key


@njit(nogil=True)
def _once(keys: np.ndarray, count: int) -> np.ndarray:
    """The places of the keys that occur once among the first so many, in their order; the others occur twice."""
    size = 16
    while size < 3 * count:
        size *= 2
    slots = np.full(size, -1, dtype=np.int64)
    alone = np.ones(count, dtype=np.bool_)
    for place in range(count):
        slot = (keys[place] * 11400714819) % size
        while slots[slot] >= 0 and keys[slots[slot]] != keys[place]:
            slot = (slot + 1) % size
        if slots[slot] >= 0:
            alone[place] = alone[slots[slot]] = False
        else:
            slots[slot] = place
    single, used = np.empty(count, dtype=np.int64), 0
    for place in range(count):
        if alone[place]:
            single[used] = place
            used += 1
    return single[:used]
