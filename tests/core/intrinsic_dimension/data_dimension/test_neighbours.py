"""Nearest neighbours against distances between all pairs."""

from __future__ import annotations

import numpy as np
import pytest

from core.intrinsic_dimension.data_dimension import neighbours as search
from core.intrinsic_dimension.data_dimension.neighbours import nearest_neighbours


def naive(points: np.ndarray, k: int) -> np.ndarray:
    """All distances in extended precision, sorted."""
    wide = points.astype(np.longdouble)
    distances = np.sqrt(np.square(wide[:, None, :] - wide[None, :, :]).sum(axis=2))
    np.fill_diagonal(distances, np.inf)
    return np.sort(distances, axis=1)[:, :k].astype(np.float64)


def pairs_far_from_centre(n: int) -> np.ndarray:
    """Clusters whose inner distances are a hundred millionth of their distance from the origin."""
    generator = np.random.default_rng(3)
    centres = 1e4 * generator.normal(size=(n // 40, 5))
    return np.repeat(centres, 40, axis=0) + 1e-4 * generator.normal(size=(n, 5))


CLOUDS = {
    "normal": np.random.default_rng(0).normal(size=(300, 7)),
    "wide": np.random.default_rng(1).normal(size=(200, 400)).astype(np.float32),
    "offset": 1e6 + np.random.default_rng(2).normal(size=(250, 3)),
    "tiny": 1e-180 * np.random.default_rng(2).normal(size=(250, 3)),
    "clusters": pairs_far_from_centre(400),
    "grid": np.stack(np.meshgrid(*[np.arange(6.0)] * 3), axis=-1).reshape(-1, 3),
    "few": np.random.default_rng(4).normal(size=(12, 2)),
}


# what centring in float64 leaves where coordinates are 10^7 or 10^8 times the distances
PRECISION = {"offset": 1e-8, "clusters": 1e-7}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_distances_are_those_between_all_pairs(cloud: str) -> None:
    """Neighbour distances agree with the naive ones to nearly all digits, even where float32 would cancel."""
    points = CLOUDS[cloud]
    found = nearest_neighbours(points, 11)
    np.testing.assert_allclose(found.distances, naive(points, 11), rtol=PRECISION.get(cloud, 1e-12))


@pytest.mark.parametrize("cloud", CLOUDS)
def test_indices_belong_to_the_distances(cloud: str) -> None:
    """Each index names another point, once, at the distance that is given."""
    points = CLOUDS[cloud]
    found = nearest_neighbours(points, 11)
    differences = points[:, None, :].astype(np.longdouble) - points[found.indices]
    np.testing.assert_allclose(np.sqrt(np.square(differences).sum(axis=2)), found.distances, rtol=1e-7)
    assert all(len({*row, place}) == 12 for place, row in enumerate(found.indices))


def test_blocks_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same neighbours come out when the rows are searched a few at a time."""
    points = CLOUDS["normal"]
    whole = nearest_neighbours(points, 20)
    monkeypatch.setattr(search, "SEARCH_VALUES", 1000)
    monkeypatch.setattr(search, "REFINE_VALUES", 300)
    parts = nearest_neighbours(points, 20)
    np.testing.assert_allclose(parts.distances, whole.distances, rtol=1e-12)
    np.testing.assert_array_equal(parts.indices, whole.indices)


def test_the_points_are_left_as_they_were() -> None:
    """The search works on a copy."""
    points = CLOUDS["normal"].copy()
    points.flags.writeable = False
    nearest_neighbours(points, 3)
    np.testing.assert_array_equal(points, CLOUDS["normal"])
