"""From sources to items that can be filtered."""

from dataclasses import replace

import numpy as np
import pytest

from core.analysis import Source
from core.errors import BadInput
from core.sources import open_source
from core.topology.inputs.delay_embedding import delay_embedding, embedded_points
from core.topology.inputs.landmarks import farthest_points
from core.topology.inputs.loading import Reading, load_shapes
from core.topology.inputs.preparation import Preparation, prepare
from core.topology.inputs.size import cost_of_item, outline
from core.topology.inputs.subsample import random_subsample


class TestDelayEmbedding:
    @pytest.mark.parametrize(("dimension", "delay", "skip"), [(3, 1, 1), (2, 3, 2), (4, 2, 5), (1, 1, 1)])
    def test_definition(self, dimension, delay, skip):
        """Each point is the series at evenly delayed times, until the series ends."""
        series = np.random.default_rng(0).random((2, 23))
        cloud = delay_embedding(series, dimension, delay, skip)
        times = [t for t in range(0, 23, skip) if t + (dimension - 1) * delay < 23]
        assert len(cloud) == len(times) == embedded_points(23, dimension, delay, skip)
        for t, point in zip(times, cloud, strict=True):
            assert point.tolist() == [series[c, t + i * delay] for c in range(2) for i in range(dimension)]

    def test_paper_mode(self):
        """A GunPoint series of 150 values gives 148 points, and 147 in paper mode, which drops the last sample."""
        series = np.arange(150.0)[None]
        assert len(delay_embedding(series)) == 148
        assert delay_embedding(series, drop_ends=True)[-1].tolist() == [146, 147, 148]

    @pytest.mark.parametrize(
        ("settings", "said"), [((0, 1, 1), "dimension"), ((2, 0, 1), "delay"), ((9, 9, 1), "too short")]
    )
    def test_refusals(self, settings, said):
        """Numbers below 1 and series that are too short are refused."""
        with pytest.raises(BadInput, match=said):
            delay_embedding(np.zeros((1, 5)), *settings)


class TestThinning:
    def test_landmarks(self):
        """On a line of 9 points three landmarks are the middle and both ends, at most 2 away from any point."""
        kept, radius = farthest_points(np.arange(9.0)[:, None], 3)
        assert kept.tolist() == [0, 4, 8] and radius == 2.0

    def test_cover_radius(self):
        """The cover radius is the largest distance to the nearest point that stayed, for points as for distances."""
        points = np.random.default_rng(1).normal(size=(60, 3))
        distances = np.linalg.norm(points[:, None] - points, axis=2)
        for thin in (farthest_points, lambda *args, **more: random_subsample(*args, 7, **more)):
            kept, radius = thin(points, 10)
            assert len(kept) == 10 and radius == pytest.approx(distances[:, kept].min(axis=1).max())
        assert farthest_points(distances, 60, are_distances=True)[1] == 0.0
        kept, radius = farthest_points(distances, 10, are_distances=True)
        assert radius == pytest.approx(distances[:, kept].min(axis=1).max())

    def test_twice_the_best(self):
        """No choice of as many points covers with less than half the radius (all choices tried)."""
        from itertools import combinations

        points = np.random.default_rng(2).random((9, 2))
        distances = np.linalg.norm(points[:, None] - points, axis=2)
        best = min(distances[:, list(chosen)].min(axis=1).max() for chosen in combinations(range(9), 3))
        assert best <= farthest_points(points, 3)[1] <= 2 * best

    def test_seed(self):
        """A subsample depends on its seed alone, and the global generator is left alone."""
        points = np.random.default_rng(0).random((50, 2))
        before = np.random.get_state()[1].copy()
        assert random_subsample(points, 5, 3)[0].tolist() == random_subsample(points, 5, 3)[0].tolist()
        assert random_subsample(points, 5, 3)[0].tolist() != random_subsample(points, 5, 4)[0].tolist()
        assert np.array_equal(before, np.random.get_state()[1])

    def test_duplicates(self):
        """All points equal: any landmark covers them."""
        assert farthest_points(np.zeros((5, 2)), 2)[1] == 0.0


class TestPrepare:
    def test_series(self):
        """Series become clouds, with the channels side by side; what was given for training is kept."""
        waves = load_shapes(open_source("shapes", "waves"))
        prepared = prepare(waves, Preparation(dimension=2, delay=3, most_points=40))
        assert prepared.shapes.form == "clouds" and {len(item) for item in prepared.shapes.items} == {40}
        assert prepared.shapes.train is waves.train and (prepared.cover_radius > 0).all()

    def test_function_follows(self):
        """The function of the points that stay goes with them."""
        circle = load_shapes(open_source("shapes", "noisy-circle"))
        prepared = prepare(circle, Preparation(most_points=30))
        kept = prepared.kept[0]
        assert np.array_equal(prepared.shapes.functions[0], circle.functions[0][kept])
        assert np.array_equal(prepared.shapes.items[0], circle.items[0][kept])

    def test_distances(self):
        """Of a distance matrix rows and columns stay together."""
        points = np.random.default_rng(0).random((20, 2))
        distances = np.linalg.norm(points[:, None] - points, axis=2)
        circle = load_shapes(open_source("shapes", "noisy-circle"))
        shapes = replace(circle, form="distances", items=(distances,), functions=None)
        thin = prepare(shapes, Preparation(most_points=6)).shapes.items[0]
        assert thin.shape == (6, 6) and (np.diagonal(thin) == 0).all()

    def test_short_series(self):
        """A series too short is named by its number."""
        waves = load_shapes(open_source("shapes", "waves"))
        with pytest.raises(BadInput, match=r"series 1: .*too short"):
            prepare(waves, Preparation(dimension=50, delay=2))


def table(folder, name, text):
    path = folder / name
    path.write_text(text)
    return Source("table", name, name + text[:8] + str(len(text)), str(path), {})


class TestSlots:
    def test_function(self, tmp_path):
        """A table in the function slot gives one value a point, in the order of the points."""
        circle = open_source("shapes", "noisy-circle")
        values = "\n".join(str(i) for i in range(120))
        shapes = load_shapes(circle, function=table(tmp_path, "f.csv", f"heat\n{values}\n"))
        assert shapes.functions[0].tolist() == list(range(120))

    def test_short_function(self, tmp_path):
        """A function shorter than the points is refused with both numbers."""
        with pytest.raises(BadInput, match="has 2 values and noisy-circle has 120 points"):
            load_shapes(open_source("shapes", "noisy-circle"), function=table(tmp_path, "f.csv", "f\n1\n2\n"))

    def test_function_of_graphs(self, tmp_path):
        """A function on points does not go with images."""
        with pytest.raises(BadInput, match="holds images"):
            load_shapes(open_source("shapes", "digits-images"), function=table(tmp_path, "f.csv", "f\n1\n"))

    def test_labels(self, tmp_path):
        """A table in the slot for labels gives one label an item; another number of them is refused."""
        source = open_source("shapes", "two-shapes")
        labels = "\n".join("abcd"[i % 4] for i in range(80))
        shapes = load_shapes(source, labels=table(tmp_path, "l.csv", f"kind\n{labels}\n"))
        assert shapes.classes == ("a", "b", "c", "d") and shapes.y[:5].tolist() == [0, 1, 2, 3, 0]
        with pytest.raises(BadInput, match="has 2 labels and two-shapes has 80 items"):
            load_shapes(source, labels=table(tmp_path, "l.csv", "kind\na\nb\n"))

    def test_kept(self):
        """The same source is read once in a process, and its arrays are read-only."""
        source = open_source("shapes", "two-shapes")
        first, second = load_shapes(source), load_shapes(source)
        assert first.items is second.items
        with pytest.raises(ValueError, match="read-only"):
            first.items[0][0, 0] = 1.0

    def test_other_form(self):
        """A built-in is what it is."""
        with pytest.raises(BadInput, match="holds clouds, not series"):
            load_shapes(open_source("shapes", "two-shapes"), Reading(form="series"))


class TestSize:
    def test_outline(self):
        """Numbers of points follow from the details alone, after embedding and thinning out."""
        waves = open_source("shapes", "waves").details
        assert outline(waves, Preparation(dimension=3, delay=2)).points == 92
        assert outline(waves, Preparation(dimension=3, delay=2, most_points=50)).most_points == 50
        assert outline(waves, Preparation(dimension=4)).dimensions == 4
        rows = {"kind": "dataset", "rows": 300, "shape": [3], "features": 3}
        assert (outline(rows, Preparation()).form, outline(rows, Preparation()).points) == ("cloud", 300)
        assert outline(rows | {"shape": [40]}, Preparation()).items == 300

    @pytest.mark.parametrize("filtration", ["rips", "alpha", "graph", "cubical"])
    def test_cost_grows(self, filtration):
        """More points never cost less."""
        costs = [cost_of_item(filtration, n, 2) for n in (10, 100, 1000, 10_000)]
        assert [one.seconds for one in costs] == sorted(one.seconds for one in costs) and costs[0].seconds > 0
        assert [one.memory for one in costs] == sorted(one.memory for one in costs)
