"""The first model: what it forecasts, and what it makes of a step."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import BadInput
from core.telemetry.detection.detector import DetectorSettings, find_nominal, fit_detector
from core.telemetry.detection.forecaster import ForecastSettings, fit_forecaster
from core.telemetry.detection.own_past import own_past
from core.telemetry.detection.residual_scale import BLOCKS, blocked_residuals

ROWS, NOMINAL, STEP_AT, NOISE = 3000, 1500, 2200, 0.1
SETTINGS = DetectorSettings(lags=(1, 2, 4), smoothing=5)


def _ar1(seed: int = 0, coefficient: float = 0.9) -> np.ndarray:
    """An AR(1) process; each value is 20 + coefficient x (the last - 20) + normal noise of 0.1."""
    noise = np.random.default_rng(seed).normal(0, NOISE, ROWS)
    values = np.empty(ROWS)
    values[0] = 20.0
    for row in range(1, ROWS):
        values[row] = 20 + coefficient * (values[row - 1] - 20) + noise[row]
    return values


@pytest.fixture(scope="module")
def stepped() -> np.ndarray:
    values = _ar1()
    values[STEP_AT : STEP_AT + 40] += 2.0
    return values


@pytest.fixture(scope="module")
def nominal() -> np.ndarray:
    return np.arange(ROWS) < NOMINAL


def test_features_of_the_increment_are_lags_and_their_differences() -> None:
    """Target y(t) - y(t - L1); of the level the lags alone, and y(t)."""
    values = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    increment, level = own_past(values, (1, 2, 4), "increment"), own_past(values, (1, 2, 4), "level")
    assert increment.features[5].tolist() == [16, 8, 2, 8, 14]
    assert (increment.target[5], increment.offset[5]) == (16, 16)
    assert level.features[5].tolist() == [16, 8, 2]
    assert (level.target[5], level.offset[5]) == (32, 0)
    assert np.flatnonzero(increment.known).tolist() == [4, 5]


def test_an_ar_1_process_is_forecast_to_within_its_noise(nominal: np.ndarray) -> None:
    """The scale of the residuals is that of the innovations; the averages scale back to one sigma."""
    values = _ar1()
    detector = fit_detector(values, nominal, SETTINGS)
    assert detector.scale.scale == pytest.approx(NOISE, rel=0.12)
    score = detector.score_own(values)
    rest = score.signed[NOMINAL:]
    assert 1.4826 * np.median(np.abs(rest)) == pytest.approx(1.0, abs=0.15)
    np.testing.assert_allclose(values - score.predicted, detector.scale.scale * score.sigmas + detector.scale.location)


def test_a_step_is_the_largest_event_at_its_very_row(stepped: np.ndarray, nominal: np.ndarray) -> None:
    """Upwards at its start, downwards at its end, at the size that was put in."""
    score = fit_detector(stepped, nominal, SETTINGS).score_own(stepped)
    single = stepped - score.predicted
    assert int(np.nanargmax(single)) == STEP_AT
    assert single[STEP_AT] == pytest.approx(2.0, abs=0.4)
    assert int(np.nanargmin(single)) == STEP_AT + 40
    assert abs(int(np.nanargmax(np.abs(score.signed))) - STEP_AT) <= 3 or (
        abs(int(np.nanargmax(np.abs(score.signed))) - STEP_AT - 40) <= 3
    )
    assert score.deviation[STEP_AT] == pytest.approx(single[STEP_AT - 2 : STEP_AT + 3].mean())


def test_rows_that_were_learned_from_are_scored_by_models_that_have_not_seen_them(
    stepped: np.ndarray, nominal: np.ndarray
) -> None:
    """Their residuals are the out-of-fold ones, which are larger than those of the model itself."""
    detector = fit_detector(stepped, nominal, SETTINGS)
    own, any_ = detector.score_own(stepped), detector.score(stepped)
    np.testing.assert_allclose((stepped - own.predicted)[detector.rows], detector.held_out, atol=1e-12)
    np.testing.assert_array_equal(own.sigmas[NOMINAL:], any_.sigmas[NOMINAL:])
    inside = detector.rows
    assert np.std(detector.held_out) > np.std((stepped - any_.predicted)[inside])


def test_out_of_fold_residuals_are_those_of_a_model_without_the_block() -> None:
    """Each of four contiguous blocks by a model of the other three."""
    values = _ar1(3)[:400]
    past = own_past(values, (1, 2), "level")
    rows = np.flatnonzero(past.known)
    found = blocked_residuals(past, rows, 12, ForecastSettings())
    block = np.array_split(np.arange(len(rows)), BLOCKS)[2]
    others = np.delete(rows, block)
    model = fit_forecaster(past.features[others], past.target[others], ForecastSettings(), 12)
    expected = past.target[rows[block]] - model.predict(past.features[rows[block]])
    np.testing.assert_array_equal(found[block], expected)


def test_a_process_that_returns_is_forecast_by_its_level_and_one_that_wanders_by_increments(
    nominal: np.ndarray,
) -> None:
    """Whichever errs less in the part that was held back."""
    rng = np.random.default_rng(4)
    wandering = np.cumsum(rng.normal(0, 1, ROWS))
    assert fit_detector(wandering, nominal, SETTINGS).form == "increment"
    only = DetectorSettings(lags=(1, 2, 4), forms=("level",), smoothing=5)
    assert fit_detector(wandering, nominal, only).form == "level"


def test_a_new_level_does_not_alarm_for_ever(nominal: np.ndarray) -> None:
    """With increments the residual is large at the change and small afterwards."""
    rng = np.random.default_rng(5)
    values = np.cumsum(rng.normal(0, 0.1, ROWS))
    values[STEP_AT:] += 100.0
    score = fit_detector(values, nominal, DetectorSettings((1, 2, 4), ("increment",), 5)).score_own(values)
    assert abs(score.signed[STEP_AT]) > 10
    assert np.median(np.abs(score.signed[STEP_AT + 50 :])) < 4


def test_rows_behind_a_gap_have_no_score_until_their_past_is_known(nominal: np.ndarray) -> None:
    """As many as the longest lag; all other rows have one."""
    values = _ar1(6)
    values[2000:2010] = np.nan
    score = fit_detector(values, nominal, SETTINGS).score_own(values)
    unscored = [*range(4), *range(2000, 2014)]
    assert np.flatnonzero(np.isnan(score.signed)).tolist() == unscored
    assert np.flatnonzero(np.isnan(score.predicted)).tolist() == unscored


def test_a_parameter_that_never_moves_scores_zero_and_its_first_move_is_finite(nominal: np.ndarray) -> None:
    """Constant where all is well."""
    constant = np.full(ROWS, 3.0)
    assert not np.nan_to_num(fit_detector(constant, nominal, SETTINGS).score_own(constant).signed).any()
    moved = constant.copy()
    moved[2500] = 4.0
    score = fit_detector(moved, nominal, SETTINGS).score_own(moved)
    assert np.isfinite(score.signed[4:]).all()
    assert np.abs(score.sigmas).max(where=~np.isnan(score.sigmas), initial=0) <= 50
    assert abs(int(np.nanargmax(np.abs(score.signed))) - 2500) <= 3


def test_the_same_series_gives_the_same_bits(stepped: np.ndarray, nominal: np.ndarray) -> None:
    """Trees grow on one thread from a fixed seed."""
    one, other = (fit_detector(stepped, nominal, SETTINGS).score_own(stepped).signed for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_a_found_range_leaves_the_step_out(stepped: np.ndarray) -> None:
    """Where nobody marked anything, the rows with the largest residuals are not learned from."""
    found = find_nominal(stepped, SETTINGS)
    assert not found[[STEP_AT, STEP_AT + 40]].any()
    assert found.mean() > 0.75
    score = fit_detector(stepped, found, SETTINGS).score_own(stepped)
    peak = int(np.nanargmax(np.abs(score.signed)))
    assert min(abs(peak - STEP_AT), abs(peak - STEP_AT - 40)) <= 3


def test_too_few_nominal_rows_are_refused_in_one_sentence() -> None:
    """It says how many there are and how many are needed."""
    with pytest.raises(BadInput, match=r"^26 nominal rows are known together with the 4 rows before them; at least 40"):
        fit_detector(_ar1(), np.arange(ROWS) < 30, SETTINGS)
