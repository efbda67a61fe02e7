"""Mode `describe` from what a person brings to its result."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.analysis import Result, Source, parse_params
from core.cli import main
from core.data.builtin_shapes import make_shapes
from core.errors import BadInput
from core.sources import open_source
from core.topology import hilbert_function, line_barcode
from core.topology.analysis import ANALYSIS
from core.topology.engine.measure import SignedMeasure, evaluate
from core.topology.functions.kde import codensity
from tests.core.topology.running import ask


@pytest.fixture(scope="module")
def circle() -> Result:
    return ask("noisy-circle", resolution="25", landscape_resolution="10")


def test_arrays_are_the_hilbert_function(circle: Result) -> None:
    """hilbert_H0 and hilbert_H1 are those of the points and their codensity, with no differing entry."""
    (points,) = make_shapes("noisy-circle").items
    assert isinstance(points, np.ndarray)
    radii, levels = circle.arrays["grid_radius"], circle.arrays["grid_level"]
    assert len(radii) == len(levels) == 25
    expected = hilbert_function(points, codensity(points, -0.2).values, radii, levels)
    for degree in (0, 1):
        assert (circle.arrays[f"hilbert_H{degree}"] == expected[degree]).all()


def test_one_loop_stands_out(circle: Result) -> None:
    """A circle with clutter has one class of H1 that lasts at least five times as long as the next, and says so."""
    ratio, lasts = circle.summary["ratio_H1"].value, circle.summary["longest_H1"].value
    assert isinstance(ratio, float) and isinstance(lasts, float)
    assert ratio > 5 and lasts > 0.3
    assert "one loop stands out" in circle.answer


def test_table_gives_the_arrays_back(circle: Result) -> None:
    """Summed up to a place of the grid, the weights of signed_measure are the Hilbert function there."""
    table = circle.tables["signed_measure"]
    assert list(table.columns) == ["degree", "radius", "level", "weight"]
    for degree in (0, 1):
        rows = table[table.degree == degree]
        measure = SignedMeasure(rows[["radius", "level"]].to_numpy(), rows.weight.to_numpy())
        found = evaluate(measure, circle.arrays["grid_radius"], circle.arrays["grid_level"])
        assert (found == circle.arrays[f"hilbert_H{degree}"]).all()


def test_diagonal_is_a_fibered_barcode(circle: Result) -> None:
    """The diagonal's bars are those of the line from the low corner of the grid along its extent."""
    radii, levels = circle.arrays["grid_radius"], circle.arrays["grid_level"]
    points, function = circle.arrays["points"], circle.arrays["function"]
    direction = radii[-1] - radii[0], levels[-1] - levels[0]
    expected = line_barcode(points, function, (radii[0], levels[0]), direction)[1]
    table = circle.tables["diagonal_barcode"]
    found = table[table.degree == 1].sort_values(["birth", "death"])[["birth", "death"]].to_numpy()
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_euler_characteristic_of_everything_is_one(circle: Result) -> None:
    """All points within all radii are one contractible simplex."""
    assert circle.arrays["euler"][-1, -1] == 1


def test_density_says_what_it_rests_on(circle: Result) -> None:
    """The effective sample size and the regime of the density estimate stand in the result; few neighbours are warned of."""
    assert circle.summary["regime"].value == "averaging"
    assert not any("effective points" in note for note in circle.notes)
    narrow = ask("noisy-circle", bandwidth="0.02", resolution="5", landscape_resolution="2")
    assert narrow.summary["regime"].value == "single points"
    assert any("not an average" in note for note in narrow.notes)


def test_a_threshold_that_cuts_classes_is_said(circle: Result) -> None:
    """Components that no edge within the threshold joins stay apart, and the result says how many."""
    cut = ask("noisy-circle", threshold="0.2", resolution="5", landscape_resolution="2")
    assert any("some classes never end" in note and "components" in note for note in cut.notes)
    whole = ask("noisy-circle", threshold="10", resolution="5", landscape_resolution="2")
    assert any("no class of the shown degrees was cut" in note for note in whole.notes)


def test_thinned_clouds_keep_the_density_of_all_points() -> None:
    """The second parameter is computed before points are left out; the cover radius is shown."""
    thin = ask("noisy-circle", most_points="30", resolution="5", landscape_resolution="2")
    (points,) = make_shapes("noisy-circle").items
    assert isinstance(points, np.ndarray)
    whole = codensity(points, -0.2).values
    places = [int(np.flatnonzero((points == point).all(axis=1))[0]) for point in thin.arrays["points"]]
    np.testing.assert_allclose(thin.arrays["function"], whole[places], atol=1e-12)
    gaps = np.linalg.norm(points[:, None] - thin.arrays["points"][None], axis=2).min(axis=1)
    assert thin.summary["cover_radius"].value == pytest.approx(gaps.max())
    assert any("30 of 120 points" in note for note in thin.notes)


def test_images_and_series_are_described_too() -> None:
    """A written 0 has one loop; a series is embedded first."""
    zero = ask("digits-images", item="1", resolution="5", landscape_resolution="2")
    assert int(zero.arrays["hilbert_H1"].max()) == 1
    assert zero.arrays["image"].shape == (8, 8)
    wave = ask("waves", item="2", second="eccentricity", resolution="5", landscape_resolution="2")
    assert wave.arrays["points"].shape == (94, 3)


def test_a_graph_counts_its_cycles(tmp_path: Path) -> None:
    """A square with a tail has one cycle and one component; its function is one over the degree."""
    path = tmp_path / "square.gml"
    edges = [(0, 1), (1, 2), (2, 3), (3, 0), (3, 4)]
    nodes = "".join(f"node [ id {number} ]\n" for number in range(5))
    path.write_text(f"graph [\n{nodes}" + "".join(f"edge [ source {a} target {b} ]\n" for a, b in edges) + "]\n")
    found = ask(open_source("shapes", str(path)), resolution="5", landscape_resolution="2")
    assert found.summary["filtration"].value == "graph"
    assert found.arrays["hilbert_H1"][-1, -1] == 1 and found.arrays["hilbert_H0"][-1, -1] == 1
    assert sorted(map(sorted, found.arrays["cells_vertices_1"].tolist())) == sorted(map(sorted, edges))
    assert "edges between them" in ANALYSIS.figures(found)["item"].caption


def test_equal_values_of_the_function_are_said(tmp_path: Path) -> None:
    """A constant second parameter leaves a grid of one level, and the result says so."""
    path = tmp_path / "cloud.csv"
    path.write_text("x,y,function\n0,0,1\n1,0,1\n0,1,1\n")
    found = ask(open_source("shapes", str(path)), second="column", resolution="5", landscape_resolution="2")
    assert found.arrays["hilbert_H0"].shape[1] == 1
    assert any("one value alone" in note for note in found.notes)


def test_one_point_is_one_component(tmp_path: Path) -> None:
    """The smallest cloud has an answer: one component, no loop, and axes of one value."""
    path = tmp_path / "point.csv"
    path.write_text("x,y,function\n0,0,1\n")
    found = ask(open_source("shapes", str(path)), second="column", resolution="5", landscape_resolution="2")
    assert found.arrays["hilbert_H0"].tolist() == [[1]] and found.arrays["hilbert_H1"].tolist() == [[0]]


def test_distances_need_no_coordinates(tmp_path: Path) -> None:
    """A matrix of distances has the Hilbert function of the points that it comes from, and is drawn by classical scaling."""
    points = np.random.default_rng(0).normal(size=(12, 3))
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    path = tmp_path / "matrix.npz"
    np.savez(path, distances=distances)
    source = open_source("shapes", str(path))
    found = ask(source, form="distances", second="eccentricity", resolution="5", landscape_resolution="2")
    radii, levels = found.arrays["grid_radius"], found.arrays["grid_level"]
    expected = hilbert_function(None, found.arrays["function"], radii, levels, distances=distances)
    assert all((found.arrays[f"hilbert_H{degree}"] == expected[degree]).all() for degree in (0, 1))
    assert "points" not in found.arrays and "classical scaling" in ANALYSIS.figures(found)["item"].caption
    assert found.arrays["layout"].shape == (12, 2)
    np.testing.assert_allclose(found.arrays["edge_lengths"], distances[np.triu_indices(12, 1)], rtol=1e-6)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"item": "2"}, "Item 2 is asked for and noisy-circle has 1"),
        ({"filtration": "graph"}, "filtration=graph does not go with cloud"),
        ({"second": "degree"}, "second=degree is not known here"),
        ({"filtration": "alpha", "degrees": "3"}, "degrees holds 3"),
        ({"degrees": "0,0"}, "each once"),
        ({"degrees": ""}, "at least one degree"),
        ({"bandwidth": "0"}, "0 is no bandwidth"),
        ({"filtration": "alpha", "threshold": "1"}, "Threshold is for filtration=rips"),
    ],
)
def test_choices_that_do_not_go_together_are_refused(values: dict[str, str], sentence: str) -> None:
    """One sentence says what, and what to choose instead."""
    with pytest.raises(BadInput, match=sentence):
        ask("noisy-circle", **values)


def test_the_estimate_reads_nothing() -> None:
    """Cost follows from the details; a file that is not there is no obstacle."""
    details = {"kind": "shapes", "form": "cloud", "items": 1, "points": [400, 400, 400], "dimensions": 2}
    source = Source("shapes", "gone.npz", "digest", "/nowhere/gone.npz", details)
    small, large = (
        ANALYSIS.estimate(parse_params(ANALYSIS.params, {"most_points": most}), {"data": source})
        for most in ("100", "400")
    )
    assert 0 < small.seconds < large.seconds and small.memory <= large.memory and small.steps == 3


def test_the_command_line_writes_the_arrays(tmp_path: Path) -> None:
    """The names that scripts rely on stand in the folder of a result."""
    words = ["run", "topology", "--input", "data=noisy-circle", "--set", "mode=describe", "--set", "resolution=5"]
    assert main([*words, "--set", "landscape_resolution=2", "--out", str(tmp_path / "out")]) == 0
    names = {path.name for path in (tmp_path / "out").rglob("*")}
    assert any("signed_measure" in name for name in names)
