"""Outlines of summands, and the figure that shows them."""

from __future__ import annotations

import numpy as np

from core.topology.figures import figures
from core.topology.figures.summands import outline
from tests.core.topology.running import ask

SMALL = {"resolution": "5", "landscape_resolution": "2"}


def area(polygon: np.ndarray) -> float:
    """By the shoelace formula."""
    x, y = polygon[:-1].T
    return abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))) / 2


def test_a_box_is_its_own_outline() -> None:
    """One birth and one death corner give the box between them."""
    (polygon,) = outline(np.array([[1.0, 2.0]]), np.array([[4.0, 8.0]]))
    assert {tuple(corner) for corner in polygon.tolist()} == {(1, 2), (4, 2), (4, 8), (1, 8)}


def test_the_area_of_a_staircase() -> None:
    """The outline covers what lies above a birth and below a death corner, counted on a fine grid."""
    births, deaths = np.array([[0.0, 2.0], [1.0, 0.0]]), np.array([[2.0, 4.0], [3.0, 1.0]])
    places = np.stack(np.meshgrid(*[(np.arange(80) + 0.5) / 20] * 2), axis=-1)[:, :, None, :]
    inside = np.any(np.all(births <= places, axis=3), axis=2) & np.any(np.all(deaths >= places, axis=3), axis=2)
    (polygon,) = outline(births, deaths)
    assert area(polygon) == inside.sum() / 400


def test_parts_that_do_not_touch_are_two_outlines() -> None:
    """Boxes side by side with a gap between them stay apart."""
    births, deaths = np.array([[0.0, 3.0], [2.0, 0.0]]), np.array([[1.0, 4.0], [3.0, 1.0]])
    assert sorted(area(polygon) for polygon in outline(births, deaths)) == [1.0, 1.0]


def test_the_figure_says_that_it_is_approximate() -> None:
    """The highest degree that has summands is drawn, named approximate; without any there is no picture."""
    drawn = figures(ask("noisy-circle", **SMALL))["summands"]
    assert "H1" in drawn.title and "approximately" in drawn.title
    assert "lines" in drawn.caption and len(drawn.plot.data) >= 2
    nothing = ask("noisy-circle", **SMALL)
    nothing.tables["summands"].drop(nothing.tables["summands"].index, inplace=True)
    assert "summands" not in figures(nothing)
