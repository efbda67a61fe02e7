"""What all comparators have in common."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import BadInput
from core.telemetry.comparators.registry import COMPARATORS, nominal_alarms
from core.telemetry.comparators.scaling import scaled
from core.telemetry.metrics.auc import auc_roc
from tests.core.telemetry.comparators.cases import EVENT, NOMINAL, ROWS, disturbed

LEARNING = [name for name in COMPARATORS if name != "random"]


@pytest.mark.parametrize("name", LEARNING)
def test_a_jump_is_found(name: str) -> None:
    """Rows of a jump that nominal rows don't have get the highest scores."""
    values, nominal, labels = disturbed()
    scores = COMPARATORS[name](values, nominal, 0)
    assert scores.shape == (ROWS,)
    assert auc_roc(labels, scores) > 0.97


@pytest.mark.parametrize("name", LEARNING)
@pytest.mark.parametrize("channels", [6, 14])
def test_units_do_not_matter(name: str, channels: int) -> None:
    """Other units and offsets of the channels leave the scores as they are."""
    values, nominal, _ = disturbed(channels)
    other = values * np.linspace(0.1, 40, channels) - 7
    first, second = (COMPARATORS[name](data, nominal, 0) for data in (values, other))
    np.testing.assert_allclose(first, second, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", LEARNING)
def test_only_nominal_rows_are_learned_from(name: str) -> None:
    """Whatever happens outside of the nominal rows, scores of rows far from it don't change: no scaling by the test."""
    values, nominal, _ = disturbed()
    worse = values.copy()
    worse[EVENT] *= 1000
    first, second = (COMPARATORS[name](data, nominal, 0) for data in (values, worse))
    far = np.r_[: EVENT.start - 30, EVENT.stop + 30 : ROWS]
    np.testing.assert_array_equal(first[far], second[far])


@pytest.mark.parametrize("name", LEARNING)
@pytest.mark.parametrize("channels", [6, 14])
def test_gaps_have_no_score(name: str, channels: int) -> None:
    """Rows without any value have no score, all others have one, even where a single channel is missing."""
    values, nominal, labels = disturbed(channels)
    gap = np.r_[100:110, 700:705]
    values[gap] = np.nan
    values[300:340, 1] = np.nan
    values[1000, 2] = np.inf
    scores = COMPARATORS[name](values, nominal, 0)
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(scores)), gap)
    assert auc_roc(labels, scores) > 0.9


@pytest.mark.parametrize("name", LEARNING)
def test_channels_that_stand_still_do_not_count(name: str) -> None:
    """A channel that is constant, or missing, in the nominal rows has no scale and is left out, whatever it does later."""
    values, nominal, _ = disturbed()
    still = np.full((ROWS, 3), 0.1)
    still[NOMINAL:, 1] = np.arange(ROWS - NOMINAL)
    still[:NOMINAL, 2] = np.nan
    with_them = np.concatenate([values, still], axis=1)
    np.testing.assert_array_equal(COMPARATORS[name](with_them, nominal, 0), COMPARATORS[name](values, nominal, 0))


@pytest.mark.parametrize("name", COMPARATORS)
def test_the_same_seed_gives_the_same_scores(name: str) -> None:
    """Nothing depends on anything but values, nominal rows and seed."""
    values, nominal, _ = disturbed(channels=12)
    np.testing.assert_array_equal(COMPARATORS[name](values, nominal, 3), COMPARATORS[name](values, nominal, 3))


def test_random_scores_know_nothing() -> None:
    """Uniform scores have an area of 1/2."""
    values, nominal, labels = disturbed()
    assert auc_roc(labels, COMPARATORS["random"](values, nominal, 0)) == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize("name", LEARNING)
def test_nothing_to_learn_from_is_refused(name: str) -> None:
    """Constant channels, marks of another length and too short a nominal range are refused with what to do."""
    values, nominal, _ = disturbed()
    with pytest.raises(BadInput, match="None of the 6 channels moves in the 500 nominal rows"):
        COMPARATORS[name](np.ones((ROWS, 6)), nominal, 0)
    with pytest.raises(BadInput, match="one mark a row"):
        COMPARATORS[name](values, nominal[:-1], 0)
    with pytest.raises(BadInput, match="None of the 6 channels moves in the 0 nominal rows"):
        COMPARATORS[name](values, np.zeros(ROWS), 0)


@pytest.mark.parametrize("name", ["pca", "sub_pca", "isolation_forest", "kmeans_ad"])
def test_windows_need_a_stretch_of_nominal_rows(name: str) -> None:
    """Nominal rows with gaps everywhere hold no window."""
    values, nominal, _ = disturbed()
    with pytest.raises(BadInput, match="no stretch of 21 rows without a gap"):
        COMPARATORS[name](values, nominal & (np.arange(ROWS) % 15 > 0), 0)


def test_values_are_scaled_by_the_nominal_rows_and_cut() -> None:
    """Nominal rows have mean 0 and deviation 1; what is beyond 50 deviations counts as 50."""
    values, nominal, _ = disturbed()
    values[1100] = 1e9
    found = scaled(values, nominal)
    np.testing.assert_allclose(found.values[nominal].mean(axis=0), 0, atol=1e-10)
    np.testing.assert_allclose(found.values[nominal].std(axis=0), 1, atol=1e-10)
    np.testing.assert_array_equal(found.values[1100], 50)


def test_alarms_are_set_by_nominal_rows_alone() -> None:
    """The threshold is a quantile of the nominal scores; rows without a score raise no alarm."""
    scores = np.array([1.0, 2, 3, 4, 5, 4.5, 9, np.nan])
    nominal = np.arange(8) < 5
    np.testing.assert_array_equal(np.flatnonzero(nominal_alarms(scores, nominal, 1.0)), [6])
    np.testing.assert_array_equal(np.flatnonzero(nominal_alarms(scores, nominal, 0.75)), [4, 5, 6])
    with pytest.raises(BadInput, match="No nominal row has a score"):
        nominal_alarms(scores, np.arange(8) == 7)
