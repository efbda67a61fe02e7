"""The paper's rule on known curves."""

import pytest

from core.errors import BadInput
from core.intrinsic_dimension import d_int90_from_curve

PUBLISHED = {500: 0.865, 750: 0.894, 1000: 0.907}  # MNIST, FC 784-200-200-10: three points of the published curve


@pytest.mark.parametrize(("baseline", "expected"), [(0.96, 500), (0.98, 750), (1.0, 1000)])
def test_published_mnist_curve(baseline: float, expected: int) -> None:
    """On published points the first that passes is taken, without interpolation."""
    assert d_int90_from_curve(list(PUBLISHED), list(PUBLISHED.values()), baseline) == expected


def test_means_over_replicates_decide() -> None:
    """Replicates are repeated dimensions; the first dimension whose mean passes counts, in any order."""
    assert d_int90_from_curve([20, 10, 20, 10], [0.95, 0.95, 0.91, 0.80], baseline=1.0) == 20


def test_equal_is_not_enough() -> None:
    """The mean has to be greater than the threshold."""
    assert d_int90_from_curve([1, 2], [0.5, 0.75], baseline=0.5, fraction=1.0) == 2


def test_first_crossing_counts_even_if_the_curve_falls_again() -> None:
    """The rule takes the first dimension that passes."""
    assert d_int90_from_curve([1, 2, 3, 4], [0.1, 0.95, 0.2, 0.99], baseline=1.0) == 2


def test_diverged_trainings_count_as_zero() -> None:
    """NaN pulls the mean of its dimension down."""
    assert d_int90_from_curve([1, 1, 2], [0.99, float("nan"), 0.95], baseline=1.0) == 2


def test_none_where_nothing_passes() -> None:
    """Without a passing mean there is no dimension."""
    assert d_int90_from_curve([1, 2], [0.1, 0.2], baseline=1.0) is None


@pytest.mark.parametrize(("dimensions", "performances"), [([], []), ([1, 2], [0.5])])
def test_lists_that_do_not_match(dimensions: list[int], performances: list[float]) -> None:
    """Empty or unequal lists are refused with both lengths."""
    with pytest.raises(BadInput, match=f"{len(dimensions)} subspace dimensions and {len(performances)} performances"):
        d_int90_from_curve(dimensions, performances, baseline=1.0)
