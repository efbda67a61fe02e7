"""Intervals, noise floors and p-values hold what they promise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chisquare, kstest

from core.calibration.metrics.battery import STUDY_BINS, battery
from core.calibration.metrics.classwise_draws import classwise_draws
from core.calibration.metrics.cuts import equal_mass_cuts, equal_width_cuts
from core.calibration.metrics.cwce import cwce
from core.calibration.metrics.cwce_em import cwce_em
from core.calibration.metrics.evaluate import METRICS, evaluate
from core.calibration.metrics.pairs import top_label
from core.calibration.metrics.resampling import bootstrap_counts, calibrated_labels
from core.calibration.metrics.top_label import top_label_draws, top_label_ece
from core.calibration.metrics.uncertainty import consistency_p_value, error_interval, floor_formula
from core.calibration.predictions import from_probabilities
from core.errors import BadInput
from tests.core.calibration.metrics.cases import calibrated, overconfident

DRAWS = 200
ERRORS = ["ece", "ece_em", "mce", "ks", "mmce", "cwce", "cwce_em"]
SCORES = ["nll", "brier", "auroc", "accuracy"]


@pytest.fixture(scope="module")
def repeated() -> pd.DataFrame:
    """The evaluation of 200 samples of a perfectly calibrated generator, indexed by metric."""
    tables = (
        evaluate(calibrated(n=300, classes=4, seed=1000 + i), bins=[10], metrics=ERRORS + SCORES, resamples=60, seed=i)
        for i in range(DRAWS)
    )
    return pd.concat(tables).set_index("metric")


@pytest.mark.parametrize("metric", ERRORS)
def test_intervals_of_errors_cover_zero(repeated: pd.DataFrame, metric: str) -> None:
    """The 90 % interval of a calibration error covers its truth, zero, in at least 85 % of the samples."""
    own = repeated.loc[metric]
    assert ((own.low <= 0) & (own.high >= 0)).mean() >= 0.85


@pytest.mark.parametrize("metric", SCORES)
def test_intervals_of_scores_cover_the_truth(repeated: pd.DataFrame, metric: str) -> None:
    """The 90 % interval of a score covers its value in a large sample in at least 85 % of the samples."""
    large = evaluate(calibrated(n=100_000, classes=4, seed=99), bins=[10], metrics=[metric], resamples=20)
    own = repeated.loc[metric]
    assert ((own.low <= large.value[0]) & (own.high >= large.value[0])).mean() >= 0.85


@pytest.mark.parametrize("metric", ERRORS + SCORES)
def test_p_values_are_uniform(repeated: pd.DataFrame, metric: str) -> None:
    """The p-values of a calibrated model are uniform."""
    assert kstest(repeated.loc[metric].p_value, "uniform").pvalue > 0.01


def test_floor_is_the_mean_of_the_calibrated(repeated: pd.DataFrame) -> None:
    """The noise floor of a calibrated model is its mean value."""
    means = repeated.groupby(level=0)[["value", "floor"]].mean()
    for metric in ("ece", "ece_em", "ks", "cwce", "nll"):
        assert means.value[metric] == pytest.approx(means.floor[metric], rel=0.06)


@pytest.mark.parametrize("bins", [5, 15, 50])
def test_floor_formula(bins: int) -> None:
    """The closed formula of the floor is within 4 % of the mean over labels of a calibrated model."""
    predictions = calibrated(n=3000)
    found = evaluate(predictions, bins=[bins], metrics=["ece", "ece_em"], resamples=300).set_index("metric").floor
    pairs = top_label(predictions)
    assert floor_formula(pairs, equal_width_cuts(pairs, bins)) == pytest.approx(found["ece"], rel=0.04)
    assert floor_formula(pairs, equal_mass_cuts(pairs, bins)) == pytest.approx(found["ece_em"], rel=0.04)


def test_miscalibration_is_found() -> None:
    """An overconfident model has intervals far above the floor and p-values near zero."""
    table = evaluate(overconfident(n=1000), bins=[15], resamples=60).set_index("metric")
    for metric in ("ece", "ece_em", "cwce", "ks", "mmce", "smece", "kde_ece", "nll", "brier"):
        row = table.loc[metric]
        assert row.p_value < 0.02
        assert row.floor < row.low <= row.value <= row.high


def test_columns_and_names() -> None:
    """Every metric has a row at each of its bins, with finite interval and floor, and only then a p-value."""
    table = evaluate(overconfident(n=200), bins=[5, 15], resamples=20)
    assert table.columns.tolist() == ["metric", "bins", "value", "low", "high", "floor", "p_value"]
    assert set(table.metric) == set(METRICS)
    assert not table.duplicated(["metric", "bins"]).any()
    assert np.isfinite(table[["value", "low", "high", "floor"]].to_numpy()).all()
    assert table.p_value[table.metric != "mean_confidence"].between(0, 1).all()


def test_values_are_those_of_the_battery() -> None:
    """The values are those of the battery, under each convention."""
    predictions = overconfident(n=200)
    for convention in ("study", "netcal", "torchmetrics", "sklearn"):
        values = evaluate(predictions, convention=convention, bins=[5, 15], resamples=20).set_index(["metric", "bins"])
        expected = battery(predictions, convention=convention, bins=[5, 15]).set_index(["metric", "bins"]).value
        np.testing.assert_allclose(values.value.loc[expected.index], expected, rtol=1e-14)


def test_same_seed_same_table() -> None:
    """The same seed gives the same table, another seed other intervals of the same values."""
    predictions = overconfident(n=200)
    first, again, other = (evaluate(predictions, bins=[10], resamples=20, seed=s) for s in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    pd.testing.assert_series_equal(first.value, other.value)
    assert not np.allclose(first.low, other.low)


def test_missing_stays_missing() -> None:
    """A metric without a value has no interval and no p-value, and keeps its reason."""
    right = from_probabilities([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3]], [0, 0, 0])
    table = evaluate(right, bins=[5], resamples=20)
    assert table.set_index("metric").loc["auroc", ["value", "low", "high", "p_value"]].isna().all()
    assert "auroc" in table.attrs["reasons"]


def test_infinite_loss_has_no_interval() -> None:
    """An infinite NLL is shown as infinite, without an interval or p-value, beside its finite floor."""
    wrong = from_probabilities([[0.6, 0.4], [1.0, 0.0], [0.3, 0.7]], [0, 1, 1])
    row = evaluate(wrong, bins=[5], resamples=20).set_index("metric").loc["nll"]
    assert row.value == np.inf and np.isfinite(row.floor)
    assert row[["low", "high", "p_value"]].isna().all()


def test_classwise_draws_are_the_metric_itself() -> None:
    """With each row drawn once, and with the true labels as draws, the resampled classwise errors are the metrics."""
    predictions = overconfident(n=300)
    bins = (*STUDY_BINS,)
    once, truth = np.ones((1, 300), dtype=np.int32), predictions.labels[None].astype(np.int32)
    expected = np.concatenate([cwce(predictions, bins), cwce_em(predictions, bins)])
    for draws in classwise_draws(predictions, bins, once, truth):
        np.testing.assert_allclose(draws[:, 0], expected, atol=1e-12)
    for draws in top_label_draws(predictions, bins, once, truth):
        np.testing.assert_allclose(draws[:, 0], top_label_ece(predictions, bins), atol=1e-12)


def test_classwise_draws_weigh_rows() -> None:
    """A bootstrap sample of rows over the same bins is the sample with those rows repeated."""
    predictions = overconfident(n=200)
    counts = bootstrap_counts(200, 3, np.random.default_rng(0))
    drawn, _ = classwise_draws(predictions, (10,), counts, predictions.labels[None].repeat(3, axis=0))
    for i in range(3):
        again = predictions.rows(np.repeat(np.arange(200), counts[i]))
        assert drawn[0, i] == pytest.approx(cwce(again, (10,))[0], abs=1e-12)


def test_counts_of_the_bootstrap() -> None:
    """Each bootstrap sample has n rows, and a row is drawn once on average with variance 1 - 1/n."""
    counts = bootstrap_counts(500, 400, np.random.default_rng(0))
    assert (counts.sum(axis=1) == 500).all()
    assert counts.var() == pytest.approx(1 - 1 / 500, rel=0.02)


def test_labels_follow_the_probabilities() -> None:
    """Drawn labels have the frequencies that the probabilities say, and never a class of probability zero."""
    p = np.array([[0.2, 0.0, 0.8], [1.0, 0.0, 0.0], [0.05, 0.9, 0.05]])
    labels = calibrated_labels(from_probabilities(p, [0, 0, 1]), 20_000, np.random.default_rng(0))
    share = np.stack([(labels == k).mean(axis=0) for k in range(3)], axis=1)
    np.testing.assert_allclose(share, p, atol=0.015)
    assert share[p == 0].max() == 0


def test_p_value_breaks_ties_at_random() -> None:
    """Where all nine calibrated values tie with the observed one, each of 0.1, 0.2, ..., 1 comes as often."""
    rng = np.random.default_rng(0)
    values = [round(10 * consistency_p_value(1.0, np.ones(9), rng)) for _ in range(2000)]
    assert chisquare(np.bincount(values, minlength=11)[1:]).pvalue > 0.01


def test_p_value_is_no_smaller_than_its_resamples_can_show() -> None:
    """A value above all R calibrated ones has the p-value 1 / (R + 1)."""
    assert consistency_p_value(2.0, np.ones(199), np.random.default_rng(0)) == 1 / 200


def test_interval_of_an_error() -> None:
    """The spread of the bootstrap lies around the value, its lower end less the floor, and at zero within the noise."""
    draws = np.linspace(0.10, 0.20, 1001)
    low, high = error_interval(0.14, draws, np.full(100, 0.03), 0.9)
    assert low == pytest.approx(np.sqrt((0.14 - 0.045) ** 2 - 0.03**2), abs=2e-4)
    assert high == pytest.approx(0.14 + 0.045, abs=2e-4)
    assert error_interval(0.14, draws, np.linspace(0, 0.2, 101), 0.9)[0] == 0.0


@pytest.mark.parametrize("sharper", [1.15, 1.5])
def test_intervals_cover_a_known_error(sharper: float) -> None:
    """The 90 % intervals of a slightly and of a strongly overconfident model cover its error in four of five samples."""
    metrics = ["ece", "ece_em", "ks", "cwce"]
    truth = (
        evaluate(overconfident(n=200_000, classes=4, seed=7, sharper=sharper), bins=[10], metrics=metrics, resamples=20)
        .set_index("metric")
        .value
    )
    tables = (
        evaluate(
            overconfident(n=500, classes=4, seed=2000 + i, sharper=sharper), bins=[10], metrics=metrics, resamples=40
        ).set_index("metric")
        for i in range(100)
    )
    share = sum((table.low <= truth[table.index]) & (table.high >= truth[table.index]) for table in tables) / 100
    assert (share >= 0.8).all(), share


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"resamples": 5}, "at least 20"),
        ({"level": 1.0}, "between 0 and 1"),
        ({"metrics": ["ece", "acc"]}, "metrics: acc is unknown; choose from ece"),
    ],
)
def test_refused(change: dict, sentence: str) -> None:
    """Settings that give no answer are refused with what is accepted."""
    with pytest.raises(BadInput, match=sentence):
        evaluate(calibrated(n=20), **change)
