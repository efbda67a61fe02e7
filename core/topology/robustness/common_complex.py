"""A small complex that carries degrees 0 and 1 of two Vietoris-Rips bifiltrations of the same points at once.

The theorem may be applied to any complex on which both gradings have the homology in question, and a small one gives a
small bound. In degree 0 the points and all edges that are in a spanning tree of either will do: edges beside those of
one's own trees join nothing anew.

In degree 1 the edges and triangles of the two reduced complexes are taken together, and closed: an edge that a grading
does not keep gets a triangle that enters together with it, the edge being its last one. Such pairs of edge and
triangle cancel (a discrete Morse matching), so what counts for a grading are the edges that it keeps; the triangles of
its own reduced complex generate all relations of these, and the others add none that does not hold (by induction on
the last edge).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.topology.engine.reduced_rips import edges_by_length, scan_edges
from core.topology.engine.spanning_tree import spanning_complex

ABSENT = np.iinfo(np.int32).max


@dataclass(frozen=True, eq=False)
class Grading:
    """Points with distances and levels; some may be absent.

    Attributes:
        lengths: [n, n], infinite where an end is absent or the edge is longer than the threshold.
        levels: [n], infinite where the point is absent.
    """

    lengths: np.ndarray
    levels: np.ndarray

    @property
    def present(self) -> np.ndarray:
        """Numbers of the points that are there."""
        return np.flatnonzero(np.isfinite(self.levels))


def common_edges(gradings: tuple[Grading, Grading]) -> np.ndarray:
    """[e, 2] the edges that carry degree 0 of both."""
    found = []
    for grading in gradings:
        present = grading.present
        lengths = grading.lengths[np.ix_(present, present)]
        tree = spanning_complex(lengths, grading.levels[present], _longest(lengths), are_distances=True)
        found.append(present[tree.of(1).vertices])
    return np.unique(np.sort(np.concatenate(found), axis=1), axis=0)


def common_triangles(gradings: tuple[Grading, Grading]) -> tuple[np.ndarray, np.ndarray]:
    """[e, 2] edges and [t, 3] triangles that carry degree 1 of both; with the points they are a complex."""
    reduced = [_Reduced.of(grading) for grading in gradings]
    n = len(gradings[0].levels)
    edges = np.zeros((n, n), dtype=bool)
    triangles: set[tuple[int, int, int]] = set()
    waiting: list[tuple[int, int]] = []

    def add(corners: tuple[int, ...]) -> None:
        if len(corners) == 3:
            triangles.add(tuple(sorted(corners)))  # type: ignore[arg-type]
        for place, u in enumerate(corners):
            for v in corners[place + 1 :]:
                if not edges[u, v]:
                    edges[u, v] = edges[v, u] = True
                    waiting.append((u, v))

    for one in reduced:
        for u, v in one.edges:
            add((u, v))
        for corners in one.triangles:
            add(corners)
    while waiting:
        u, v = waiting.pop()
        lunes = [one.lune(u, v) for one in reduced if one.stands_for_another(u, v)]
        both = [lunes[0] & lunes[1]] if len(lunes) == 2 and (lunes[0] & lunes[1]).any() else lunes
        for lune in both:
            apexes = np.flatnonzero(lune)
            known = edges[u, apexes].astype(int) + edges[v, apexes]
            add((u, v, int(apexes[known.argmax()])))
    upper = np.argwhere(np.triu(edges))
    return upper, np.array(sorted(triangles), dtype=np.int64).reshape(-1, 3)


@dataclass(frozen=True, eq=False)
class _Reduced:
    """What the reduced complex of one grading is made of.

    Attributes:
        rank: [n, n] place of each edge in the order of lengths; ABSENT where there is none.
        entry: [n] place of each point in the order of levels, equal for equal levels.
        kept: [n, n] bool, the edges of the reduced complex.
        edges: these edges.
        triangles: of its relations.
    """

    rank: np.ndarray
    entry: np.ndarray
    kept: np.ndarray
    edges: list[tuple[int, int]]
    triangles: list[tuple[int, int, int]]

    @classmethod
    def of(cls, grading: Grading) -> _Reduced:
        present, n = grading.present, len(grading.levels)
        order = present[np.argsort(grading.levels[present], kind="stable")]
        lengths = grading.lengths[np.ix_(order, order)]
        entry = np.unique(grading.levels[order], return_inverse=True)[1].astype(np.int32)
        first, second = edges_by_length(lengths, _longest(lengths))
        numbers, relations = scan_edges(first, second, entry)
        first, second = order[first], order[second]
        rank = np.full((n, n), ABSENT, dtype=np.int32)
        rank[first, second] = rank[second, first] = np.arange(len(first), dtype=np.int32)
        entries = np.full(n, ABSENT, dtype=np.int32)
        entries[order] = entry
        kept = np.zeros((n, n), dtype=bool)
        edges = list(zip(first[numbers].tolist(), second[numbers].tolist(), strict=True))
        kept[first[numbers], second[numbers]] = kept[second[numbers], first[numbers]] = True
        named = np.where(relations >= 0, order[relations], -1)
        triangles = [(u, v, apex) for u, v, *ways in named.tolist() for apex in ways if apex >= 0]
        return cls(rank, entries, kept, edges, triangles)

    def stands_for_another(self, u: int, v: int) -> bool:
        """Whether the edge is there and enters together with a triangle."""
        return bool(self.rank[u, v] < ABSENT and not self.kept[u, v])

    def lune(self, u: int, v: int) -> np.ndarray:
        """[n] bool the points that are there when the edge enters and joined to both its ends by earlier edges."""
        earlier = (self.rank[u] < self.rank[u, v]) & (self.rank[v] < self.rank[u, v])
        return earlier & (self.entry <= max(self.entry[u], self.entry[v]))


def _longest(lengths: np.ndarray) -> float:
    """A threshold that leaves out what is infinite."""
    finite = lengths[np.isfinite(lengths)]
    return float(finite.max()) if len(finite) else 0.0
