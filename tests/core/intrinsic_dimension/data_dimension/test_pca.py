"""Principal components against numpy and closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from core.intrinsic_dimension.data_dimension import pca
from core.intrinsic_dimension.data_dimension.pca import principal_components


@pytest.mark.parametrize("shape", [(200, 12), (40, 90)])
def test_the_spectrum_is_that_of_the_singular_values(shape: tuple[int, int]) -> None:
    """Tall and wide data give the squared singular values of the centred matrix, as parts of their sum."""
    points = np.random.default_rng(0).normal(size=shape) * np.linspace(1, 5, shape[1]) + 3
    squares = np.linalg.svd(points - points.mean(axis=0), compute_uv=False) ** 2
    found = principal_components(points)
    np.testing.assert_allclose(found.explained, squares / squares.sum(), atol=1e-12)
    np.testing.assert_allclose(found.participation_ratio, squares.sum() ** 2 / (squares**2).sum())


def test_counts_of_a_known_spectrum() -> None:
    """Variances 8, 1, 0.5, 0.5 need two components for 90 % and three for 95 %."""
    axes = np.sqrt([8, 1, 0.5, 0.5]) * np.eye(4)
    found = principal_components(np.vstack([axes, -axes]))
    assert [found.count(0.8), found.count(0.9), found.count(0.95), found.count(1.0)] == [1, 2, 3, 4]
    np.testing.assert_allclose(found.participation_ratio, 100 / 65.5)


@pytest.mark.parametrize("shape", [(500, 6), (150, 200)])
def test_the_error_of_the_participation_ratio_is_its_jackknife(shape: tuple[int, int]) -> None:
    """The influence function and leaving out each point in turn agree within a tenth."""
    points = np.random.default_rng(1).normal(size=shape) * 0.8 ** np.arange(shape[1])
    n = len(points)
    without = [principal_components(np.delete(points, place, axis=0)).participation_ratio for place in range(n)]
    found = principal_components(points).participation_error
    np.testing.assert_allclose(found, np.sqrt((n - 1) * np.var(without)), rtol=0.1)


def test_very_wide_and_long_data_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the largest eigenvalue problem some of the points are drawn, and their number is said."""
    monkeypatch.setattr(pca, "MOST_COMPONENTS", 50)
    points = np.random.default_rng(2).normal(size=(80, 60))
    assert principal_components(points).points == 50
    assert principal_components(points[:, :40]).points == 80
