"""What a threshold cuts off is said."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import pdist, squareform

from core.topology import signed_measure
from core.topology.engine.threshold import cone_radii, threshold_note
from tests.core.topology.engine.cases import clouds

# Two ends of a line come first, its middle last: 0 and 10 need an edge of 10, all three one of 5.
ENDS_FIRST = np.abs(np.subtract.outer([0.0, 10.0, 5.0], [0.0, 10.0, 5.0]))


def test_a_sparse_level_may_need_longer_edges_than_all_points() -> None:
    """The radius of a level is that of its own points."""
    levels, radii = cone_radii(ENDS_FIRST, np.array([0.0, 1.0, 2.0]))
    assert levels.tolist() == [0.0, 1.0, 2.0]
    assert radii.tolist() == [0.0, 10.0, 5.0]


def test_the_note_names_levels_and_a_threshold_that_is_enough() -> None:
    """Nothing is said where nothing is cut."""
    note = threshold_note(ENDS_FIRST, np.array([0.0, 1.0, 2.0]), 5.0)
    assert "at 1 of 3 levels (from 1 to 1)" in note
    assert "A threshold of 10, or none" in note
    assert threshold_note(ENDS_FIRST, np.array([0.0, 1.0, 2.0]), 10.0) == ""
    assert threshold_note(ENDS_FIRST, np.zeros(3), 5.0) == ""


def test_a_threshold_that_gets_no_note_changes_nothing() -> None:
    """The largest cone radius has the full measure, though longer edges are left out."""
    points, function = clouds()["circle"]
    distances = squareform(pdist(points))
    enough = float(cone_radii(distances, function)[1].max())
    assert enough < distances.max()
    cut, full = signed_measure(points, function, threshold=enough), signed_measure(points, function)
    for degree in (0, 1):
        assert cut[degree].positions.tolist() == full[degree].positions.tolist()
        assert cut[degree].weights.tolist() == full[degree].weights.tolist()
