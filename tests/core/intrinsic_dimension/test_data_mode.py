"""Mode data, from a stored file to the answer and its figures."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.analysis import Analysis, Input, Inputs, Result, Source, parse_params
from core.data import builtin_dataset_source
from core.errors import BadInput
from core.intrinsic_dimension.data_dimension.estimate import estimate_data_dimension
from core.intrinsic_dimension.data_mode import compute_data, estimate_data
from core.intrinsic_dimension.data_params import DataParams
from core.intrinsic_dimension.figures import figures
from core.keys import digest_of_file
from core.serial import serially
from tests.core.intrinsic_dimension.data_dimension.manifolds import sphere

ANALYSIS = Analysis(
    slug="data-mode",
    title="Data dimension",
    question="",
    params=(DataParams,),
    inputs=(Input("dataset", "dataset", "Data set", "any data set"),),
    compute=compute_data,
    figures=figures,
    estimate=estimate_data,
    version=1,
    references=(),
)
POINTS = sphere(500, 0)


def stored(path: Path, points: np.ndarray) -> Source:
    """A npz file with these points as X."""
    np.savez(path, X=points)
    details = {"rows": len(points), "features": int(np.prod(points.shape[1:]))}
    return Source("dataset", path.name, digest_of_file(path), str(path), details)


def run(source: Source, **values: object) -> Result:
    return serially(ANALYSIS, parse_params((DataParams,), values), {"dataset": source})


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return run(stored(tmp_path_factory.mktemp("data") / "sphere.npz", np.vstack([POINTS, POINTS[:60]])))


def test_the_answer_is_a_sentence_with_interval_and_coordinates(result: Result) -> None:
    """The first line says dimension, estimator, interval and embedding."""
    values = result.values()
    assert result.answer == (
        f"The points lie near a {values['dimension']:.1f}-dimensional set (2NN, 95 % interval "
        f"{values['dimension_low']:.1f} to {values['dimension_high']:.1f}), embedded in 6 coordinates."
    )
    assert float(str(values["dimension_low"])) < float(str(values["dimension"])) < float(str(values["dimension_high"]))


def test_the_table_is_that_of_the_python_face(result: Result) -> None:
    """The mode gives exactly what `estimate_data_dimension` gives for the same distinct points."""
    expected = estimate_data_dimension(POINTS.astype(np.float32))
    pd.testing.assert_frame_equal(result.tables["data_dimension"], expected)


def test_duplicates_are_counted_and_noted(result: Result) -> None:
    """The reader learns how many rows were removed and how many points were used."""
    assert (result.values()["duplicates"], result.values()["points"]) == (60, 500)
    assert "60 duplicate rows were removed." in result.notes


def test_images_are_flattened(tmp_path: Path) -> None:
    """Points with several axes count all their values as coordinates."""
    images = np.random.default_rng(0).normal(size=(80, 5, 4))
    assert run(stored(tmp_path / "images.npz", images)).values()["embedding_dimension"] == 20


def test_labels_are_left_out(tmp_path: Path) -> None:
    """The label column of a table is no coordinate, and its values change nothing."""
    tables = []
    for seed in (0, 1):
        frame = pd.DataFrame(POINTS[:200], columns=list("abcdef"))
        frame["kind"] = np.random.default_rng(seed).choice(["x", "y"], 200)
        path = tmp_path / f"{seed}.csv"
        frame.to_csv(path, index=False)
        found = run(Source("dataset", path.name, digest_of_file(path), str(path)), target="kind")
        assert found.values()["embedding_dimension"] == 6
        tables.append(found.tables["data_dimension"])
    pd.testing.assert_frame_equal(*tables)


def test_a_large_set_is_drawn_from_by_seed_and_the_reader_told(tmp_path: Path) -> None:
    """Only as many points as were asked for are used, the same ones for the same seed."""
    source = stored(tmp_path / "sphere.npz", POINTS)
    first, again, other = (run(source, max_points=120, seed=seed) for seed in (1, 1, 2))
    assert first.values()["points"] == 120
    assert "120 of 500 distinct points were drawn at random (seed 1)." in first.notes
    pd.testing.assert_frame_equal(first.tables["data_dimension"], again.tables["data_dimension"])
    assert first.values()["dimension"] != other.values()["dimension"]


def test_standardising_removes_the_units_of_columns(tmp_path: Path) -> None:
    """With unit variance a column in other units changes nothing; without, it hides the rest."""
    points = np.random.default_rng(0).normal(size=(600, 4))
    plain = stored(tmp_path / "plain.npz", points)
    stretched = stored(tmp_path / "stretched.npz", points * [1e4, 1, 1, 1])
    same = [run(source, standardise=True).values()["dimension"] for source in (plain, stretched)]
    np.testing.assert_allclose(same[0], same[1], rtol=1e-3)
    assert float(str(run(stretched).values()["dimension"])) < 0.5 * float(str(same[0]))


def test_tied_points_get_an_answer_without_a_number(tmp_path: Path) -> None:
    """Where no dimension is defined the result says so, holds None, and can be drawn."""
    grid = np.stack(np.meshgrid(np.arange(12.0), np.arange(12.0)), axis=-1).reshape(-1, 2)
    found = run(stored(tmp_path / "grid.npz", grid))
    assert found.answer.startswith("Nearest neighbours define no dimension")
    assert found.values()["dimension"] is None
    assert len(figures(found)) == 4


def test_three_steps_of_one_batch_can_be_keyed_and_kept(tmp_path: Path) -> None:
    """The steps are independent, have different keys, shares that sum to one, and results that can be stored."""
    inputs: Inputs = {"dataset": stored(tmp_path / "sphere.npz", POINTS)}
    steps = next(compute_data(DataParams(), inputs))
    assert len({step.key for step in steps}) == len(steps) == estimate_data(DataParams(), inputs).steps == 3
    np.testing.assert_allclose(sum(step.share for step in steps), 1)
    for step in steps:
        pickle.loads(pickle.dumps(step.run()))


def test_the_estimate_grows_with_the_points(tmp_path: Path) -> None:
    """Time grows with the square of the points used, and no data are read for it."""
    source = Source("dataset", "large", "0", "nowhere", {"rows": 100_000, "features": 784})
    small, large = (estimate_data(DataParams(max_points=n), {"dataset": source}) for n in (10_000, 100_000))
    assert 40 < large.seconds / small.seconds < 110
    assert 3e9 < large.memory < 5e9


@pytest.mark.parametrize(("name", "value"), [("max_points", 3), ("neighbours", 1), ("seed", -1), ("colour", "red")])
def test_parameters_out_of_bounds_are_refused(name: str, value: object) -> None:
    """A value out of range is refused before anything runs."""
    with pytest.raises(BadInput):
        parse_params((DataParams,), {name: value})


def test_too_few_points_are_refused(tmp_path: Path) -> None:
    """Nine points have no dimension worth telling."""
    with pytest.raises(BadInput, match="9 distinct rows of 9"):
        run(stored(tmp_path / "few.npz", POINTS[:9]))


BUILTIN = {"swiss_roll": (1.8, 2.2), "hypersphere": (4.7, 5.2), "digits": (8.5, 9.6)}


@pytest.mark.parametrize("name", BUILTIN)
def test_builtin_sets_have_their_known_dimension(name: str) -> None:
    """The manifolds give 2 and 5; digits give what 2NN gives in scikit-dimension 0.5.0, 9.04."""
    low, high = BUILTIN[name]
    assert low < float(str(run(builtin_dataset_source(name)).values()["dimension"])) < high


FIGURES = ("dimension_by_scale", "pca_variance", "correlation_integral", "two_nn_fit")


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_has_its_words_and_few_enough_points(result: Result, name: str) -> None:
    """Reading, caption with n, text alternative, reference and axis titles are there; at most 20,000 points."""
    figure = figures(result)[name]
    assert figure.reading.endswith(".")
    assert "n = 500" in figure.caption
    assert any(character.isdigit() for character in figure.alt)
    assert figure.reference
    assert figure.plot.layout.xaxis.title.text
    assert figure.plot.layout.yaxis.title.text
    assert sum(len(trace.x) for trace in figure.plot.data) <= 20_000


def test_figures_leave_the_look_to_the_page(result: Result) -> None:
    """No figure sets a background, a font or a legend: the page's template does."""
    for figure in figures(result).values():
        layout = figure.plot.layout
        assert layout.paper_bgcolor is layout.plot_bgcolor is layout.font.color is layout.font.family is None
        assert not any(trace.showlegend for trace in figure.plot.data)


def test_the_scale_plot_shows_the_table(result: Result) -> None:
    """Gride stands at 2 n1, MLE at k, and 2NN carries its interval."""
    drawn = {trace.name: trace for trace in figures(result)["dimension_by_scale"].plot.data if trace.name}
    assert list(drawn["Gride"].x) == [2, 4, 8, 16, 32, 64, 128][: len(drawn["Gride"].x)]
    assert list(drawn["MLE"].x) == [5, 10, 20, 50, 100][: len(drawn["MLE"].x)]
    np.testing.assert_allclose(
        drawn["2NN"].y[0] - drawn["2NN"].error_y.arrayminus[0], float(str(result.values()["dimension_low"]))
    )
