"""Perturbations of graphs: noise on their functions, and subgraphs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.data.shapes import Graph
from core.topology.bifiltrations.bifiltration import of_cells
from core.topology.bifiltrations.filtering import Filtering
from core.topology.bifiltrations.graph import graph_bifiltration
from core.topology.functions.choices import graph_function
from core.topology.functions.graph_function import GraphFunction
from core.topology.robustness.graded import Graded, NamedCells


@dataclass(frozen=True, eq=False)
class GraphItem:
    """A graph with what moves its two functions.

    Attributes:
        graph: vertices and edges.
        names: [vertices] their numbers, increasing.
        filtering: first and second parameter.
        noise: share of the range of each function that it is moved by.
        vertex_noise: [vertices, 2] normal numbers.
        edge_noise: [edges, 2] normal numbers.
    """

    graph: Graph
    names: np.ndarray
    filtering: Filtering
    noise: float = 0.0
    vertex_noise: np.ndarray | None = None
    edge_noise: np.ndarray | None = None

    sweeps = ("noise", "subsample")

    def with_noise(self, size: float, rng: np.random.Generator) -> GraphItem:
        """Each value of both functions moved by N(0, (size * range)^2); no edge comes before its ends."""
        vertices, edges = rng.spawn(2)
        return replace(
            self,
            noise=size,
            vertex_noise=vertices.standard_normal((self.graph.vertices, 2)),
            edge_noise=edges.standard_normal((len(self.graph.edges), 2)),
        )

    def subsample(self, share: float, rng: np.random.Generator) -> GraphItem:
        """The subgraph on that share of the vertices, at least two; its functions are its own."""
        count = min(max(round(share * self.graph.vertices), 2), self.graph.vertices)
        stay = np.sort(rng.permutation(self.graph.vertices)[:count])
        place = np.full(self.graph.vertices, -1)
        place[stay] = np.arange(count)
        ends = place[self.graph.edges.reshape(-1, 2)]
        both = (ends >= 0).all(axis=1)
        smaller = Graph(
            vertices=count,
            edges=ends[both],
            lengths=None if self.graph.lengths is None else self.graph.lengths[both],
            attributes={name: values[stay] for name, values in self.graph.attributes.items()},
        )
        return replace(self, graph=smaller, names=self.names[stay])

    def graded(self) -> Graded:
        """Its bifiltration.

        Raises:
            BadInput: a function that it can't have.
        """
        functions = [
            self._moved(graph_function(name, self.graph, self.filtering.settings), axis)
            for axis, name in enumerate((self.filtering.first, self.filtering.second))
        ]
        whole = graph_bifiltration(self.graph, *functions)
        edges = self.graph.edges.reshape(-1, 2)
        cells = (
            NamedCells(self.names[:, None], np.column_stack([function.vertices for function in functions])),
            NamedCells(self.names[edges], np.column_stack([function.edges for function in functions])),
        )
        return Graded(of_cells(whole, "graph", functions[1].vertices), self.names, cells)

    def _moved(self, function: GraphFunction, axis: int) -> GraphFunction:
        if self.vertex_noise is None or self.edge_noise is None:
            return function
        scale = self.noise * float(np.ptp(np.concatenate(function)))
        vertices = function.vertices + scale * self.vertex_noise[:, axis]
        edges = function.edges + scale * self.edge_noise[:, axis]
        if len(edges):
            edges = np.maximum(edges, vertices[self.graph.edges].max(axis=1))
        return GraphFunction(vertices, edges)
