"""Paths between points as sums of the edges that a reduced Vietoris-Rips complex keeps."""

from __future__ import annotations

import numpy as np
from numba import njit

from core.topology.engine.growing_arrays import longer


@njit(cache=True, nogil=True)
def expanded(
    lengths: np.ndarray, entry: np.ndarray, keys: np.ndarray, relations: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The relations as sums of kept edges: longest edges first, each replaced by the way through its centre.

    Args:
        lengths: [n, n].
        entry: [n] levels.
        keys: kept edges, u n + v with u < v, increasing.
        relations: [k, 4] (u, v, c, x): the way u, c, v is homologous to the way u, x, v; c is -1 for the edge itself.

    Returns:
        Starts [k + 1], and numbers of kept edges in the order of their keys.
    """
    n = len(entry)
    starts = np.zeros(len(relations) + 1, dtype=np.int64)
    faces, used = np.empty(16 * len(relations) + 16, dtype=np.int32), 0
    heap_length, heap_key, size = np.empty(1024, dtype=np.float64), np.empty(1024, dtype=np.int64), 0
    for number in range(len(relations)):
        u, v, c, x = relations[number]
        if c < 0:
            size = _push(heap_length, heap_key, size, lengths, u, v)
        else:
            size = _push(heap_length, heap_key, size, lengths, u, c)
            size = _push(heap_length, heap_key, size, lengths, c, v)
        size = _push(heap_length, heap_key, size, lengths, u, x)
        size = _push(heap_length, heap_key, size, lengths, x, v)
        while size:
            key = heap_key[0]
            size = _pop(heap_length, heap_key, size)
            if size and heap_key[0] == key:  # twice is nothing
                size = _pop(heap_length, heap_key, size)
                continue
            place = _place(keys, key)
            if place >= 0:
                if used == len(faces):
                    faces = longer(faces)
                faces[used] = place
                used += 1
                continue
            if size + 2 > len(heap_key):
                heap_length, heap_key = longer(heap_length), longer(heap_key)
            a, b = key // n, key % n
            centre = _centre(lengths, entry, a, b)
            size = _push(heap_length, heap_key, size, lengths, a, centre)
            size = _push(heap_length, heap_key, size, lengths, centre, b)
        starts[number + 1] = used
    return starts, faces[:used]


@njit(nogil=True)
def _place(keys: np.ndarray, key: int) -> int:
    """Where a number is among increasing ones; -1 if it is not there."""
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low if low < len(keys) and keys[low] == key else -1


@njit(nogil=True)
def _centre(lengths: np.ndarray, entry: np.ndarray, u: int, v: int) -> int:
    """The vertex of the lune of u < v, present when the edge enters, whose longer edge to the ends is shortest."""
    n = len(entry)
    length, key, level = lengths[u, v], u * n + v, max(entry[u], entry[v])
    best, best_length = -1, np.inf
    for x in range(n):
        if entry[x] > level:
            break
        longer = max(lengths[u, x], lengths[v, x])
        if longer > length or longer >= best_length or x in (u, v):
            continue
        if longer == length and not (
            (lengths[u, x] < length or min(u, x) * n + max(u, x) < key)
            and (lengths[v, x] < length or min(v, x) * n + max(v, x) < key)
        ):
            continue
        best, best_length = x, longer
    return best


@njit(nogil=True)
def _push(heap_length: np.ndarray, heap_key: np.ndarray, size: int, lengths: np.ndarray, a: int, b: int) -> int:
    """Adds an edge to the heap, whose root is the last in the total order. Returns the new size."""
    key = min(a, b) * len(lengths) + max(a, b)
    length = lengths[a, b]
    child = size
    while child:
        parent = (child - 1) // 2
        if heap_length[parent] > length or (heap_length[parent] == length and heap_key[parent] >= key):
            break
        heap_length[child], heap_key[child] = heap_length[parent], heap_key[parent]
        child = parent
    heap_length[child], heap_key[child] = length, key
    return size + 1


@njit(nogil=True)
def _pop(heap_length: np.ndarray, heap_key: np.ndarray, size: int) -> int:
    """Removes the root of the heap. Returns the new size."""
    size -= 1
    length, key = heap_length[size], heap_key[size]
    parent = 0
    while 2 * parent + 1 < size:
        child = 2 * parent + 1
        right = child + 1
        if right < size and (
            heap_length[right] > heap_length[child]
            or (heap_length[right] == heap_length[child] and heap_key[right] > heap_key[child])
        ):
            child = right
        if length > heap_length[child] or (length == heap_length[child] and key >= heap_key[child]):
            break
        heap_length[parent], heap_key[parent] = heap_length[child], heap_key[child]
        parent = child
    heap_length[parent], heap_key[parent] = length, key
    return size
