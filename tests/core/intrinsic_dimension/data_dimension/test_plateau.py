"""Where Gride is flat, on curves and clouds whose answer is known."""

import numpy as np
import pytest

from core.intrinsic_dimension.data_dimension.estimate import measure_data_dimension
from core.intrinsic_dimension.data_dimension.plateau import find_plateau
from tests.core.intrinsic_dimension.data_dimension.manifolds import MANIFOLDS, plane

ORDERS = [1, 2, 4, 8, 16, 32, 64]


def test_the_flat_part_of_a_curve_is_found() -> None:
    """Noise at small scales and a bend at the largest leave the part between."""
    found = find_plateau(ORDERS, [9.0, 5.0, 2.1, 2.0, 2.0, 2.05, 3.0], [0.01] * 7)
    assert found is not None
    assert (found.first, found.last) == (4, 32)
    assert found.dimension == pytest.approx(np.mean([2.1, 2.0, 2.0, 2.05]))
    assert (found.low, found.high) == (pytest.approx(2.0 - 0.0196), pytest.approx(2.1 + 0.0196))


def test_a_steady_fall_has_no_plateau() -> None:
    """A curve that loses 15 % at each doubling is flat nowhere."""
    assert find_plateau(ORDERS, list(10 * 0.85 ** np.arange(7)), [0.01] * 7) is None


def test_of_two_flat_parts_the_longer_counts() -> None:
    """Four scales beat three; of equally long ones the flatter does."""
    longer = find_plateau(ORDERS, [8.0, 8.0, 8.0, 2.0, 2.1, 2.0, 2.1], [0.01] * 7)
    flatter = find_plateau(ORDERS[:6], [8.0, 8.6, 8.1, 2.0, 2.0, 2.0], [0.01] * 6)
    assert longer is not None and longer.first == 8
    assert flatter is not None and flatter.first == 8


def test_errors_larger_than_the_tolerance_are_allowed_for() -> None:
    """Estimates that differ by 25 % with errors of 15 % may be the same."""
    assert find_plateau([1, 2, 4], [2.0, 2.25, 2.5], [0.3] * 3) is not None
    assert find_plateau([1, 2, 4], [2.0, 2.25, 2.5], [0.01] * 3) is None


@pytest.mark.parametrize(("orders", "dimensions"), [([], []), ([1, 2], [2.0, 2.0]), ([1, 2, 4], [np.nan, 2.0, 2.0])])
def test_too_few_scales_have_none(orders: list[int], dimensions: list[float]) -> None:
    """Less than three neighbouring estimates say nothing of a range."""
    assert find_plateau(orders, dimensions, [0.1] * len(orders)) is None


@pytest.mark.parametrize("name", MANIFOLDS)
def test_clean_manifolds_are_flat_at_their_dimension(name: str) -> None:
    """Without noise there is a plateau within 8 % of the truth."""
    draw, truth = MANIFOLDS[name]
    found = measure_data_dimension(draw(2000, 7)).plateau
    assert found is not None
    assert abs(found.dimension / truth - 1) < 0.08


def test_noise_below_the_spacing_is_looked_past() -> None:
    """2NN sees a little noise on a plane as another half dimension; the plateau does not."""
    noisy = plane(2000, 0) + 0.001 * np.random.default_rng(0).normal(size=(2000, 12))
    measured = measure_data_dimension(noisy)
    assert measured.dimension > 2.4
    assert measured.plateau is not None and abs(measured.plateau.dimension - 2) < 0.1
    assert measured.plateau.first > 1


def test_noise_at_every_scale_is_said() -> None:
    """Where the scales never agree, a warning says that no single dimension describes the points."""
    noisy = plane(2000, 0) + 0.02 * np.random.default_rng(0).normal(size=(2000, 12))
    measured = measure_data_dimension(noisy)
    assert measured.plateau is None
    assert any("Gride is flat at no range" in warning for warning in measured.warnings)
