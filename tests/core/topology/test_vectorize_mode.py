"""Mode `vectorize` from what a person brings to features."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.analysis import Result, Source
from core.data.builtin_shapes import make_shapes
from core.errors import BadInput
from core.sources import open_source
from core.topology import signed_measure
from core.topology.functions.kde import codensity, diameter_of
from core.topology.inputs.delay_embedding import delay_embedding
from core.topology.vectorize import SignedMeasureConvolution
from tests.core.topology.running import ask

CLASSES = 2


@pytest.fixture(scope="module")
def clouds(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Six small clouds: circles and blobs in turn."""
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, (6, 20))
    circles = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    points = np.where(np.arange(6)[:, None, None] % 2 == 0, circles, 0.3 * rng.standard_normal((6, 20, 2)))
    path = tmp_path_factory.mktemp("clouds") / "clouds.npz"
    np.savez(path, X=points, y=np.arange(6) % 2)
    return open_source("shapes", str(path))


def test_features_are_fitted_to_the_training_part_alone() -> None:
    """Grid and bandwidth come from the items that the file names for training, by hand and by the mode alike."""
    found = ask("waves", mode="vectorize", resolution="4", degrees="0", skip="6")
    shapes = make_shapes("waves")
    assert shapes.train is not None
    embedded = [delay_embedding(np.asarray(item), 3, 1, 6) for item in shapes.items]
    kept = [cloud for cloud, used in zip(embedded, shapes.train, strict=True) if used]
    bandwidth = 0.2 * float(np.median([diameter_of(cloud) for cloud in kept]))
    measures = [signed_measure(cloud, codensity(cloud, bandwidth).values, (0,)) for cloud in embedded]
    images = SignedMeasureConvolution(resolution=4, bandwidth=0.1)
    images.fit([measure for measure, used in zip(measures, shapes.train, strict=True) if used])
    np.testing.assert_allclose(found.arrays["features"], images.transform(measures), atol=1e-12)
    labels = found.tables["labels"]
    assert (labels.part == "train").sum() == 30 and set(labels.label) == set(shapes.classes)
    settings = found.tables["settings"].set_index("name").value
    assert json.loads(settings["bandwidth"]) == pytest.approx(bandwidth)


@pytest.mark.parametrize(
    ("vectorization", "invariant", "features"),
    [
        ("convolution", "hilbert", 2 * 9),
        ("convolution", "euler", 9),
        ("hilbert_grid", "hilbert", 2 * 9),
        ("euler_grid", "euler", 9),
        ("landscape", "hilbert", 2 * 2 * 9),
        ("s_cdr", "hilbert", 2 * 9),
        ("rectangles", "rank", 2 * 27),
    ],
)
def test_each_vectorization_gives_rows_of_one_length(
    clouds: Source, vectorization: str, invariant: str, features: int
) -> None:
    """A row an item, a name a feature, seconds of each item; something differs between the items.

    Axes without extent are left out: components all begin at radius 0, and the loops here end at no level before the last.
    """
    found = ask(clouds, mode="vectorize", vectorization=vectorization, invariant=invariant, resolution="3")
    table = found.arrays["features"]
    assert table.shape == (6, features) and np.isfinite(table).all()
    assert len(set(found.arrays["feature_names"])) == features
    assert np.ptp(table, axis=0).max() > 0
    assert (found.tables["labels"].seconds > 0).all()
    assert any("fitted to all items" in note for note in found.notes)


def test_features_are_a_table_with_named_columns(clouds: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row an item with number, label and part; where they are too many for a table, a note says where they are."""
    found = ask(clouds, mode="vectorize", resolution="3")
    table = found.tables["features"]
    assert list(table.columns) == ["item", "label", "part", *found.arrays["feature_names"]]
    assert table.item.tolist() == [1, 2, 3, 4, 5, 6] and set(table.label) == {"0", "1"} and set(table.part) == {"all"}
    assert (table.iloc[:, 3:].to_numpy() == found.arrays["features"]).all()
    monkeypatch.setattr("core.topology.vectorize_report.MOST_TABLE_VALUES", 100)
    without = ask(clouds, mode="vectorize", resolution="3")
    assert "features" not in without.tables
    assert any("108 values are too many for a table: they are in arrays.npz" in note for note in without.notes)


def test_the_grid_of_ranks_is_chosen(clouds: Source) -> None:
    """Ranks on a finer grid give other rectangles; the result names the grid, and that levels play no part."""
    values = {"mode": "vectorize", "vectorization": "rectangles", "invariant": "rank", "resolution": "3"}
    coarse, fine = (ask(clouds, rank_grid=grid, levels="2", **values) for grid in ("4", "8"))
    assert not np.array_equal(coarse.arrays["features"], fine.arrays["features"])
    assert any("a grid of 4 x 4 grades; the choice of levels is not used" in note for note in coarse.notes)
    settings = fine.tables["settings"].set_index("name").value
    assert settings["rank_grid"] == "8"


def test_circles_and_blobs_fall_apart(clouds: Source) -> None:
    """The nearest other item by features is of the same class."""
    features = ask(clouds, mode="vectorize", vectorization="landscape", resolution="5").arrays["features"]
    gaps = np.linalg.norm(features[:, None] - features[None], axis=2)
    np.fill_diagonal(gaps, np.inf)
    assert (gaps.argmin(axis=1) % CLASSES == np.arange(6) % CLASSES).all()


def test_parts_do_not_change_the_features(clouds: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut into steps of one item or of four, the numbers are the same."""

    def features() -> Result:
        return ask(clouds, mode="vectorize", resolution="3")

    whole = features().arrays["features"]
    monkeypatch.setattr("core.topology.vectorize_mode.SMALLEST_CHUNK", 1)
    assert (features().arrays["features"] == whole).all()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"vectorization": "rectangles"}, "takes rank, not hilbert"),
        ({"vectorization": "convolution", "invariant": "rank"}, "takes hilbert or euler, not rank"),
        ({"vectorization": "rectangles", "invariant": "rank", "resolution": "20"}, "at most 10"),
        ({"second": "column"}, "item 1: second=column needs one value a point"),
    ],
)
def test_choices_that_do_not_go_together_are_refused(clouds: Source, values: dict[str, str], sentence: str) -> None:
    """One sentence says what, and what to choose instead."""
    with pytest.raises(BadInput, match=sentence):
        ask(clouds, mode="vectorize", **values)


def test_labels_that_do_not_match_are_refused(clouds: Source, tmp_path: Path) -> None:
    """A table of labels needs one for each item."""
    from core.analysis import parse_params
    from core.serial import serially
    from core.topology.analysis import ANALYSIS

    path = tmp_path / "labels.csv"
    path.write_text("item,y\n1,0\n2,1\n")
    labels = open_source("table", str(path))
    with pytest.raises(BadInput, match=r"labels\.csv has 2 labels and clouds\.npz has 6 items"):
        serially(ANALYSIS, parse_params(ANALYSIS.params, {"mode": "vectorize"}), {"data": clouds, "labels": labels})
