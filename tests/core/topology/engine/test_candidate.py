"""Candidate decompositions and their images."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest
from numpy.testing import assert_equal

from core.topology import s_cdr
from core.topology.engine.bifiltration import bifiltration
from core.topology.engine.candidate import Interval, candidate_decomposition, side_of_largest_square
from core.topology.engine.landscape import landscape_on_grid
from core.topology.engine.line_barcode import bars_on_line, bars_on_lines
from core.topology.engine.representation import t_cdr
from tests.core.topology.engine.cases import clouds

RADII, LEVELS = np.linspace(0.1, 2.0, 9), np.linspace(1.2, 3.4, 8)
# An L: the square from (0, 0) to (2, 2) less its upper right quarter.
L_SHAPE = Interval(
    np.array([[0.0, 0.0]]), np.array([[1.0, 2.0], [2.0, 1.0]]), np.array([0]), np.array([[[0.0, 0.0], [1.0, 1.0]]])
)


def circle_killed_twice() -> tuple[list[tuple[int, ...]], list[tuple[float, float]]]:
    """A circle born at (1, 0) and at (0, 1) by different last edges, and filled at (2, 3.5) and at (3, 2.5)."""
    simplices: list[tuple[int, ...]] = [(0,), (1,), (2,), (3,), (0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3)]
    grades = [(0.0, 0.0)] * 4 + [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)] + [(2.0, 3.5)] * 3
    simplices += [(0, 1, 3), (1, 2, 3), (0, 2, 3), (0, 1, 2)]
    grades += [(2.0, 3.5)] * 3 + [(3.0, 2.5)]
    return simplices, grades


def test_corners_of_an_interval_are_found_between_lines() -> None:
    """Born where both edges are there; it ends at a staircase with one outer corner between the two fillings."""
    filtered = bifiltration(None, None, (1,), simplices=circle_killed_twice())
    intervals = candidate_decomposition(filtered, 1, ((-0.3, -0.2), (4.1, 4.3)), lines=37)
    largest = intervals[0]
    assert largest.births == pytest.approx(np.array([[1.0, 1.0]]))
    inner = largest.deaths[np.isfinite(largest.deaths).all(axis=1)]
    assert (np.abs(inner - [3.0, 3.5]) < 1e-12).all(axis=1).any()


@pytest.mark.parametrize("degree", [0, 1])
@pytest.mark.parametrize("name", ["circle", "high"])
def test_landscapes_follow_from_the_intervals(degree: int, name: str) -> None:
    """The k-th largest tent over the intervals is lambda_k, up to the spacing of the lines."""
    points, function = clouds()[name]
    levels = np.linspace(function.min(), function.max(), 8)
    filtered = bifiltration(points, function, (degree,))
    layers = landscape_on_grid(filtered, RADII, levels, (degree,), 3)[degree]
    box = ((-0.5, levels[0] - 1.0), (3.5, levels[-1] + 1.0))
    intervals = candidate_decomposition(filtered, degree, box, lines=400)
    for k in (1, 2, 3):
        image = t_cdr(intervals, RADII, levels, "tent", operation="kth", k=k)
        assert np.abs(image - layers[k - 1]).max() < 0.03


def test_the_bars_of_all_lines_are_shared_out_once() -> None:
    """Each bar of each line is in exactly one interval."""
    points, function = clouds()["circle"]
    filtered = bifiltration(points, function, (1,))
    low, high = np.array([0.0, 1.0]), np.array([2.0, 3.5])
    intervals = candidate_decomposition(filtered, 1, (low, high), lines=25)
    seen = np.zeros(25, dtype=int)
    for interval in intervals:
        assert (np.diff(interval.lines) > 0).all()
        seen[interval.lines] += 1
    offsets = np.linspace(low[0] - high[1], high[0] - low[1], 27)[1:-1]
    counts = [len(bars_on_line(filtered, (offset, 0.0), (1.0, 1.0), (1,))[1]) for offset in offsets]
    assert seen.tolist() == counts


@pytest.mark.parametrize("filtrations_at_once", [1, 3, 1000])
def test_many_lines_have_the_bars_of_each(filtrations_at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Births, deaths and the cells of both, however many lines are held at once."""
    filtered = bifiltration(*clouds()["circle"], (0, 1))
    monkeypatch.setattr("core.topology.engine.persistence._AT_ONCE", filtrations_at_once * filtered.size())
    bases = np.column_stack([np.linspace(-3.0, 2.0, 8), np.zeros(8)])
    together = bars_on_lines(filtered, bases, (1.0, 0.5), (0, 1))
    for place, base in enumerate(bases):
        alone = bars_on_line(filtered, base, (1.0, 0.5), (0, 1))
        for degree in (0, 1):
            assert_equal(astuple(together[degree].of(place)), astuple(alone[degree]))


def test_the_largest_square_is_within_interval_and_box() -> None:
    """Of the L it has side 1; cut to a box it is smaller; in units of a direction it is counted in those."""
    low, high = np.array([-9.0, -9.0]), np.array([9.0, 9.0])
    assert side_of_largest_square(L_SHAPE, low, high) == 1.0
    assert side_of_largest_square(L_SHAPE, np.array([0.5, 0.0]), high) == 1.0
    assert side_of_largest_square(L_SHAPE, np.array([1.4, 0.0]), high) == pytest.approx(0.6)
    assert side_of_largest_square(L_SHAPE, np.array([3.0, 0.0]), high) == 0.0
    assert side_of_largest_square(L_SHAPE, low, high, (0.5, 1.0)) == 2.0


def test_kernels_are_what_they_are_called() -> None:
    """At a point of the L, at its re-entrant corner and outside of it."""
    x, y = np.array([0.5, 1.5]), np.array([0.5, 1.5])
    tents = t_cdr([L_SHAPE], x, y, "tent")
    assert tents.tolist() == [pytest.approx([0.5, 0.5]), pytest.approx([0.5, 0.0])]
    windows = t_cdr([L_SHAPE], x, y, "window", 0.25)
    assert windows.tolist() == [pytest.approx([1.0, 1.0]), pytest.approx([1.0, 0.0])]
    gaussian = t_cdr([L_SHAPE], x, y, "gaussian", 1.0)
    assert gaussian.tolist() == [pytest.approx([1.0, 1.0]), pytest.approx([1.0, np.exp(-0.125)])]


def test_operations_and_weights_act_over_intervals() -> None:
    """Sum, mean, largest and k-th largest of w^power phi."""
    small = Interval(np.array([[0.0, 0.0]]), np.array([[0.5, 0.5]]), np.array([0]), np.zeros((1, 2, 2)))
    axis, box = np.array([0.25]), ((-1.0, -1.0), (3.0, 3.0))

    def at(**more: object) -> float:
        return float(t_cdr([L_SHAPE, small], axis, axis, "tent", box=box, **more)[0, 0])  # type: ignore[arg-type]

    assert at() == pytest.approx(0.25 + 0.25)
    assert at(power=1.0) == pytest.approx(0.25 + 0.5 * 0.25)
    assert at(operation="mean") == pytest.approx(0.25)
    assert at(operation="max", power=2.0) == pytest.approx(0.25)
    assert at(operation="kth", k=2, power=2.0) == pytest.approx(0.25 * 0.25)
    assert at(operation="kth", k=3) == 0.0


def test_no_class_gives_an_empty_image() -> None:
    """Two points have no circle, whatever the power."""
    for p in (0.0, 1.0, np.inf):
        image = s_cdr([[0.0], [1.0]], [0.0, 1.0], RADII, LEVELS, (1,), 0.2, p)[1]
        assert image.shape == (9, 8)
        assert not image.any()
