"""The numbers of several results on common axes."""

from __future__ import annotations

from core.analysis import Scalar
from core.export.quantities import Along, quantities_figure, single_difference

HEADS = ("A", "B")


def test_only_what_differs_is_drawn() -> None:
    """Equal numbers, words and what has no value take no room."""
    one = {"n": Scalar(100, "Rows"), "d": Scalar(3.0, "Dimension", low=2.5, high=4.0), "w": Scalar("x", "Word")}
    two = {"n": Scalar(100, "Rows"), "d": Scalar(5.0, "Dimension"), "w": Scalar("y", "Word")}
    figure = quantities_figure([one, two], HEADS)
    assert figure is not None and len(figure.plot.data) == 1
    points = figure.plot.data[0]
    assert list(points.y) == [3.0, 5.0] and list(points.x) == ["A", "B"]
    assert list(points.error_y.array) == [1.0, 0.0] and list(points.error_y.arrayminus) == [0.5, 0.0]


def test_equal_results_have_no_figure() -> None:
    """Where no number differs there is nothing to draw."""
    assert quantities_figure([{"n": Scalar(1, "Rows")}] * 2, HEADS) is None


def test_the_setting_that_differs_is_the_common_axis() -> None:
    """Points stand over the value that was set, in its order, whatever the order of the results."""
    along = Along("Seeds", (9.0, 3.0))
    figure = quantities_figure([{"d": Scalar(2.0, "D")}, {"d": Scalar(1.0, "D")}], HEADS, along)
    assert figure is not None
    assert list(figure.plot.data[0].x) == [3.0, 9.0] and list(figure.plot.data[0].y) == [1.0, 2.0]


def test_one_number_tells_results_apart_or_none_does() -> None:
    """A single differing number is found; two differing settings, words or switches are no axis."""
    assert single_difference([{"k": 1, "seed": 0}, {"k": 4, "seed": 0}]) == ("k", (1.0, 4.0))
    assert single_difference([{"k": 1, "seed": 0}, {"k": 4, "seed": 1}]) is None
    assert single_difference([{"loss": "a"}, {"loss": "b"}]) is None
    assert single_difference([{"on": True}, {"on": False}]) is None
    assert single_difference([{"k": 1}, {"k": 4}, {"k": 1}]) is None
