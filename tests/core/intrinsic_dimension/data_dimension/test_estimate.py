"""The whole table on manifolds of known dimension, against scikit-dimension, and with duplicates and noise."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.intrinsic_dimension.data_dimension.estimate import estimate_data_dimension, measure_data_dimension
from tests.core.intrinsic_dimension.data_dimension.manifolds import (
    MANIFOLDS,
    REFERENCE_POINTS,
    REFERENCE_SEED,
    plane,
    sphere,
)

REFERENCE = json.loads((Path(__file__).parent / "scikit_dimension.json").read_text())


def value(table: pd.DataFrame, estimator: str, scale: float | None = None) -> float:
    rows = table[(table.estimator == estimator) & ((table.scale == scale) if scale else True)]
    return float(rows.dimension.item())


@pytest.fixture(scope="module", params=MANIFOLDS)
def measured(request: pytest.FixtureRequest) -> tuple[str, pd.DataFrame]:
    draw, _ = MANIFOLDS[request.param]
    return request.param, estimate_data_dimension(draw(REFERENCE_POINTS, REFERENCE_SEED))


def test_small_scales_give_the_true_dimension(measured: tuple[str, pd.DataFrame]) -> None:
    """On clean manifolds 2NN, its fit, MLE at five neighbours and the correlation slope are within 10 %."""
    name, table = measured
    truth = MANIFOLDS[name][1]
    for estimator, scale in (("2nn", 1), ("2nn_facco", 1), ("mle", 5), ("gride", 2), ("correlation", 40)):
        assert abs(value(table, estimator, scale) / truth - 1) < 0.10, estimator


def test_values_agree_with_scikit_dimension(measured: tuple[str, pd.DataFrame]) -> None:
    """Every estimator agrees with an independent implementation within 1 %, at every scale."""
    name, table = measured
    compared = 0
    for row, expected in REFERENCE["values"][name].items():
        estimator, *scale = row.split()
        found = value(table, estimator, float(scale[0]) if scale else None)
        assert abs(found / expected - 1) < 0.01, row
        compared += 1
    assert compared == 15


def test_the_table_has_its_columns_and_rows() -> None:
    """Outside scripts rely on the names."""
    table = estimate_data_dimension(sphere(600, 0))
    assert list(table.columns) == ["estimator", "scale", "dimension", "standard_error"]
    assert set(table.estimator) == {
        *("2nn", "2nn_facco", "mle", "gride", "correlation", "pca_90", "pca_95", "participation_ratio")
    }
    assert list(table.scale[table.estimator == "gride"]) == [1, 2, 4, 8, 16, 32, 64]
    assert list(table.scale[table.estimator == "mle"]) == [5, 10, 20, 50, 100]
    two_nn = table[table.estimator == "2nn"]
    np.testing.assert_allclose(two_nn.standard_error, two_nn.dimension / np.sqrt(600))


def test_duplicates_change_nothing() -> None:
    """With 40 % repeated rows, where other packages give a dimension below one, the table stays the same."""
    points = sphere(600, 0)
    table, repeated = estimate_data_dimension(points), estimate_data_dimension(np.vstack([points, points[:400]]))
    pd.testing.assert_frame_equal(table, repeated, check_exact=False)
    assert (table.attrs["duplicates"], repeated.attrs["duplicates"]) == (0, 400)
    assert repeated.attrs["warnings"] == ["400 duplicate rows were removed."]


def test_units_and_position_do_not_matter() -> None:
    """Scaling and shifting the points leaves every estimate as it is."""
    points = sphere(500, 3)
    table, moved = estimate_data_dimension(points), estimate_data_dimension(1e-7 * points + 1e-5)
    np.testing.assert_allclose(moved.dimension, table.dimension, rtol=1e-6)


def test_the_same_points_give_the_same_table() -> None:
    """Two calls agree to the last bit."""
    points = sphere(500, 4)
    pd.testing.assert_frame_equal(estimate_data_dimension(points), estimate_data_dimension(points), check_exact=True)


def test_noise_is_told_by_the_difference_between_scales() -> None:
    """A plane with a little noise in ten more directions looks high-dimensional to 2NN and flat to Gride."""
    noise = 0.02 * np.random.default_rng(0).normal(size=(2000, 12))
    measured = measure_data_dimension(plane(2000, 0) + noise)
    n1, large, _ = measured.large_scale
    assert n1 == 64
    assert measured.dimension > 5
    assert large < 3
    assert any("differ by more than 30 %" in warning for warning in measured.warnings)


def test_too_few_points_for_the_dimension_are_told() -> None:
    """N below 10^(d/2) is a warning with both numbers."""
    measured = measure_data_dimension(np.random.default_rng(0).normal(size=(300, 30)))
    assert any("300 points are few for dimension" in warning for warning in measured.warnings)


def test_the_interval_covers_the_truth() -> None:
    """The 95 % interval holds the dimension of a sphere in at least 52 of 60 samples."""
    covered = 0
    for seed in range(60):
        low, high = measure_data_dimension(sphere(400, seed), max_neighbours=2).interval
        covered += low < 5 < high
    assert covered >= 52


def test_a_grid_has_no_neighbour_dimension() -> None:
    """Tied distances are said in words, and the other rows are still there."""
    measured = measure_data_dimension(np.stack(np.meshgrid(np.arange(9.0), np.arange(9.0)), axis=-1).reshape(-1, 2))
    assert np.isnan(measured.dimension)
    assert any("tied" in warning for warning in measured.warnings)
    assert value(measured.table, "pca_95") == 2


@pytest.mark.parametrize("n", [10, 11, 25])
def test_few_points_are_measured(n: int) -> None:
    """Ten distinct points are enough for a table."""
    table = estimate_data_dimension(np.random.default_rng(n).normal(size=(n, 2)))
    assert {"2nn", "mle", "gride", "pca_90"} <= set(table.estimator)


def test_one_column_has_dimension_one() -> None:
    """A single varying coordinate is a line."""
    table = estimate_data_dimension(np.random.default_rng(0).uniform(size=(3000, 1)))
    assert abs(value(table, "2nn") - 1) < 0.08
    assert value(table, "pca_90") == 1


def test_near_duplicates_below_floating_point_are_left_out() -> None:
    """Distinct rows whose distance underflows do not break a logarithm, and are counted."""
    points = np.random.default_rng(0).uniform(size=(200, 2))
    twin = points[:1].copy()
    twin[0, 0] = 1e-310
    points[0, 0] = 0.0
    measured = measure_data_dimension(np.vstack([points, twin]))
    assert np.isfinite(measured.dimension)
    assert measured.duplicates == 0
    assert measured.tied_at_zero == 2
