"""Values along paths whose connectivity and barrier are read off by hand."""

import numpy as np
import pytest

from core.landscape.connectivity.values import barrier_of, mode_connectivity_of


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([2.0, 10.0, 30.0, 8.0, 4.0], -27.0),  # a barrier of 30 above a mean of 3
        ([20.0, 12.0, 5.0, 12.0, 20.0], 15.0),  # better points between ends that had not converged
        ([1.0, 1.0, 1.0, 1.0, 1.0], 0.0),
        ([0.0, 3.0, 4.0], 2.0),  # farthest from the mean of 2 are the ends; the first of equal ones counts
    ],
)
def test_mode_connectivity_is_the_signed_distance_of_the_farthest_value(values: list[float], expected: float) -> None:
    """(v_0 + v_4) / 2 - v_u with u the farthest from the mean of the ends, in the sign of the paper."""
    assert mode_connectivity_of(np.array(values)) == pytest.approx(expected)


def test_a_value_that_is_not_finite_has_no_connectivity() -> None:
    """NaN stays NaN; the other pairs keep theirs."""
    found = mode_connectivity_of(np.array([[1.0, np.nan, 1.0], [1.0, 2.0, 1.0]]))
    assert np.isnan(found[0]) and found[1] == -1.0


def test_barrier_is_the_height_above_the_straight_line() -> None:
    """Ends 1 and 3: at the middle the line is at 2, a loss of 5 is 3 above it; a path below the line has none."""
    places = np.array([0.0, 0.5, 1.0])
    np.testing.assert_allclose(barrier_of(np.array([[1.0, 5.0, 3.0], [1.0, 1.5, 3.0]]), places), [3.0, 0.0])
