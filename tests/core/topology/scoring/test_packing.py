"""Measures on their way between steps, and the plain numbers of graphs and clouds."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.shapes import Graph, Shapes
from core.topology.scoring.packing import packed, unpacked
from core.topology.scoring.simple_features import CLOUD_NAMES, GRAPH_NAMES, simple_features


def test_packed_measures_come_back() -> None:
    """Item by item, degree by degree, empty ones too."""
    rng = np.random.default_rng(0)
    items = [
        {key: (rng.random((count, 2)), rng.integers(-2, 3, count)) for key, count in (("0", a), ("euler", b))}
        for a, b in ((3, 0), (0, 2), (5, 1))
    ]
    for item, again in zip(items, unpacked(packed(items)), strict=True):
        assert list(again) == [0, "euler"]
        for (positions, weights), measure in zip(item.values(), again.values(), strict=True):
            assert (measure.positions == positions).all() and (measure.weights == weights).all()


def test_a_graph_in_numbers() -> None:
    """A path of three vertices and a vertex by itself: degrees 1, 2, 1, 0."""
    graph = Graph(4, np.array([[0, 1], [1, 2]]))
    (row,) = simple_features(Shapes("g", "graphs", (graph,)))
    found = dict(zip(GRAPH_NAMES, row.tolist(), strict=True))
    assert found["vertices"] == 4 and found["edges"] == 2
    assert found["density"] == pytest.approx(2 / 6)
    assert found["mean degree"] == 1 and found["deviation of degrees"] == pytest.approx(np.sqrt(0.5))
    assert (found["lowest degree"], found["50 % of degrees"], found["highest degree"]) == (0, 1, 2)


def test_a_cloud_in_numbers() -> None:
    """The corners of a square: four points, its diagonal, half of it from the centre; by distances their mean."""
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    (row,) = simple_features(Shapes("c", "clouds", (square,)))
    assert dict(zip(CLOUD_NAMES, row.tolist(), strict=True)) == pytest.approx(
        {"points": 4, "diameter": np.sqrt(2), "mean distance": np.sqrt(0.5), "deviation of distances": 0}, abs=1e-12
    )
    distances = np.linalg.norm(square[:, None] - square[None], axis=2)
    (row,) = simple_features(Shapes("d", "distances", (distances,)))
    assert row[1:3].tolist() == pytest.approx([np.sqrt(2), (4 + 2 * np.sqrt(2)) / 6])
