"""Each fast metric equals its definition, computed slowly."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from core.calibration.metrics import smece as smooth
from core.calibration.metrics.ace import ace
from core.calibration.metrics.aurc import aurc
from core.calibration.metrics.auroc import auroc
from core.calibration.metrics.battery import STUDY_BINS
from core.calibration.metrics.brier import brier
from core.calibration.metrics.corp import classwise_corp, corp
from core.calibration.metrics.cuts import equal_mass_cuts, equal_width_cuts
from core.calibration.metrics.cwce import cwce
from core.calibration.metrics.cwce_em import cwce_em
from core.calibration.metrics.debiased import debiased_l1
from core.calibration.metrics.ece import ece
from core.calibration.metrics.kde_ece import kde_ece
from core.calibration.metrics.ks import ks
from core.calibration.metrics.kuiper import kuiper
from core.calibration.metrics.mce import mce
from core.calibration.metrics.mmce import mmce
from core.calibration.metrics.murphy import murphy
from core.calibration.metrics.nll import nll
from core.calibration.metrics.pairs import sorted_pairs, top_label
from core.calibration.metrics.rmsce import rmsce
from core.calibration.metrics.sweep import ece_sweep, sweep_bins
from core.calibration.metrics.top_label import top_label_ece
from core.calibration.metrics.undefined import Undefined
from core.calibration.predictions import Predictions, from_logits, from_probabilities
from tests.core.calibration.metrics import naive
from tests.core.calibration.metrics.cases import CASES, calibrated, hundredths, overconfident


@pytest.fixture(params=CASES)
def predictions(request) -> Predictions:
    return CASES[request.param](n=400)


@pytest.mark.parametrize("bins", [1, 7, 15, 100, 500])
def test_binned_errors(predictions: Predictions, bins: int) -> None:
    """ECE, MCE, RMSCE and ACE over bins of equal width and mass are sums over the bins, also with more bins than samples."""
    c, k = predictions.confidence, predictions.correct.astype(float)
    pairs = top_label(predictions)
    for cuts, edges in (
        (equal_width_cuts(pairs, bins), naive.ratio_edges(bins)),
        (equal_mass_cuts(pairs, bins), naive.mass_edges(c, bins)),
    ):
        assert ece(pairs, cuts) == pytest.approx(naive.ece(c, k, edges), abs=1e-12)
        assert mce(pairs, cuts) == pytest.approx(naive.mce(c, k, edges), abs=1e-12)
        assert rmsce(pairs, cuts) == pytest.approx(naive.rmsce(c, k, edges), abs=1e-12)
        assert ace(pairs, cuts) == pytest.approx(naive.ace(c, k, edges), abs=1e-12)


def test_classwise_errors(predictions: Predictions) -> None:
    """Both classwise errors at several bin counts in one pass equal those of one class and one bin count at a time."""
    p, y = predictions.probabilities, predictions.labels
    for bins in ((5, 15, 50), (7, 450)):
        width = [naive.classwise(p, y, b, lambda _, b: naive.ratio_edges(b)) for b in bins]
        mass = [naive.classwise(p, y, b, naive.mass_edges) for b in bins]
        np.testing.assert_allclose(cwce(predictions, bins), width, atol=1e-12)
        np.testing.assert_allclose(cwce_em(predictions, bins), mass, atol=1e-12)


def test_every_edge_of_every_bin_count() -> None:
    """A probability on an edge i/B belongs to the bin below it, for each bin count of the study."""
    edges = np.unique(np.concatenate([np.arange(b + 1) / b for b in STUDY_BINS]))
    p = np.stack([edges, 1 - edges], axis=1)
    predictions = from_probabilities(p, np.arange(edges.size) % 2)
    expected = [naive.classwise(p, predictions.labels, b, lambda _, b: naive.ratio_edges(b)) for b in (5, 50)]
    np.testing.assert_allclose(cwce(predictions, (*STUDY_BINS,))[[0, 5]], expected, atol=1e-12)


def test_large_bin_counts_without_a_common_histogram() -> None:
    """Bin counts whose least common multiple is too large are computed one by one, with the same values."""
    predictions = calibrated(n=200)
    np.testing.assert_allclose(cwce(predictions, (97, 101, 103))[1], cwce(predictions, (101,))[0], atol=1e-14)


def test_top_label_error(predictions: Predictions) -> None:
    """TCE is the ECE within each predicted class, weighted by its share."""
    c, k = predictions.confidence, predictions.correct.astype(float)
    expected = 0.0
    for label in np.unique(predictions.predicted):
        own = predictions.predicted == label
        expected += naive.ece(c[own], k[own], naive.ratio_edges(10)) * own.mean()
    assert top_label_ece(predictions, [10])[0] == pytest.approx(expected, abs=1e-12)


def test_path_errors(predictions: Predictions) -> None:
    """KS is the largest and Kuiper the range of the cumulative gap, read at the ends of tie groups."""
    pairs = top_label(predictions)
    path = [0.0, *naive.ks_path(predictions.confidence, predictions.correct.astype(float))]
    assert ks(pairs) == pytest.approx(max(map(abs, path)), abs=1e-12)
    assert kuiper(pairs) == pytest.approx(max(path) - min(path), abs=1e-12)


def test_ks_of_a_gap_of_one_sign() -> None:
    """KS is |mean confidence - accuracy| when every answer is wrong."""
    pairs = sorted_pairs(np.array([0.5, 0.7, 0.9]), np.zeros(3))
    assert ks(pairs) == pytest.approx(0.7)


def test_mmce(predictions: Predictions) -> None:
    """MMCE by prefix sums is the double sum over all pairs."""
    c, k = predictions.confidence, predictions.correct.astype(float)
    assert mmce(top_label(predictions)) == pytest.approx(naive.mmce(c, k), abs=1e-12)


@pytest.mark.parametrize("width", [0.003, 0.02, 0.1, 0.5])
def test_smece_at_a_width(predictions: Predictions, width: float) -> None:
    """smECE at a given width is the integral with every mirror image of the kernel, ends included."""
    c, k = predictions.confidence, predictions.correct.astype(float)
    found = smooth.smece_at(smooth.cosine_moments(top_label(predictions)), width)
    assert found == pytest.approx(naive.smece_at(c, k, width), rel=2e-4)


def test_smece_is_its_own_width(predictions: Predictions) -> None:
    """smECE is the width at which the smoothed error equals the width."""
    c, k = predictions.confidence, predictions.correct.astype(float)
    found = smooth.smece(top_label(predictions))
    assert naive.smece_at(c, k, found) == pytest.approx(found, rel=1e-3)


def test_smece_of_confidence_one() -> None:
    """A model that is always certain and right 3 times out of 4 has smECE 1/4, though all its mass is on the end."""
    pairs = sorted_pairs(np.ones(400), np.arange(400) % 4 > 0)
    assert smooth.smece(pairs) == pytest.approx(0.25, rel=1e-6)


def test_kde_ece(predictions: Predictions) -> None:
    """KDE-ECE by linear binning and a Fourier transform is the direct sum of kernels, to the grid's resolution."""
    c, k = predictions.confidence, predictions.correct.astype(float)
    assert kde_ece(top_label(predictions)) == pytest.approx(naive.kde_ece(c, k), rel=2e-3, abs=2e-5)


def test_kde_ece_without_spread() -> None:
    """KDE-ECE has no value when the right answers share one confidence, and says so."""
    with pytest.raises(Undefined, match="no bandwidth"):
        kde_ece(sorted_pairs(np.array([0.5, 0.5, 0.9]), np.array([1, 1, 0])))


def test_debiased_l1_is_the_expectation() -> None:
    """The closed form of the debiased L1 error is the mean over random resamples of the accuracies."""
    predictions = overconfident(n=500, sharper=1.1)
    pairs = top_label(predictions)
    bins = naive.gaps(predictions.confidence, predictions.correct.astype(float), naive.mass_edges(pairs.scores, 10))
    sizes, gap, accuracy = (np.array(column) for column in zip(*bins, strict=True))
    noise = np.random.default_rng(0).normal(size=(200_000, 10)) * np.sqrt(accuracy * (1 - accuracy) / sizes)
    again = (np.abs(gap + noise) @ sizes / 500).mean()
    expected = 2 * naive.ece(pairs.scores, pairs.outcomes, naive.mass_edges(pairs.scores, 10)) - again
    assert debiased_l1(pairs, equal_mass_cuts(pairs, 10)) == pytest.approx(expected, abs=1e-4)


def test_sweep_stops_at_the_first_failure() -> None:
    """The number of bins of the sweep is one less than the first at which the accuracies aren't monotone."""
    pairs = top_label(overconfident(n=300))

    def monotone(bins: int) -> bool:
        found = naive.gaps(pairs.scores, pairs.outcomes, naive.mass_edges(pairs.scores, bins))
        return all(a[2] <= b[2] for a, b in pairwise(found))

    first = next(b for b in range(2, 301) if not monotone(b))
    assert sweep_bins(pairs) == first - 1
    edges = naive.mass_edges(pairs.scores, first - 1)
    assert ece_sweep(pairs) == pytest.approx(naive.ece(pairs.scores, pairs.outcomes, edges), abs=1e-12)


def test_auroc(predictions: Predictions) -> None:
    """AUROC is the share of right-wrong pairs in the right order, ties one half."""
    c, k = predictions.confidence, predictions.correct.astype(float)
    assert auroc(top_label(predictions)) == pytest.approx(naive.auroc(c, k), abs=1e-12)


@pytest.mark.parametrize(("outcome", "word"), [(0, "wrong"), (1, "right")])
def test_auroc_of_one_kind(outcome: int, word: str) -> None:
    """AUROC has no value when all answers are right or all are wrong, and says which."""
    with pytest.raises(Undefined, match=f"every answer is {word}"):
        auroc(sorted_pairs(np.array([0.5, 0.6]), np.full(2, outcome)))


def test_aurc() -> None:
    """AURC is the mean error rate of the m most confident, over m, and over all orders of tied confidences."""
    right = sorted_pairs(np.array([0.9, 0.8, 0.7, 0.6]), np.array([1, 1, 0, 1]))
    assert aurc(right) == pytest.approx((0 + 0 + 1 / 3 + 1 / 4) / 4)
    tied = sorted_pairs(np.array([0.9, 0.5, 0.5]), np.array([1, 1, 0]))
    orders = [(0 + 0 + 1 / 3) / 3, (0 + 1 / 2 + 1 / 3) / 3]
    assert aurc(tied) == pytest.approx(sum(orders) / 2)


def test_nll_from_logits() -> None:
    """NLL of far logits is their distance, where the softmax has long rounded to zero."""
    assert nll(from_logits([[0.0, 1000.0], [0.0, 0.0]], [0, 1])) == pytest.approx((1000 + math.log(2)) / 2)


def test_nll_of_certain_and_wrong() -> None:
    """One label of probability zero makes the NLL infinite."""
    assert nll(from_probabilities([[1.0, 0.0], [0.5, 0.5]], [1, 0])) == math.inf


def test_brier_scalings(predictions: Predictions) -> None:
    """The three scalings of the Brier score are the sum over classes, its half, and its mean over classes."""
    hot = np.eye(predictions.classes)[predictions.labels]
    total = ((predictions.probabilities - hot) ** 2).sum(axis=1).mean()
    assert brier(predictions) == pytest.approx(total, abs=1e-12)
    assert brier(predictions, "half") == pytest.approx(total / 2, abs=1e-12)
    assert brier(predictions, "mean") == pytest.approx(total / predictions.classes, abs=1e-12)


@pytest.mark.parametrize("bins", [1, 15, 500])
def test_murphy_adds_up(predictions: Predictions, bins: int) -> None:
    """Murphy's parts with both within-bin terms add up to the Brier score of the confidence."""
    pairs = top_label(predictions)
    parts = murphy(pairs, equal_width_cuts(pairs, bins))
    assert parts.score == pytest.approx((pairs.residuals**2).mean(), abs=1e-12)


def test_murphy_of_few_values() -> None:
    """With one value in each bin the within-bin terms vanish and the three classic parts remain."""
    pairs = sorted_pairs(np.array([0.25] * 4 + [0.75] * 4), np.array([0, 0, 0, 1, 1, 1, 0, 0]))
    parts = murphy(pairs, equal_width_cuts(pairs, 2))
    assert (parts.within_variance, parts.within_covariance) == (0.0, 0.0)
    assert parts.reliability == pytest.approx(0.5 * 0.25**2)
    assert parts.resolution == pytest.approx(0.5 * 0.125**2 * 2)
    assert parts.uncertainty == pytest.approx(0.375 * 0.625)


def test_corp_adds_up(predictions: Predictions) -> None:
    """CORP's parts add up to the Brier score, for the confidence and over all classes, and none is below zero."""
    pairs = top_label(predictions)
    single, every = corp(pairs), classwise_corp(predictions)
    assert single.score == pytest.approx((pairs.residuals**2).mean(), abs=1e-12)
    assert every.score == pytest.approx(brier(predictions), abs=1e-12)
    assert min(single.miscalibration, single.discrimination, every.miscalibration, every.discrimination) >= 0


def test_order_of_rows_means_nothing() -> None:
    """Metrics of values with many ties don't depend on the order of the rows."""
    predictions = hundredths(n=600)
    shuffled = predictions.rows(np.random.default_rng(0).permutation(600))
    for metric in (ks, kuiper, mmce, auroc, aurc, ece_sweep):
        assert metric(top_label(predictions)) == pytest.approx(metric(top_label(shuffled)), abs=1e-12)
    np.testing.assert_allclose(cwce_em(predictions, STUDY_BINS), cwce_em(shuffled, STUDY_BINS), atol=1e-12)
