"""Reliability diagrams as data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom
from sklearn.isotonic import IsotonicRegression

from core.calibration.metrics.diagrams import (
    binned_diagram,
    class_pairs,
    confidence_histogram,
    corp_diagram,
    diagrams_by_class,
    diagrams_by_group,
    kernel_diagram,
)
from core.calibration.metrics.pairs import sorted_pairs, top_label
from core.calibration.metrics.undefined import Undefined
from core.calibration.predictions import from_logits
from core.errors import BadInput
from tests.core.calibration.metrics.cases import calibrated, overconfident


@pytest.mark.parametrize("equal_mass", [False, True])
def test_bins_give_the_ece(equal_mass: bool) -> None:
    """The weighted gaps of the diagram are the ECE, and its counts are all samples."""
    predictions = overconfident(n=500)
    pairs = top_label(predictions)
    table = binned_diagram(pairs, 10, equal_mass=equal_mass, resamples=50)
    from core.calibration.metrics.cuts import equal_mass_cuts, equal_width_cuts
    from core.calibration.metrics.ece import ece

    cuts = (equal_mass_cuts if equal_mass else equal_width_cuts)(pairs, 10)
    assert table["count"].sum() == 500
    assert (table["count"] * (table.confidence - table.accuracy).abs()).sum() / 500 == pytest.approx(ece(pairs, cuts))
    assert (table.smallest <= table.confidence).all() and (table.confidence <= table.largest).all()


def test_consistency_bars_are_binomial() -> None:
    """The bars of a bin with one confidence are the quantiles of a binomial share."""
    pairs = sorted_pairs(np.full(200, 0.7), np.ones(200))
    row = binned_diagram(pairs, 10, resamples=4000).iloc[0]
    assert row.low == pytest.approx(binom.ppf(0.05, 200, 0.7) / 200, abs=0.006)
    assert row.high == pytest.approx(binom.ppf(0.95, 200, 0.7) / 200, abs=0.006)


def test_bars_of_a_calibrated_model_hold() -> None:
    """Most bins of a calibrated model lie inside their bars, few of an overconfident one do."""
    for make, share in ((calibrated, 0.8), (overconfident, -0.3)):
        table = binned_diagram(top_label(make(n=4000)), 15)
        inside = ((table.accuracy >= table.low) & (table.accuracy <= table.high)).mean()
        assert inside >= share if share > 0 else inside <= -share


def test_kernel_curve_of_a_known_function() -> None:
    """The smooth curve follows the accuracy c^2 that the outcomes were drawn with, inside its band mostly."""
    rng = np.random.default_rng(0)
    c = rng.uniform(0.2, 1.0, 20_000)
    table = kernel_diagram(sorted_pairs(c, rng.random(c.size) < c**2), resamples=50)
    middle = table[(table.confidence > 0.3) & (table.confidence < 0.9)]
    np.testing.assert_allclose(middle.accuracy, middle.confidence**2, atol=0.03)
    assert ((middle.low <= middle.confidence**2) & (middle.confidence**2 <= middle.high)).mean() > 0.6


def test_kernel_curve_without_spread() -> None:
    """A constant confidence has no curve, and the refusal says why."""
    with pytest.raises(Undefined, match="no bandwidth"):
        kernel_diagram(sorted_pairs(np.full(50, 0.6), np.arange(50) % 2))


def test_isotonic_curve_is_that_of_scikit_learn() -> None:
    """The CORP curve is isotonic regression with ties pooled."""
    pairs = top_label(overconfident(n=400))
    table = corp_diagram(pairs, resamples=30)
    fitted = IsotonicRegression().fit(pairs.scores, pairs.outcomes).predict(table.confidence)
    np.testing.assert_allclose(table.accuracy, fitted, atol=1e-9)
    assert table.confidence.is_monotonic_increasing and table.accuracy.is_monotonic_increasing
    assert (table.low <= table.high).all()


def test_isotonic_band_holds_for_a_calibrated_model() -> None:
    """The isotonic curve of a calibrated model lies inside its consistency band for most confidences."""
    table = corp_diagram(top_label(calibrated(n=3000)))
    assert ((table.accuracy >= table.low) & (table.accuracy <= table.high)).mean() > 0.75


def test_histogram_counts_everyone_once() -> None:
    """The histogram counts each right and each wrong answer once."""
    predictions = overconfident(n=300)
    table = confidence_histogram(top_label(predictions), 20)
    assert table.right.sum() == predictions.correct.sum()
    assert table.wrong.sum() == (~predictions.correct).sum()
    assert (table.low.iloc[0], table.high.iloc[-1]) == (0.0, 1.0)


def test_one_class_against_the_rest() -> None:
    """The diagram of a class compares its probability with how often it is the label."""
    predictions = overconfident(n=300, classes=3)
    table = diagrams_by_class(predictions)
    assert sorted(table["class"].unique()) == [0, 1, 2]
    for k in range(3):
        own = table[table["class"] == k]
        assert (own["count"] * own.accuracy).sum() == pytest.approx((predictions.labels == k).sum())
        assert class_pairs(predictions, k).scores.sum() == pytest.approx(predictions.probabilities[:, k].sum())


def test_groups() -> None:
    """The diagram of a group has the samples of that group alone; without groups it is refused."""
    plain = overconfident(n=300)
    grouped = from_logits(plain.logits, plain.labels, np.where(np.arange(300) < 100, "a", "b"))
    table = diagrams_by_group(grouped)
    assert table.groupby("group")["count"].sum().to_dict() == {"a": 100, "b": 200}
    with pytest.raises(BadInput, match="add a column 'group'"):
        diagrams_by_group(plain)
