"""Mode `optimise` from what a person brings to a cloud that has moved."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.analysis import LivePoint, Result, Source, parse_params, recording_to
from core.errors import BadInput, TooLarge
from core.serial import serially
from core.sources import open_source
from core.topology import signed_measure
from core.topology.analysis import ANALYSIS
from core.topology.functions.kde import codensity
from core.topology.optimise_mode import chunks_of
from core.topology.optimise_objective import adam
from tests.core.topology.running import ask


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Thirty points about a circle, and a column with a value for each."""
    rng = np.random.default_rng(1)
    angles = rng.uniform(0, 2 * np.pi, 30)
    points = np.column_stack([np.cos(angles), np.sin(angles)]) + 0.15 * rng.standard_normal((30, 2))
    path = tmp_path_factory.mktemp("ring") / "ring.csv"
    rows = np.column_stack([points, rng.standard_normal(30)])
    np.savetxt(path, rows, delimiter=",", header="a,b,function", comments="")
    return open_source("shapes", str(path))


@pytest.fixture(scope="module")
def two_rings(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Two clouds in one file."""
    angles = np.random.default_rng(2).uniform(0, 2 * np.pi, (2, 20))
    sizes = np.array([1.0, 0.6])[:, None, None]
    path = tmp_path_factory.mktemp("rings") / "rings.npz"
    np.savez(path, X=sizes * np.stack([np.cos(angles), np.sin(angles)], axis=-1))
    return open_source("shapes", str(path))


def optimise(data: Source | str, **values: object) -> Result:
    """The result with few iterations and a coarse grid."""
    chosen = {"iterations": "12", "resolution": "6", "check_gradient": "4", **values}
    return ask(data, mode="optimise", **chosen)


@pytest.mark.parametrize("loss", ["open_loops", "remove_clutter", "localized", "norm", "target"])
@pytest.mark.parametrize("filtration", ["rips", "alpha"])
def test_each_loss_falls_and_its_derivatives_are_right(ring: Source, loss: str, filtration: str) -> None:
    """The loss at the end is below that at the start, and derivatives equal central differences before and after."""
    found = optimise(ring, loss=loss, filtration=filtration)
    table, check = found.tables["loss"], found.tables["gradient_check"]
    assert table.iteration.tolist() == list(range(13))
    assert table.loss.iloc[-1] < table.loss.iloc[0]
    np.testing.assert_allclose(table.loss, table.topology + table.box + table.anchor, rtol=1e-12)
    assert check.when.tolist() == ["before"] * 4 + ["after"] * 4
    assert check.relative_error.max() < 1e-5
    assert found.summary["gradient_check"].value == check.relative_error.max()
    assert found.summary["loss_after"].value == table.loss.iloc[-1]


def test_the_result_tells_where_points_were_and_are(ring: Source) -> None:
    """The film leads from the points before to those after; measures and second parameter are those of these points."""
    found = optimise(ring, loss="norm", iterations="40", degrees="0,1")
    arrays = found.arrays
    film, at = arrays["trajectory"], arrays["trajectory_iteration"]
    assert film.dtype == np.float32 and len(film) == len(at) <= 30 and (at[0], at[-1]) == (0, 40)
    for name, frame in (("before", film[0]), ("after", film[-1])):
        np.testing.assert_allclose(frame, arrays[f"points_{name}"], atol=1e-6)
        function = codensity(arrays[f"points_{name}"], float(found.summary["bandwidth"].value)).values
        np.testing.assert_allclose(arrays[f"function_{name}"], function, atol=1e-12)
        measures = signed_measure(arrays[f"points_{name}"], function)
        table = found.tables["optimised_measure"]
        table = table[table.when == name]
        for degree, measure in measures.items():
            rows = table[table.degree == degree]
            np.testing.assert_allclose(rows[["radius", "level"]], measure.positions, atol=1e-9)
            np.testing.assert_array_equal(rows.weight, measure.weights)
    assert found.summary["moved_most"].value > found.summary["moved_median"].value > 0
    assert set(ANALYSIS.figures(found)) >= {"film", "loss", "hilbert_before_H1", "hilbert_after_H1"}


def test_the_norm_loss_is_that_of_the_measure(ring: Source) -> None:
    """Computed from the table of the result: sum of w |p|_1, divided by the Diracs; without penalties nothing is added."""
    found = optimise(ring, loss="norm", box_weight="0", anchor_weight="0")
    table = found.tables["optimised_measure"]
    for when, column in (("before", "loss_before"), ("after", "loss_after")):
        rows = table[table.when == when]
        expected = (rows.weight * (rows.radius.abs() + rows.level.abs())).sum() / rows.weight.abs().sum()
        assert found.summary[column].value == pytest.approx(expected, rel=1e-9)


def test_values_move_and_points_stay(ring: Source) -> None:
    """With variables=function the second parameter alone is changed.

    The norm loss could not do it: the weights of finite classes add up to 0 at each level, whatever the level is.
    """
    found = optimise(ring, loss="localized", variables="function", second="column")
    np.testing.assert_array_equal(found.arrays["points_before"], found.arrays["points_after"])
    assert "trajectory" not in found.arrays
    assert np.abs(found.arrays["function_after"] - found.arrays["function_before"]).max() > 0
    assert (found.tables["gradient_check"].coordinate == 0).all()
    assert found.tables["loss"].loss.iloc[-1] < found.tables["loss"].loss.iloc[0]
    film = ANALYSIS.figures(found)["film"]
    assert film.plot.frames and "none moved, column changed by up to" in film.alt
    norm = optimise(ring, loss="norm", variables="function", second="column", iterations="0")
    assert norm.summary["gradient_norm"].value == pytest.approx(0, abs=1e-15)


def test_a_column_stays_with_its_points(ring: Source) -> None:
    """Moving points keep the values that came with them, and the result says so."""
    found = optimise(ring, loss="norm", second="column")
    np.testing.assert_array_equal(found.arrays["function_before"], found.arrays["function_after"])
    assert any("stay with their points" in note for note in found.notes)


def test_the_same_question_has_the_same_answer_and_its_seed_decides_noise(two_rings: Source) -> None:
    """Twice the same numbers; of several starts the lowest is shown, and no start knows of the others."""
    one = optimise(two_rings, loss="norm", starts="3", noise="0.1")
    again = optimise(two_rings, loss="norm", starts="3", noise="0.1")
    alone = optimise(two_rings, loss="norm")
    np.testing.assert_array_equal(one.arrays["points_after"], again.arrays["points_after"])
    table = one.tables["loss"]
    assert table[table.start == 1].loss.tolist() == alone.tables["loss"].loss.tolist()
    assert one.summary["loss_after"].value == table.groupby("start").loss.last().min()
    assert table.groupby("start").loss.first().nunique() == 3
    assert any("best of 3 starts" in note for note in one.notes)


def test_iterations_come_in_steps_that_can_be_resumed(two_rings: Source) -> None:
    """A run of 25 iterations stopped in its second step goes on from the first, and ends where an unbroken one does."""
    assert chunks_of(25) == [10, 10, 5] and len(chunks_of(10_000)) == 100 and sum(chunks_of(10_000)) == 10_000
    kept: dict[str, object] = {}

    class Cache:
        def get(self, key: str) -> object:
            return kept[key]

        def put(self, key: str, value: object) -> None:
            kept[key] = value

    params = parse_params(
        ANALYSIS.params, {"mode": "optimise", "loss": "norm", "iterations": 25, "check_gradient": 0, "resolution": 4}
    )
    seen: list[LivePoint] = []

    def interrupt(point: LivePoint) -> None:
        seen.append(point)
        if len(seen) == 14:
            raise KeyboardInterrupt

    with recording_to(interrupt), pytest.raises(KeyboardInterrupt):
        serially(ANALYSIS, params, {"data": two_rings}, cache=Cache())
    assert len(kept) == 2  # the start and the first ten iterations
    with recording_to(seen.append):
        resumed = serially(ANALYSIS, params, {"data": two_rings}, cache=Cache())
    assert [point.at for point in seen] == [*range(14), *range(10, 26)]
    assert (seen[0].title, seen[0].axis) == ("Loss", "iteration")
    unbroken = serially(ANALYSIS, params, {"data": two_rings})
    np.testing.assert_array_equal(resumed.arrays["points_after"], unbroken.arrays["points_after"])
    assert resumed.tables["loss"].equals(unbroken.tables["loss"])


def test_nothing_moves_without_iterations(ring: Source) -> None:
    """Iterations 0 measures the loss and checks the gradient, as many coordinates as are asked for."""
    found = optimise(ring, iterations="0", check_gradient="20")
    np.testing.assert_array_equal(found.arrays["points_before"], found.arrays["points_after"])
    assert len(found.tables["loss"]) == 1 and len(found.tables["gradient_check"]) == 20
    assert "nothing was moved" in found.answer
    assert ANALYSIS.figures(found)["film"].plot.frames == ()


def test_another_item_is_a_target(two_rings: Source) -> None:
    """The distance to the measure of the small ring falls; it is another one than that to a circle."""
    item, circle = (optimise(two_rings, loss="target", target=target, iterations="30") for target in ("item", "circle"))
    losses = item.tables["loss"].loss
    assert 0 < losses.iloc[-1] < 0.8 * losses.iloc[0]
    assert losses.iloc[0] != circle.tables["loss"].loss.iloc[0]


def test_points_stay_in_their_box(ring: Source) -> None:
    """A heavy box holds what a loss drives apart; without it they leave."""
    reach = {}
    for weight in ("0", "1000"):
        found = optimise(
            ring, loss="norm", degrees="0", iterations="30", box_weight=weight, anchor_weight="0", learning_rate="0.05"
        )
        reach[weight] = np.abs(found.arrays["points_after"]).max()
    assert reach["1000"] < reach["0"]


def test_adam_moves_by_the_learning_rate_against_a_constant_gradient() -> None:
    """Unbiased means of g and g^2 are then g and g^2 themselves, whatever the size of g; where it is 0 nothing moves."""
    gradient = np.array([[3.0, -2e-3], [0.0, 7e4]])
    variables, moments = np.ones((2, 2)), np.zeros((2, 2, 2))
    for iteration in range(1, 6):
        variables, moments = adam(variables, gradient, moments, iteration, 0.05)
    np.testing.assert_allclose(variables, 1.0 - 5 * 0.05 * np.sign(gradient), atol=1e-5)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"levels": "5"}, "given levels have no derivatives"),
        ({"loss": "target", "target": "item", "target_item": "1"}, "name another one"),
        ({"filtration": "cubical"}, "filtration=cubical does not go with cloud"),
        ({"second": "fiedler"}, "second=fiedler is not known here"),
        ({"item": "3"}, "Item 3 is asked for"),
        ({"loss": "target", "target": "item", "target_item": "9"}, "Item 9 is asked for"),
        ({"degrees": "2", "filtration": "alpha", "loss": "norm", "learning_rate": "2"}, "Learning rate"),
    ],
)
def test_choices_that_cannot_be_are_refused(ring: Source, values: dict[str, str], sentence: str) -> None:
    """One sentence says what and why."""
    with pytest.raises(BadInput, match=sentence):
        optimise(ring, **values)


def test_what_has_no_points_is_refused() -> None:
    """Series, images and graphs, before anything is run."""
    params = parse_params(ANALYSIS.params, {"mode": "optimise"})
    source = open_source("shapes", "waves")
    with pytest.raises(BadInput, match="mode=optimise moves the points of a cloud and waves holds series"):
        ANALYSIS.estimate(params, {"data": source})
    with pytest.raises(BadInput, match="holds series"):
        optimise(source)


def test_too_many_points_are_refused_with_an_offer(tmp_path: Path) -> None:
    """The sentence names the number that would do; thinned out, the same cloud is taken and the result says so."""
    path = tmp_path / "large.csv"
    np.savetxt(path, np.random.default_rng(0).normal(size=(1500, 2)), delimiter=",", header="a,b", comments="")
    source = open_source("shapes", str(path))
    with pytest.raises(TooLarge, match="set Most points to 1,000 or less"):
        optimise(source, most_points="")
    found = optimise(source, most_points="25", iterations="1")
    assert found.summary["points"].value == 25
    assert any("thinned out to 25 of 1,500" in note for note in found.notes)


def test_a_loss_without_slope_is_said(tmp_path: Path) -> None:
    """Three points have no loop to open: nothing moves, and the answer says why."""
    path = tmp_path / "three.csv"
    path.write_text("a,b\n0,0\n1,0\n0,2\n")
    found = optimise(open_source("shapes", str(path)))
    assert "no slope" in found.answer
    assert found.summary["moved_most"].value == 0


def test_a_loss_that_is_not_finite_ends_the_run(tmp_path: Path) -> None:
    """Points that are flung away for ever end in a sentence, not in a result."""
    path = tmp_path / "far.csv"
    path.write_text("a,b\n0,0\n1e200,0\n0,2e200\n1e200,2e200\n")
    with pytest.raises(BadInput):
        optimise(open_source("shapes", str(path)), loss="norm", degrees="0")
