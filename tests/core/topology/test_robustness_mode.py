"""Mode `robustness` from what a person brings to an answer."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.analysis import Result, Source, parse_params
from core.errors import BadInput, TooLarge
from core.sources import open_source
from core.topology.analysis import ANALYSIS
from core.topology.robustness import bounds
from core.topology.robustness_mode import compute_robustness, estimate_robustness
from core.topology.robustness_params import RobustnessParams
from core.topology.robustness_report import OTHER_CLASSES, robustness_result
from tests.core.topology.running import ask

FEW = {"mode": "robustness", "noise": "0.01,0.05", "outliers": "0.1", "kept": "0.5", "repeats": "2"}


@pytest.fixture(scope="module")
def clouds(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Eight clouds of 20 points: circles and blobs in turn."""
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, (8, 20))
    circles = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    made = np.where(np.arange(8)[:, None, None] % 2 == 0, circles, 0.3 * rng.standard_normal((8, 20, 2)))
    path = tmp_path_factory.mktemp("clouds") / "clouds.npz"
    np.savez(path, X=made, y=np.arange(8) % 2)
    return open_source("shapes", str(path))


@pytest.fixture(scope="module")
def found(clouds: Source) -> Result:
    return ask(clouds, **FEW)


def test_every_draw_has_a_row_with_its_bounds(found: Result) -> None:
    """Two noise levels, one share of outliers, one subsample, two draws, two degrees; nothing breaks the theorem."""
    table = found.tables["robustness"]
    assert len(table) == 4 * 2 * 2
    assert dict(table.groupby("sweep")["size"].nunique()) == {"noise": 2, "outliers": 1, "subsample": 1}
    assert (table.distance <= table.small_bound).all() and (table.small_bound <= table.bound + 1e-9).all()
    assert (table.features_distance <= table.features_bound + 1e-9).all()
    assert (table.sliced_wasserstein <= table.distance + 1e-9).all()
    assert set(table.points[table.sweep == "subsample"]) == {10} and set(table.points[table.sweep == "outliers"]) == {
        22
    }
    assert found.summary["broken"].value == 0
    assert "keep the stability theorem's bound" in found.answer


def test_movements_are_compared_with_the_distance_between_classes(found: Result) -> None:
    """Half of the other items are of the other class, their median is the yardstick, and movements are shares of it."""
    beside = found.tables["yardstick"]
    assert beside["item"].nunique() == 7 and beside.groupby("item").same_class.first().sum() == 3
    features = beside.groupby("item").features_distance.apply(np.linalg.norm)
    other = features[~beside.groupby("item").same_class.first()].median()
    assert found.summary["yardstick"].value == pytest.approx(other)
    assert OTHER_CLASSES in found.summary["yardstick"].description
    movement = found.tables["movement"]
    np.testing.assert_allclose(movement.share, movement.features / other)
    assert f"{movement.share[0]:.2g} times the median distance to items of other classes" in found.answer
    assert movement["size"][0] == 0.01 and "noise of 1 % of the diameter" in found.answer  # the nearest to 2 %


def test_steps_may_run_in_any_order(clouds: Source, found: Result) -> None:
    """Backwards, as workers might take them, they give the same numbers, and leave generators that others use alone."""
    params = parse_params(ANALYSIS.params, FEW)
    np.random.seed(5)
    before = str(np.random.get_state()), random.getstate()
    generator = compute_robustness(params, {"data": clouds})  # type: ignore[arg-type]
    batch = next(generator)
    try:
        while True:
            results = [step.run() for step in reversed(batch)][::-1]
            batch = generator.send(results)
    except StopIteration as stop:
        backwards: Result = stop.value
    assert (str(np.random.get_state()), random.getstate()) == before
    for name, table in found.tables.items():
        pd.testing.assert_frame_equal(backwards.tables[name], table)


def test_a_size_does_not_depend_on_the_others(clouds: Source, found: Result) -> None:
    """Asked alone, a size has the rows that it has among others."""
    alone = ask(clouds, **{**FEW, "sweeps": "noise", "noise": "0.05", "others": "0"}).tables["robustness"]
    among = found.tables["robustness"].query("sweep == 'noise' and size == 0.05").reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, among)


def test_one_cloud_is_compared_with_itself() -> None:
    """Without other items movements are in units of the item's own features, and the result says so."""
    alone = ask("noisy-circle", **{**FEW, "sweeps": "noise", "repeats": "1", "most_points": "30"})
    assert "the size of its own features" in alone.answer
    assert any("no other item to compare with" in note for note in alone.notes)
    assert any("The complex has 30 of 120 points" in note for note in alone.notes)
    assert alone.summary["cover_radius"].value > 0  # type: ignore[operator]
    assert not len(alone.tables["yardstick"])


@pytest.mark.parametrize(
    ("data", "values"),
    [
        ("digits-images", {"outliers": "0.1"}),
        ("waves", {"skip": "4", "second": "dtm"}),
        ("noisy-circle", {"filtration": "alpha", "invariant": "euler", "most_points": "30"}),
        ("noisy-circle", {"degrees": "2", "second": "column", "most_points": "14"}),
    ],
)
def test_every_form_has_its_sweeps(data: str, values: dict[str, str]) -> None:
    """Images, series, unions of balls and voids keep the bound too."""
    result = ask(
        data, **{"mode": "robustness", "noise": "0.05", "kept": "0.8", "repeats": "1", "others": "4", **values}
    )
    assert result.summary["broken"].value == 0
    last = set() if data == "digits-images" else {"subsample"}
    assert set(result.tables["robustness"].sweep) == {"noise", "outliers"} | last


def test_distances_and_graphs_have_no_outliers(tmp_path: Path) -> None:
    """Asked for them, the mode refuses with the reason; left to itself it takes what makes sense."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(12, 2))
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2)
    path = tmp_path / "gaps.npz"
    np.savez(path, D=(gaps + gaps.T) / 2)
    source = open_source("shapes", str(path))
    values = {**FEW, "form": "distances"}
    assert set(ask(source, **values).tables["robustness"].sweep) == {"noise", "subsample"}
    with pytest.raises(BadInput, match="a matrix of distances has no place for a new point; name noise or subsample"):
        ask(source, **values, sweeps="outliers")
    graph = tmp_path / "ring.gml"
    nodes = " ".join(f"node [ id {number} ]" for number in range(8))
    edges = " ".join(f"edge [ source {number} target {(number + 1) % 8} ]" for number in range(8))
    graph.write_text(f"graph [ {nodes} {edges} edge [ source 0 target 4 ] ]")
    ring = open_source("shapes", str(graph))
    whole = ask(ring, **FEW, invariant="euler")
    assert set(whole.tables["robustness"].sweep) == {"noise", "subsample"}
    assert "No sweep of outliers: a graph has no place for a new vertex." in whole.notes
    with pytest.raises(BadInput, match="a graph has no place for a new vertex; name noise or subsample"):
        ask(ring, **FEW, sweeps="outliers")


def test_a_broken_bound_is_said_first() -> None:
    """A distance above its bound would be a defect, and neither answer nor notes are quiet about it."""
    row: dict[str, Any] = {
        "sweep": "noise",
        "size": 0.1,
        "repeat": 1,
        "degree": "0",
        "points": 3,
        "distance": 1.0,
        "bound": 2.0,
        "small_bound": 0.9,
        "sliced_wasserstein": 0.5,
        "functions_distance": 0.5,
        "features_distance": 0.1,
        "features_bound": 1.0,
    }
    seen = {
        "name": "a.csv",
        "form": "cloud",
        "items": 1,
        "label": None,
        "filtration": "rips",
        "second": "dtm",
        "points": 3,
        "kept": 3,
        "cover_radius": 0.0,
        "sweeps": ["noise"],
        "low": np.zeros(2),
        "high": np.ones(2),
        "norms": {"0": 1.0},
        "diracs": {"0": 3},
        "others": [],
        "labels": [],
        "notes": [],
    }
    result = robustness_result(RobustnessParams(), seen, [row], [])
    assert result.answer.startswith("Bound broken: a.csv, 1 of 1 distances exceed their bound, the first at noise 0.1")
    assert result.summary["broken"].value == 1 and any(note.startswith("Bound broken") for note in result.notes)
    kept = robustness_result(RobustnessParams(), seen, [{**row, "small_bound": 1.0}], [])
    assert kept.summary["broken"].value == 0 and "keep the stability theorem's bound" in kept.answer


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"sweeps": "shaking"}, "'shaking' is no sweep; name some of noise, outliers, subsample"),
        ({"sweeps": "noise,noise"}, "name at least one of noise, outliers, subsample, each once"),
        ({"noise": "0"}, "Noise levels: numbers above 0 and up to 10"),
        ({"noise": "0.1,0.1"}, "Noise levels: name at least one, each once"),
        ({"noise": "much"}, "Noise levels"),
        ({"outliers": "3"}, "Shares of outliers: numbers above 0 and up to 2"),
        ({"kept": "1"}, "Shares kept: numbers above 0 and below 1"),
        ({"kept": ""}, "Shares kept: name at least one"),
        ({"levels": "5"}, "leave Levels empty"),
        ({"invariant": "euler", "filtration": "rips"}, "sums over all cliques"),
        ({"invariant": "euler"}, "sums over all cliques"),
        ({"item": "2"}, "Item 2 is asked for and noisy-circle has 1"),
        ({"filtration": "cubical"}, "filtration=cubical does not go with cloud"),
        ({"second": "ricci"}, "second=ricci is not known here"),
    ],
)
def test_bad_choices_get_one_sentence(values: dict[str, str], sentence: str) -> None:
    """What can't be asked is refused before anything is computed, with what to choose instead."""
    with pytest.raises(BadInput, match=sentence):
        ask("noisy-circle", **{**FEW, **values})


def test_more_simplices_than_can_be_summed_are_refused(clouds: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound over too many triangles is refused before anything is computed; outliers count."""
    monkeypatch.setattr(bounds, "MOST_SIMPLICES", 1_500)
    with pytest.raises(TooLarge, match=r"sums over 1,540 simplices of dimension 2 on 22 points.*lower most_points"):
        ask(clouds, **FEW)
    monkeypatch.setattr(bounds, "MOST_SIMPLICES", 1_000)
    with pytest.raises(TooLarge, match=r"sums over 1,140 simplices of dimension 2 on 20 points"):
        ask(clouds, **FEW)


def test_the_estimate_counts_draws_and_simplices(clouds: Source) -> None:
    """A step a size, one for the item and one for every five others; more draws take longer."""
    params = [parse_params(ANALYSIS.params, {**FEW, "repeats": repeats}) for repeats in ("2", "20")]
    few, many = (estimate_robustness(one, {"data": clouds}) for one in params)  # type: ignore[arg-type]
    assert few.steps == 1 + 4 + 2
    assert many.seconds > few.seconds and many.memory == few.memory


def test_pictures_show_movement_first(found: Result) -> None:
    """Features against the yardstick, then each sweep with its bounds on a logarithmic axis, then all ratios."""
    drawn = ANALYSIS.figures(found)
    assert list(drawn) == ["movement", "bounds_noise", "bounds_outliers", "bounds_subsample", "ratios"]
    assert drawn["bounds_noise"].plot.layout.yaxis.type == "log"
    assert all(one.alt and one.reading and one.caption and one.reference for one in drawn.values())
    names = {trace.name for trace in drawn["bounds_noise"].plot.data if trace.name}
    assert {"H0: distance", "H0: bound, small complex", "H1: bound, whole complex"} <= names
