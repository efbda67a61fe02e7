"""The toy problem of the paper."""

import numpy as np
import pytest

from core.intrinsic_dimension.toy import toy_performance


@pytest.mark.parametrize("dimension", [10, 16])
def test_solved_from_ten_dimensions_on(dimension: int) -> None:
    """Ten constraints are met in any random subspace of at least ten dimensions."""
    assert min(toy_performance(dimension, seed) for seed in range(3)) > 0.99


@pytest.mark.parametrize("dimension", [5, 8])
def test_not_solved_below(dimension: int) -> None:
    """In eight dimensions or fewer the median performance is nowhere near 0.9."""
    assert np.median([toy_performance(dimension, seed) for seed in range(3)]) < 0.1
