"""How modular a network is: Newman's score of the graph of its interactions.

Newman and Girvan 2004: Q = sum over modules of (weight inside / m - (degrees / 2m)^2), m the weight of all edges. Modules
are found by Louvain's method (Blondel et al. 2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

LEAST = 1e-5


@dataclass(frozen=True)
class Modules:
    """A division of the features in modules.

    Attributes:
        score: Q, at most 1; 0 where all is one module, or where no edge is left.
        module_of: for each layer, the module of each of its features, from 0 by falling size.
    """

    score: float
    module_of: tuple[tuple[int, ...], ...]


def modularity(edges: Sequence[torch.Tensor], least: float = LEAST, seed: int = 0) -> Modules:
    """Divides the features of all layers in modules.

    Args:
        edges: [next, own] strengths between neighbouring layers, as `interaction_basis` gives them.
        least: edges weigh log10(strength / least); weaker ones are none.
        seed: of the order in which features are moved.
    """
    import networkx  # type: ignore[import-untyped]

    graph = networkx.Graph()
    widths = [edges[0].shape[1], *(matrix.shape[0] for matrix in edges)]
    graph.add_nodes_from((layer, unit) for layer, width in enumerate(widths) for unit in range(width))
    for layer, matrix in enumerate(edges):
        weights = (matrix.double() / least).clamp(min=1).log10()
        for two, one in weights.nonzero().tolist():
            graph.add_edge((layer, one), (layer + 1, two), weight=float(weights[two, one]))
    if not graph.number_of_edges():
        return Modules(0.0, _numbered([{node} for node in graph], widths))
    found = networkx.community.louvain_communities(graph, weight="weight", seed=seed)
    score = networkx.community.modularity(graph, found, weight="weight")
    return Modules(float(score), _numbered(sorted(found, key=lambda part: (-len(part), min(part))), widths))


def _numbered(found: list[set[tuple[int, int]]], widths: list[int]) -> tuple[tuple[int, ...], ...]:
    module = {node: place for place, part in enumerate(found) for node in part}
    return tuple(tuple(module[layer, unit] for unit in range(width)) for layer, width in enumerate(widths))
