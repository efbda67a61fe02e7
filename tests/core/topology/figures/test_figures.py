"""The pictures of a topology result."""

from __future__ import annotations

import numpy as np
import pytest

from core.analysis import Result
from core.topology.analysis import ANALYSIS
from core.topology.figures.drawing import MOST_STEPS, steps
from tests.core.topology.running import ask


@pytest.fixture(scope="module")
def described() -> Result:
    return ask("noisy-circle", resolution="8", landscape_resolution="4")


def test_a_description_opens_with_the_highest_degree(described: Result) -> None:
    """The loops stand first and by themselves; everything else is in tabs; each picture says what it shows."""
    drawn = ANALYSIS.figures(described)
    names = list(drawn)
    assert names[0] == "hilbert_H1" and not drawn["hilbert_H1"].group
    assert {"hilbert_H0", "euler", "item", "signed_measure_H1", "landscape_H1", "diagonal_barcode"} < set(names)
    assert all(drawn[name].group for name in names[1:])
    assert all(one.alt and one.reading and one.caption and one.reference for one in drawn.values())


def test_hover_has_the_exact_value(described: Result) -> None:
    """Colours share their last step, the number on hover does not."""
    (heatmap,) = ANALYSIS.figures(described)["hilbert_H0"].plot.data
    table = described.arrays["hilbert_H0"]
    assert table.max() > MOST_STEPS
    assert (np.asarray(heatmap.customdata) == table.T).all()
    assert np.asarray(heatmap.z).max() == table.min() + MOST_STEPS


def test_a_colour_is_a_whole_number() -> None:
    """Each number from the lowest to the highest has a band of the scale of its own."""
    scale, low, top = steps(0, 3)
    assert (low, top) == (0, 3)
    assert len({colour for _, colour in scale}) == 4
    assert [place for place, _ in scale] == [0, 0.25, 0.25, 0.5, 0.5, 0.75, 0.75, 1]


def test_signs_have_two_colours(described: Result) -> None:
    """What begins and what ends are drawn apart, all of it."""
    begins, ends = ANALYSIS.figures(described)["signed_measure_H1"].plot.data
    table = described.tables["signed_measure"].query("degree == 1")
    assert begins.marker.color != ends.marker.color
    assert (len(begins.x), len(ends.x)) == ((table.weight > 0).sum(), (table.weight < 0).sum())


def test_features_are_drawn_by_class() -> None:
    """The plane of the items has a colour a class, and training and test items their own symbol."""
    found = ask("waves", mode="vectorize", vectorization="hilbert_grid", resolution="3", degrees="0", skip="6")
    plane = ANALYSIS.figures(found)["plane"].plot
    assert len(plane.data) == 4
    assert sum(len(trace.x) for trace in plane.data) == 60
