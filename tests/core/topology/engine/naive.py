"""Slow and simple homology over the field of two elements, straight from the definitions."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

Simplex = tuple[int, ...]


def rank_mod_2(matrix: np.ndarray) -> int:
    """By Gaussian elimination."""
    rows = [int("".join(map(str, row)), 2) for row in matrix.astype(int) % 2] if matrix.size else []
    rank = 0
    while rows:
        pivot = max(rows)
        rows.remove(pivot)
        if pivot:
            rank += 1
            top = pivot.bit_length()
            rows = [row ^ pivot if row.bit_length() == top else row for row in rows]
    return rank


def boundary(rows: Sequence[Simplex], columns: Sequence[Simplex]) -> np.ndarray:
    """The boundary matrix from the simplices of one dimension to those below."""
    place = {simplex: number for number, simplex in enumerate(rows)}
    matrix = np.zeros((len(rows), len(columns)), dtype=int)
    for column, simplex in enumerate(columns):
        for face in itertools.combinations(simplex, len(simplex) - 1):
            if face:
                matrix[place[face], column] = 1
    return matrix


def cycles(simplices: Sequence[Simplex], all_of_dimension: Sequence[Simplex], degree: int) -> np.ndarray:
    """A basis of the cycles of a complex as columns over all simplices of the degree."""
    mine = [s for s in all_of_dimension if s in set(simplices)]
    below = [s for s in simplices if len(s) == degree]
    matrix = np.vstack([boundary(below, mine), np.eye(len(mine), dtype=int)]) % 2
    top = len(below)
    columns = [matrix[:, c] for c in range(len(mine))]
    done = []
    for row in range(top):
        pivot = next((c for c in columns if c[row]), None)
        if pivot is not None:
            columns = [c ^ pivot if c[row] else c for c in columns if c is not pivot]
    done = columns
    place = {simplex: number for number, simplex in enumerate(all_of_dimension)}
    basis = np.zeros((len(all_of_dimension), len(done)), dtype=int)
    for number, column in enumerate(done):
        for coefficient, simplex in zip(column[top:], mine, strict=True):
            basis[place[simplex], number] = coefficient
    return basis


def rank_of_map(simplices: Sequence[Simplex], grades: np.ndarray, a: np.ndarray, b: np.ndarray, degree: int) -> int:
    """rank of H(K_a) -> H(K_b) = rank of [cycles of K_a, boundaries of K_b] less rank of boundaries of K_b."""
    small = [s for s, g in zip(simplices, grades, strict=True) if (g <= a).all()]
    large = [s for s, g in zip(simplices, grades, strict=True) if (g <= b).all()]
    there = [s for s in large if len(s) == degree + 1]
    above = [s for s in large if len(s) == degree + 2]
    boundaries = boundary(there, above)
    return rank_mod_2(np.hstack([cycles(small, there, degree), boundaries])) - rank_mod_2(boundaries)


def random_bifiltration(rng: np.random.Generator, vertices: int, values: int) -> tuple[list[Simplex], np.ndarray]:
    """A random complex of dimension 2 at most with whole grades, each at least those of its faces."""
    simplices: list[Simplex] = [(v,) for v in range(vertices)]
    simplices += [e for e in itertools.combinations(range(vertices), 2) if rng.random() < 0.8]
    known = set(simplices)
    simplices += [
        t
        for t in itertools.combinations(range(vertices), 3)
        if all(e in known for e in itertools.combinations(t, 2)) and rng.random() < 0.7
    ]
    grade: dict[Simplex, np.ndarray] = {}
    for simplex in simplices:
        own = rng.integers(0, values, 2).astype(float)
        faces = [grade[f] for f in itertools.combinations(simplex, len(simplex) - 1) if f]
        grade[simplex] = np.maximum.reduce([own, *faces])
    return simplices, np.array([grade[s] for s in simplices])
