"""Which points the estimators accept, and what is done to duplicates."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import BadInput
from core.intrinsic_dimension.data_dimension.distinct_points import distinct_points, unit_scaled


def test_duplicates_are_removed_counted_and_the_order_kept() -> None:
    """Of equal rows the first stays, in its place."""
    points = np.arange(24.0)[::-1].reshape(12, 2)
    given = np.vstack([points[:7], points[2:4], points[7:], points[:1]])
    found = distinct_points(given)
    assert found.duplicates == 3
    np.testing.assert_array_equal(found.points, points)


def test_minus_zero_equals_zero() -> None:
    """Rows that differ in the sign of a zero are duplicates."""
    points = np.vstack([np.eye(11), -0.0 * np.eye(1, 11), 0.0 * np.eye(1, 11)])
    assert distinct_points(points).duplicates == 1


@pytest.mark.parametrize("kind", [np.bool_, np.uint8, np.int64, np.float16])
def test_other_numbers_become_float64(kind: type) -> None:
    """Truth values, whole numbers and half floats are accepted."""
    points = np.unpackbits(np.arange(16, dtype=np.uint8)[:, None], axis=1).astype(kind)
    assert distinct_points(points).points.dtype == np.float64


BAD = {
    "NaN": (np.where(np.arange(40).reshape(20, 2) == 7, np.nan, 1.0), "row 3, column 1 holds nan"),
    "infinity": (np.where(np.arange(40).reshape(20, 2) == 4, np.inf, 1.0), "row 2, column 0 holds inf"),
    "constant": (np.ones((50, 3)), "1 distinct rows of 50 were found; at least 10"),
    "few": (np.arange(8.0).reshape(4, 2), "4 distinct rows of 4"),
    "one axis": (np.arange(50.0), "shape (50,)"),
    "three axes": (np.zeros((5, 4, 3)), "shape (5, 4, 3)"),
    "text": (np.array([["a", "b"]] * 20), "a matrix of numbers with one point a row is expected"),
    "objects": (np.array([[object()]] * 20), "type object"),
    "no columns": (np.zeros((20, 0)), "shape (20, 0)"),
    "no rows": (np.zeros((0, 3)), "0 distinct rows of 0"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_points_are_refused_with_one_sentence(case: str) -> None:
    """What can't be measured is named with its place and what was expected."""
    points, words = BAD[case]
    with pytest.raises(BadInput) as refused:
        distinct_points(points)
    assert words in str(refused.value)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("size", [1e-200, 1.0, 1e300])
def test_scaled_points_have_usable_squares(size: float) -> None:
    """Coordinates of any size are brought where their squares neither overflow nor vanish."""
    points = np.random.default_rng(0).normal(size=(20, 3)) * size
    scaled, scale = unit_scaled(points)
    np.testing.assert_allclose(scaled * scale, points - points.mean(axis=0), rtol=1e-9, atol=1e-12 * size)
    assert np.square(scaled).sum() > 1
