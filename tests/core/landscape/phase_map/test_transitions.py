"""Transition lines of a map."""

from __future__ import annotations

import numpy as np
import pytest

from core.landscape.phase_map.phases import phase_map
from core.landscape.phase_map.transitions import half_lines, transitions
from tests.core.landscape.phase_map.maps import layout, published


def test_a_line_lies_half_way_on_the_logarithmic_grid() -> None:
    """From 0 at load 1 to 1 at load 4: the line is at load 2, for all temperatures."""
    (line,) = half_lines(np.array([1.0, 4.0]), np.array([1.0, 10.0]), np.array([[0.0, 1.0], [0.0, 1.0]]))
    np.testing.assert_allclose(line[:, 0], 2.0)
    np.testing.assert_allclose(sorted(line[:, 1]), [1, 10])


def test_an_axis_with_zero_is_linear() -> None:
    """No label noise has no logarithm: half-way between 0 and 4 is 2, and between 0.25 and 1 on the other axis 0.5."""
    (line,) = half_lines(np.array([0.0, 4.0]), np.array([0.25, 1.0]), np.array([[0.0, 0.0], [1.0, 1.0]]))
    np.testing.assert_allclose(line[:, 1], 0.5)
    np.testing.assert_allclose(sorted(line[:, 0]), [0, 4])


def test_lines_stop_at_missing_cells_and_thin_grids_have_none() -> None:
    """A collapsed row takes the line with it."""
    grid = np.array([[0.0, 1.0], [0.0, 1.0], [np.nan, np.nan]])
    (line,) = half_lines(np.array([1.0, 4.0]), np.array([1.0, 10.0, 100.0]), grid)
    assert line[:, 1].max() == pytest.approx(10)
    assert half_lines(np.array([1.0, 2.0]), np.array([1.0]), np.array([[0.0, 1.0]])) == []


def test_the_published_layout_has_its_two_transitions() -> None:
    """Sharpness and connectivity on the grid are those of the layout, and each has a line through it."""
    table, _ = published(seeds=3, noise=0.2)
    found = transitions(phase_map(table, resamples=20))
    drawn = layout()[::-1]  # temperatures ascend
    np.testing.assert_array_equal(found.sharp > 0.5, np.isin(drawn, ["I", "II"]))
    np.testing.assert_array_equal(found.connected > 0.5, ~np.isin(drawn, ["I", "III"]))
    np.testing.assert_array_equal(np.isnan(found.crossover), ~np.isin(drawn, ["IV-A", "IV-B"]))
    assert found.sharp_lines and found.connected_lines
    column = layout()[0].tolist().index("II")
    edge = np.sqrt(found.loads[column - 1] * found.loads[column])
    np.testing.assert_allclose(np.concatenate(found.connected_lines)[:, 0], edge, rtol=0.1)
