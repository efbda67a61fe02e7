"""How modular a network is: Newman's score of the graph of its interactions.

Newman and Girvan 2004: Q = sum over modules of (weight inside / m - (degrees / 2m)^2), m the weight of all edges. Modules
are found by Louvain's method (Blondel et al. 2008). Any graph has some division that scores above 0, so a score says
something only beside that of the same strengths in random places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

LEAST = 1e-5
MOST_EDGES = 20_000  # of a graph, whose division takes seconds then


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


def shuffled_scores(edges: Sequence[torch.Tensor], shuffles: int, least: float = LEAST, seed: int = 0) -> np.ndarray:
    """[shuffles] scores after the strengths between each two layers were put in random places.

    Args:
        edges: as `modularity`.
        shuffles: how many times.
        least: as `modularity`.
        seed: of the places.
    """
    generator = torch.Generator().manual_seed(seed)
    scores = []
    for number in range(shuffles):
        moved = [
            matrix.cpu().flatten()[torch.randperm(matrix.numel(), generator=generator)].view(matrix.shape)
            for matrix in edges
        ]
        scores.append(modularity(moved, least, seed + number).score)
    return np.array(scores)


def strongest(edges: Sequence[torch.Tensor], most: int = MOST_EDGES) -> list[torch.Tensor]:
    """The same with zeros for all but the strongest, so that no more than `most` are left."""
    values = torch.cat([matrix.flatten() for matrix in edges])
    if len(values) <= most:
        return list(edges)
    bound = values.topk(most + 1).values[-1]
    return [matrix.where(matrix > bound, 0) for matrix in edges]


def _numbered(found: list[set[tuple[int, int]]], widths: list[int]) -> tuple[tuple[int, ...], ...]:
    module = {node: place for place, part in enumerate(found) for node in part}
    return tuple(tuple(module[layer, unit] for unit in range(width)) for layer, width in enumerate(widths))
