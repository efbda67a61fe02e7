"""The Euler characteristic of the whole Vietoris-Rips bifiltration, without listing its simplices.

The simplices whose longest edge is e are e joined to the cliques of its lune by shorter edges, so e adds -1 + chi(lune)
at its length, and chi grows with the level as vertices enter the lune. A flag complex with a vertex joined to all others
is contractible, chi = 1, which settles nearly all lunes at once; for the others

    chi(G) = chi(G - x) + 1 - chi(neighbours of x in G).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from core.topology.engine.bits import ONE, ZERO, bit, holds, lowest, put, some
from core.topology.engine.growing_arrays import longer
from core.topology.engine.measure import Diracs, collect
from core.topology.engine.reduced_rips import counts_up_to, edges_by_length


def rips_euler(
    distances: np.ndarray, function: np.ndarray, levels: np.ndarray | None = None, threshold: float = np.inf
) -> Diracs:
    """The signed measure of the Euler characteristic of all cliques, of any dimension.

    Args:
        distances: [n, n] symmetric.
        function: [n] level at which a point enters.
        levels: [m] increasing; a simplex enters at the first level that is not below its own. None: all levels.
        threshold: edges longer than this are left out.
    """
    order = np.argsort(function, kind="stable")
    values, lengths = function[order], distances[np.ix_(order, order)]
    axis = np.unique(values) if levels is None else levels
    entry = np.searchsorted(axis, values).astype(np.int32)
    present = np.searchsorted(entry, len(axis))  # the first so many points enter at all
    order, entry = order[:present], entry[:present]
    first, second = edges_by_length(lengths[:present, :present], threshold)
    edges, latest, weights = _contributions(first, second, entry) if present else (np.zeros(0, dtype=np.int64),) * 3
    u, v = first[edges], second[edges]
    radii = np.concatenate([np.zeros(present), lengths[u, v]])
    last = np.concatenate([np.arange(present), latest])
    measure, kept = collect(
        np.column_stack([radii, axis[entry[last]]]), np.concatenate([np.ones(present, dtype=np.int64), weights])
    )
    ends = np.concatenate([np.column_stack([order, np.full(present, -1)]), np.column_stack([order[u], order[v]])])
    point = order[last] if levels is None else np.full(len(last), -1)
    return Diracs(measure, ends[kept].astype(np.int32), point[kept].astype(np.int32))


@njit(cache=True, nogil=True)
def _contributions(
    first_end: np.ndarray, second_end: np.ndarray, entry: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What each edge adds at its length, level by level.

    Args:
        first_end: [e] ends u of the edges in their order.
        second_end: [e] ends v.
        entry: [n] level of each vertex, never falling.

    Returns:
        [k] numbers of edges, [k] vertices that decide the level, [k] weights that are not zero.
    """
    n = len(entry)
    words = (n + 63) // 64
    near = np.zeros((n, words), dtype=np.uint64)
    present = counts_up_to(entry)
    sets, signs = np.zeros((n + 2, words), dtype=np.uint64), np.zeros(n + 2, dtype=np.int64)
    lune, spare = np.zeros(words, np.uint64), np.zeros(words, np.uint64)
    edges, latest, weights = np.empty(1024, np.int64), np.empty(1024, np.int64), np.empty(1024, np.int64)
    count = 0
    for edge in range(len(first_end)):
        u, v = first_end[edge], second_end[edge]
        for w in range(words):
            lune[w] = near[u, w] & near[v, w]
        early = present[max(entry[u], entry[v])]
        if not _has_apex(near, lune, early, spare, edge):
            own = max(u, v)
            for x in range(early - 1, n):  # the place before the first late vertex stands for all early ones
                late = x >= early
                if late and not holds(lune, x):
                    continue
                _cut(lune, x if late else early, sets[0])
                if late:
                    for w in range(words):
                        sets[0, w] &= near[x, w]
                change = _characteristic(near, sets, signs, spare, edge) - 1
                weight = -change if late else change
                if weight:
                    if count == len(edges):
                        edges, latest, weights = longer(edges), longer(latest), longer(weights)
                    edges[count], latest[count], weights[count] = edge, x if late else own, weight
                    count += 1
        put(near[u], v)
        put(near[v], u)
    return edges[:count], latest[:count], weights[:count]


@njit(nogil=True)
def _characteristic(near: np.ndarray, sets: np.ndarray, signs: np.ndarray, spare: np.ndarray, seed: int) -> int:
    """chi of the flag complex on the set `sets[0]`, which is used up.

    Sets wait on a stack with the sign of their term; each one is within the neighbours of a vertex that the one below
    has lost, so that there are never more than vertices.
    """
    total, top = 0, 0
    signs[0] = 1
    while top >= 0:
        x = lowest(sets[top])
        if x < 0:
            top -= 1
        elif _has_apex(near, sets[top], 64 * sets.shape[1], spare, seed):
            total += signs[top]
            top -= 1
        else:
            total += signs[top]
            sets[top, x >> 6] &= ~(ONE << np.uint64(x & 63))
            for w in range(sets.shape[1]):
                sets[top + 1, w] = sets[top, w] & near[x, w]
            signs[top + 1] = -signs[top]
            top += 1
    return total


@njit(nogil=True)
def _has_apex(near: np.ndarray, among: np.ndarray, stop: int, candidates: np.ndarray, seed: int) -> bool:
    """Whether a vertex of a set, below `stop`, is joined to all others of it.

    A candidate that misses a vertex leaves only the neighbours of that one as candidates.
    """
    words = len(among)
    for w in range(words):
        candidates[w] = among[w]
    while True:
        apex = some(candidates, stop, seed)
        if apex < 0:
            return False
        missing = -1
        for w in range(words):
            word = among[w] & ~near[apex, w]
            if w == apex >> 6:
                word &= ~(ONE << np.uint64(apex & 63))
            if word:
                missing = 64 * w + bit(word)
                break
        if missing < 0:
            return True
        for w in range(words):
            candidates[w] &= near[missing, w]


@njit(nogil=True)
def _cut(bits: np.ndarray, stop: int, out: np.ndarray) -> None:
    """The vertices of a set below `stop`."""
    for w in range(len(bits)):
        if 64 * (w + 1) <= stop:
            out[w] = bits[w]
        elif 64 * w >= stop:
            out[w] = ZERO
        else:
            out[w] = bits[w] & ((ONE << np.uint64(stop & 63)) - ONE)
