"""Ollivier-Ricci curvature of edges (Ollivier, 2009; Lin, Lu and Yau, 2011, for lazy walks)."""

from __future__ import annotations

from math import lcm

import numpy as np
from scipy.optimize import linear_sum_assignment, linprog

from core.data.shapes import Graph
from core.errors import BadInput
from core.topology.functions.graph_function import GraphFunction, from_edges

LAZINESS = 0.5
ALONE = 0.0
_MOST_UNITS = 120  # of mass, that are matched one by one; above it a linear programme is faster
_DENOMINATOR = 1000


def ollivier_ricci(graph: Graph, laziness: float = LAZINESS) -> GraphFunction:
    """k(u, v) = 1 - W_1(m_u, m_v) of each edge, m_u = laziness at u and the rest evenly on the neighbours of u.

    Distances count edges, so an edge has length 1, and the transport is solved exactly. A vertex enters with its first
    edge, at 0 without any.

    Args:
        graph: whose edges have no lengths that count here.
        laziness: share of mass that stays, from 0 to 1.

    Raises:
        BadInput: another laziness.
    """
    if not 0 <= laziness <= 1:
        raise BadInput(f"The laziness of a random walk is {laziness}; a number from 0 to 1 is expected.")
    neighbours: list[set[int]] = [set() for _ in range(graph.vertices)]
    for first, second in graph.edges.tolist():
        neighbours[first].add(second)
        neighbours[second].add(first)
    curvatures = np.array([1 - _transport(neighbours, u, v, laziness) for u, v in graph.edges.tolist()])
    return from_edges(graph, curvatures.reshape(-1), ALONE)


def _transport(neighbours: list[set[int]], u: int, v: int, laziness: float) -> float:
    """W_1 between the walks from the two ends of an edge; mass that both have at a vertex stays there."""
    surplus = _walk(neighbours, u, laziness)
    for vertex, mass in _walk(neighbours, v, laziness).items():
        surplus[vertex] = surplus.get(vertex, 0.0) - mass
    sources = [vertex for vertex, mass in surplus.items() if mass > 1e-12]
    targets = [vertex for vertex, mass in surplus.items() if mass < -1e-12]
    if not sources:
        return 0.0
    cost = np.array([[_hops(neighbours, a, b) for b in targets] for a in sources], dtype=np.float64)
    supply = np.array([surplus[vertex] for vertex in sources])
    demand = np.array([-surplus[vertex] for vertex in targets])
    units = _units(len(neighbours[u]), len(neighbours[v]), laziness)
    if units is not None and round(supply.sum() * units) <= _MOST_UNITS:
        rows = np.repeat(np.arange(len(sources)), np.round(supply * units).astype(np.int64))
        columns = np.repeat(np.arange(len(targets)), np.round(demand * units).astype(np.int64))
        matched = linear_sum_assignment(cost[np.ix_(rows, columns)])
        return float(cost[np.ix_(rows, columns)][matched].sum() / units)
    return _linear_programme(cost, supply, demand)


def _walk(neighbours: list[set[int]], vertex: int, laziness: float) -> dict[int, float]:
    share = (1 - laziness) / len(neighbours[vertex])
    return {vertex: laziness} | dict.fromkeys(neighbours[vertex], share)


def _hops(neighbours: list[set[int]], first: int, second: int) -> int:
    """Between a neighbour (or end) of one end of an edge and one of the other: at most 3."""
    if first == second:
        return 0
    if second in neighbours[first]:
        return 1
    return 3 if neighbours[first].isdisjoint(neighbours[second]) else 2


def _units(first: int, second: int, laziness: float) -> int | None:
    """Into how many equal parts all masses can be cut; None if the laziness is no fraction of small numbers."""
    whole = round(laziness * _DENOMINATOR)
    if abs(whole - laziness * _DENOMINATOR) > 1e-9:
        return None
    divisor = int(np.gcd(whole, _DENOMINATOR))
    base = _DENOMINATOR // divisor
    return lcm(base * first, base * second)


def _linear_programme(cost: np.ndarray, supply: np.ndarray, demand: np.ndarray) -> float:
    rows, columns = cost.shape
    out = np.kron(np.eye(rows), np.ones(columns))
    into = np.kron(np.ones(rows), np.eye(columns))[:-1]  # the last equation follows from the others
    found = linprog(
        cost.reshape(-1), A_eq=np.vstack([out, into]), b_eq=np.concatenate([supply, demand[:-1]]), method="highs"
    )
    return float(found.fun)
