"""The small parts of an explanation: grouping, sampling, blocks, shares, verdicts."""

from __future__ import annotations

import numpy as np
import pytest

from core.telemetry.explanation.background import background_rows
from core.telemetry.explanation.beats_difference import scaled_differences
from core.telemetry.explanation.covariate_features import CovariateFeatures
from core.telemetry.explanation.event_reading import read_event
from core.telemetry.explanation.explained_share import explained_share, held_out_rows, window
from core.telemetry.explanation.explainer import ExplainerSettings, fit_explainer, target_of
from core.telemetry.explanation.grouping import by_covariate, order_of
from core.telemetry.explanation.learning_rows import learning_rows
from core.telemetry.explanation.verdict import NO_COVARIATE, has_precedent, verdict
from core.telemetry.grid import Grid

RNG = np.random.default_rng(0)


def test_grouping_keeps_the_sum():
    """SHAP values of a covariate's features are added, whatever the leading axes."""
    shap = RNG.standard_normal((4, 2, 5))
    grouped = by_covariate(shap, np.array([1, 0, 1, 2, 2]), 3)
    assert grouped[..., 1] == pytest.approx(shap[..., 0] + shap[..., 2])
    assert grouped.sum(axis=-1) == pytest.approx(shap.sum(axis=-1))


def test_order_is_by_size_and_equals_keep_theirs():
    """1 is the largest."""
    assert order_of(np.array([0.5, 2.0, 0.5, 3.0])).tolist() == [3, 2, 4, 1]


def test_a_long_series_is_sampled_by_its_deviations():
    """The largest deviations are all there with weight 1; the rest are drawn, and their weights sum to all of them."""
    target = RNG.standard_normal(10_000)
    target[[5, 17]] = 50.0, -60.0
    target[:3] = np.nan
    sample = learning_rows(target, 1000, seed=1)
    assert len(sample.rows) == 1000 and np.array_equal(sample.rows, np.unique(sample.rows))
    assert {5, 17} <= set(sample.rows) and not {0, 1, 2} & set(sample.rows)
    assert (sample.weights == 1).sum() == 500
    assert sample.weights.sum() == pytest.approx(9997)
    assert (
        np.abs(target[sample.rows[sample.weights == 1]]).min() >= np.abs(target[sample.rows[sample.weights > 1]]).max()
    )


def test_a_sample_is_the_same_for_the_same_seed():
    """And another for another seed; a short series is taken whole."""
    target = RNG.standard_normal(500)
    assert np.array_equal(learning_rows(target, 100, 3).rows, learning_rows(target, 100, 3).rows)
    assert not np.array_equal(learning_rows(target, 100, 3).rows, learning_rows(target, 100, 4).rows)
    assert learning_rows(target, 500, 3).rows.tolist() == list(range(500))


def test_outside_leaves_a_stretch_out():
    """Rows and weights alike."""
    sample = learning_rows(np.ones(10), 100, 0).outside(slice(2, 7))
    assert sample.rows.tolist() == [0, 1, 7, 8, 9] and len(sample.weights) == 5


def test_an_event_holds_out_every_block_that_it_touches():
    """Blocks are contiguous, cover all rows, and a margin counts as part of the event."""
    assert held_out_rows(80, 12, 15, 0, blocks=8) == slice(10, 20)
    assert held_out_rows(80, 12, 19, 1, blocks=8) == slice(10, 30)
    assert held_out_rows(80, 10, 10, 1, blocks=8) == slice(0, 20)
    assert held_out_rows(80, 0, 79, 5, blocks=8) == slice(0, 80)
    assert held_out_rows(83, 82, 82, 5, blocks=8) == slice(72, 83)


def test_the_explained_share_of_a_prediction():
    """1 for the target itself, 0 for zero, below 0 for worse; rows without a target do not count."""
    t = np.array([1.0, 2.0, np.nan, -2.0])
    assert explained_share(t, t) == 1
    assert explained_share(t, np.zeros(4)) == 0
    assert explained_share(t, -t) == -3
    assert explained_share(t, np.array([1.0, 2.0, 99.0, 1.0])) == pytest.approx(0)
    assert np.isnan(explained_share(np.array([np.nan]), np.zeros(1)))


def test_a_window_ends_with_the_series():
    """No row before the first or after the last."""
    assert window(5, 2, 100) == slice(3, 8)
    assert window(1, 3, 100) == slice(0, 5) and window(99, 3, 100) == slice(96, 100)


def test_the_background_shows_the_ends_of_every_covariate():
    """Half of the rows are drawn, the rest lie where a covariate is smallest or largest; rows without values are out."""
    values = RNG.standard_normal((5000, 3))
    values[7] = np.nan
    rows = background_rows(values, 60, seed=0)
    assert len(rows) == 60 and np.array_equal(rows, np.unique(rows)) and 7 not in rows
    for column in values.T:
        assert {np.nanargmin(column), np.nanargmax(column)} <= set(rows)
    assert np.array_equal(rows, background_rows(values, 60, seed=0))
    assert background_rows(values[:20], 60, seed=0).tolist() == [row for row in range(20) if row != 7]


def test_differences_are_scaled_by_their_spread():
    """|x(t) - x(t - 1 h)| in standard deviations of the nominal rows; a covariate that never changed there is not 0."""
    x = np.column_stack([np.cumsum(RNG.choice([-1.0, 1.0], 200)), np.zeros(200)])
    x[150, 1] = 1.0
    grid = Grid(np.arange(200) * 3_600_000, 3600.0, ("a", "b"), x)
    found = scaled_differences(grid, ["a", "b"], np.arange(200) < 100)
    spread = np.diff(x[:100, 0]).std()
    assert found[1:, 0] == pytest.approx(np.abs(np.diff(x[:, 0])) / spread)
    assert found[150, 1] == pytest.approx(1 / spread) and found[10, 1] == 0


@pytest.mark.parametrize(
    ("share", "precedent", "words"),
    [
        (0.4, True, "htr1 explains it"),
        (0.4, False, "htr1 explains it"),
        (0.05, True, NO_COVARIATE),
        (-3.0, True, NO_COVARIATE),
        (0.05, False, "a cause that is seen once can't be cross-checked"),
        (float("nan"), True, "undefined"),
    ],
)
def test_the_verdict(share: float, precedent: bool, words: str):
    """Below 0.1 no covariate explains the event, unless what explains it was never so elsewhere."""
    assert words in verdict(share, "htr1", precedent)


def test_a_precedent_is_a_value_as_extreme_elsewhere():
    """Of the feature through which the covariate acts most."""
    values = np.zeros((100, 2), dtype=np.float32)
    values[:, 1] = np.arange(100)
    features = CovariateFeatures(values, ("a", "a, change"), ("a",), np.array([0, 0]), ())
    elsewhere, shap = np.arange(80), np.array([0.1, 5.0])
    assert not has_precedent(features, shap, 0, 99, elsewhere)
    assert has_precedent(features, shap, 0, 50, elsewhere)
    assert has_precedent(features, shap[::-1], 0, 99, elsewhere)  # 0 is what the first feature always is


def test_the_model_is_fitted_on_a_centred_target():
    """Its predictions add the centre again, and SHAP values sum to them within 1e-5 though the target lies at 280."""
    values = RNG.choice([-1.0, 0.0, 1.0], (600, 3)).astype(np.float32)
    features = CovariateFeatures(values, ("a", "b", "c"), ("a", "b", "c"), np.arange(3), ())
    target = 280 + 5.0 * (values[:, 0] > 0)
    model = fit_explainer(features, target, learning_rows(target, 600, 0), ExplainerSettings())
    assert model.centre == pytest.approx(target.mean())
    assert model.predict(values) == pytest.approx(target, abs=0.2)
    for row in range(5):
        reading = read_event(model, features, target, slice(row, row + 1))
        assert reading.prediction == pytest.approx(model.predict(values)[row], abs=1e-5)


def test_the_target_is_cut_off():
    """Lest one event be all that counts; what is unknown stays so."""
    assert np.array_equal(target_of(np.array([-99.0, 3.0, np.nan, 61.0]), 60.0), [-60, 3, np.nan, 60], equal_nan=True)
