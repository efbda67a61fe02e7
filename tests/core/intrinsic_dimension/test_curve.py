"""The paper's rule on known curves."""

import numpy as np
import pytest

from core.errors import BadInput
from core.intrinsic_dimension import d_int90_from_curve
from core.intrinsic_dimension.curve import bootstrap_d_int90
from tests.core.intrinsic_dimension.published_curve import DIRECT, REPLICATES

DIMENSIONS = [dimension for dimension, performances in REPLICATES.items() for _ in performances]
PERFORMANCES = [performance for performances in REPLICATES.values() for performance in performances]


def test_published_mnist_curve_against_the_global_baseline() -> None:
    """On the paper's MNIST FC curve (29 dimensions, 3 replicates) the global baseline 1.0 gives 850."""
    assert d_int90_from_curve(DIMENSIONS, PERFORMANCES, baseline=1.0) == 850


def test_published_mnist_curve_against_the_own_baseline() -> None:
    """On the same curve the own baseline, the mean of three direct trainings, gives 625."""
    assert d_int90_from_curve(DIMENSIONS, PERFORMANCES, baseline=float(np.mean(DIRECT))) == 625


def test_bootstrap_of_the_published_curve() -> None:
    """One replicate drawn for each dimension gives 786 +- 66 within 725 to 900, the error bar that the authors print."""
    found = bootstrap_d_int90(DIMENSIONS, PERFORMANCES, baseline=1.0, resamples=400)
    assert set(found) <= {725, 750, 800, 850, 900}
    assert found.mean() == pytest.approx(786, abs=10)
    assert found.std() == pytest.approx(66, abs=10)


def test_bootstrap_without_spread_and_without_crossing() -> None:
    """Equal replicates always give the rule's own answer; where no curve passes the value is infinite."""
    assert set(bootstrap_d_int90([1, 1, 2, 2], [0.5, 0.5, 0.95, 0.95], baseline=1.0)) == {2}
    assert np.isinf(bootstrap_d_int90([1, 2], [0.5, 0.6], baseline=1.0)).all()


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
