"""The Vietoris-Rips bifiltration of a function in degrees 0 and 1, as a complex with a few cells a point.

A triangle enters with its longest edge. The vertices that close a triangle with an edge as its longest form the lune of
the edge, and two of them in one component of the lune, joined by edges shorter than this one, give triangles that
differ by a boundary of shorter ones. So one triangle for each component does (Koyama, Memoli, Robins and Turner,
arXiv:2307.16333, for one parameter). Here vertices enter with the second parameter: a component of the lune needs a
triangle when its first vertex enters, and components that meet later need none. The triangles that are left span the
same boundaries at each radius and level, by induction on the longest edge. An edge whose lune holds a vertex that is
not later than itself enters together with a triangle, and both are left out: the edge stands for the path through that
vertex. What remains are about two edges and one relation a point, in place of n^2 / 2 and n^3 / 6.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy.spatial.distance import squareform

from core.topology.engine.bits import ONE, ZERO, bit, holds, lowest, put, some
from core.topology.engine.complex import BifilteredComplex, Cells, in_order
from core.topology.engine.edge_chains import expanded
from core.topology.engine.growing_arrays import longer, longer_table


def reduced_rips(distances: np.ndarray, function: np.ndarray, threshold: float = np.inf) -> BifilteredComplex:
    """A complex with the same homology in degrees 0 and 1, at all radii and levels and with all maps between them.

    Args:
        distances: [n, n] symmetric, zero on the diagonal; no triangle inequality is needed.
        function: [n] level at which a point enters.
        threshold: edges longer than this are left out.

    Returns:
        Vertices, edges (`vertices` names their ends) and relations between edges. O(n^3 / 64) steps, O(n^2) memory.
    """
    order = np.argsort(function, kind="stable")  # below, points are named by their place in this order
    lengths = distances[np.ix_(order, order)]
    values = function[order]
    entry = np.unique(values, return_inverse=True)[1].astype(np.int32)
    first_end, second_end = edges_by_length(lengths, threshold)
    kept, relations = scan_edges(first_end, second_end, entry)
    keys = np.sort(first_end[kept].astype(np.int64) * len(order) + second_end[kept])  # of edge u < v: u n + v
    starts, faces = expanded(lengths, entry, keys, relations)
    return in_order(
        [
            _vertices(values, order),
            _edges(lengths, values, order, keys),
            _relations(lengths, values, order, relations, starts, faces),
        ],
        highest_degree=1,
    )


def edges_by_length(lengths: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """The ends u < v of all edges up to a threshold, by length and then by u n + v: a total order.

    Args:
        lengths: [n, n] symmetric.
        threshold: of the length.

    Returns:
        [e] int32 u, and [e] int32 v.
    """
    condensed = squareform(lengths, checks=False)
    order = np.argsort(condensed, kind="stable")
    order = order[: np.searchsorted(condensed[order], threshold, side="right")]
    first_end, second_end = np.triu_indices(len(lengths), 1)
    return first_end[order].astype(np.int32), second_end[order].astype(np.int32)


def _vertices(values: np.ndarray, names: np.ndarray) -> Cells:
    n = len(values)
    return Cells(
        np.column_stack([np.zeros(n), values]),
        np.zeros(n + 1, dtype=np.int64),
        np.zeros(0, dtype=np.int32),
        names[:, None].astype(np.int32),
        np.column_stack([names, np.full(n, -1)]).astype(np.int32),
        names.astype(np.int32),
    )


def _edges(lengths: np.ndarray, values: np.ndarray, names: np.ndarray, keys: np.ndarray) -> Cells:
    ends = np.column_stack(np.divmod(keys, len(values)))
    later = ends.max(axis=1)
    named = names[ends].astype(np.int32)
    return Cells(
        np.column_stack([lengths[ends[:, 0], ends[:, 1]], values[later]]),
        np.arange(len(keys) + 1, dtype=np.int64) * 2,
        ends.reshape(-1).astype(np.int32),
        named,
        named,
        names[later].astype(np.int32),
    )


def _relations(
    lengths: np.ndarray,
    values: np.ndarray,
    names: np.ndarray,
    relations: np.ndarray,
    starts: np.ndarray,
    faces: np.ndarray,
) -> Cells:
    u, v, _, apex = relations.T
    last = np.maximum(np.maximum(u, v), apex)
    return Cells(
        np.column_stack([lengths[u, v], values[last]]),
        starts,
        faces,
        None,
        names[np.column_stack([u, v])].astype(np.int32),
        names[last].astype(np.int32),
    )


@njit(cache=True, nogil=True)
def scan_edges(first_end: np.ndarray, second_end: np.ndarray, entry: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Looks at the lune of each edge, in the total order, with sets of vertices as bits.

    Args:
        first_end: [e] int32 ends u of the edges in their order.
        second_end: [e] int32 ends v.
        entry: [n] int32 level of each vertex, never falling.

    Returns:
        Numbers of the edges that are kept: their lune holds no vertex that is there when they enter. And relations
        [k, 4] (u, v, c, x): the way u, c, v is homologous to the way u, x, v; c is -1 for the edge itself.
    """
    n = len(entry)
    words = (n + 63) // 64
    near = np.zeros((n, words), dtype=np.uint64)  # neighbours by edges before the current one
    work = np.zeros((4, words), dtype=np.uint64)
    lune = work[0]
    present = counts_up_to(entry)
    kept, kept_count = np.empty(4 * n + 16, dtype=np.int64), 0
    relations, count = np.empty((2 * n + 16, 4), dtype=np.int32), 0
    apexes = np.empty(n, dtype=np.int32)
    for edge in range(len(first_end)):
        u, v = first_end[edge], second_end[edge]
        for w in range(words):
            lune[w] = near[u, w] & near[v, w]
        early = present[max(entry[u], entry[v])]  # the first so many vertices are there when the edge enters
        reference = some(lune, early, edge)
        found = 0
        if reference >= 0:
            found = _components(near, work, reference, early, edge, apexes)
        else:  # nobody is: the edge is kept, and the way over the first vertex that enters is homologous to it
            if kept_count == len(kept):
                kept = longer(kept)
            kept[kept_count] = edge
            kept_count += 1
            first = lowest(lune)
            if first >= 0:
                found = _components(near, work, first, early, edge, apexes)
                apexes[found] = first
                found += 1
        while count + found > len(relations):
            relations = longer_table(relations)
        for place in range(found):
            relations[count, 0], relations[count, 1] = u, v
            relations[count, 2], relations[count, 3] = reference, apexes[place]
            count += 1
        put(near[u], v)
        put(near[v], u)
    return kept[:kept_count], relations[:count]


@njit(nogil=True)
def _components(near: np.ndarray, work: np.ndarray, first: int, early: int, seed: int, apexes: np.ndarray) -> int:
    """A vertex of each component of a lune but that of its vertex `first`, at the time at which the component arises.

    First the components of the vertices below `early`, by a search that stops when every vertex of the lune is next
    to one that was seen; then the others in the order in which they enter, unless one before them is next to them.

    Args:
        near: [n, words] neighbours by shorter edges.
        work: [4, words] the lune, and work space.
        first: a vertex of it, the first one if none is below `early`.
        early: the vertices below this one enter together.
        seed: of the choice where any vertex will do.
        apexes: [n] is filled with the vertices.

    Returns:
        How many there are.
    """
    lune, covered, seen, spare = work[0], work[1], work[2], work[3]
    words, count = len(lune), 0
    for w in range(words):
        covered[w], seen[w] = near[first, w], ZERO
    put(seen, first)
    while True:
        missing = _uncovered(lune, covered, seen)
        if missing < 0:
            return count
        for w in range(words):
            spare[w] = lune[w] & covered[w] & near[missing, w] & ~seen[w]
        nearest = some(spare, early, seed)
        if nearest < 0:
            for w in range(words):
                spare[w] = lune[w] & covered[w] & ~seen[w]
            nearest = some(spare, early, seed)
        if nearest < 0:  # this component is exhausted
            for w in range(words):
                spare[w] = lune[w] & ~seen[w]
            nearest = some(spare, early, seed)
            if nearest < 0:
                break
            apexes[count] = nearest
            count += 1
        put(seen, nearest)
        for w in range(words):
            covered[w] |= near[nearest, w]
    for x in range(max(early, first + 1), len(near)):
        if holds(lune, x) and not holds(covered, x) and not _meets_before(near[x], lune, x):
            apexes[count] = x
            count += 1
    return count


@njit(nogil=True)
def counts_up_to(entry: np.ndarray) -> np.ndarray:
    """How many vertices have entered at each level.

    Args:
        entry: [n] levels, never falling.

    Returns:
        [levels].
    """
    counts = np.zeros(entry[-1] + 1, dtype=np.int64)
    for place in range(len(entry)):
        counts[entry[place]] = place + 1
    return counts


@njit(nogil=True)
def _uncovered(lune: np.ndarray, covered: np.ndarray, seen: np.ndarray) -> int:
    """The first vertex of the lune that is neither covered nor seen; -1 if there is none."""
    for w in range(len(lune)):
        word = lune[w] & ~(covered[w] | seen[w])
        if word:
            return 64 * w + bit(word)
    return -1


@njit(nogil=True)
def _meets_before(near: np.ndarray, lune: np.ndarray, x: int) -> bool:
    """Whether a neighbour is in the lune and comes before vertex x."""
    whole = x >> 6
    for w in range(whole):
        if near[w] & lune[w]:
            return True
    below = (ONE << np.uint64(x & 63)) - ONE
    return near[whole] & lune[whole] & below != ZERO
