"""Thresholdout and SparseValidate against their definition, and the published demonstration."""

from __future__ import annotations

import numpy as np
import pytest

from core.calibration.holdout.demonstration import demonstration
from core.calibration.holdout.queries import NLL_CEILING, QUERIES, query_named
from core.calibration.holdout.sparse_validate import SparseValidate, description_bits, deviation_bound
from core.calibration.holdout.thresholdout import Thresholdout, Thresholds, default_thresholds
from core.calibration.predictions import from_logits, from_probabilities
from core.errors import BadInput


def pseudocode(training, holdout, threshold, sigma, budget, generator):
    """Figure 1 of arXiv 1506.02629, word by word, on two lists of means."""
    refreshed = threshold + generator.laplace(0, 2 * sigma)
    for own, other in zip(training, holdout, strict=True):
        if budget < 1:
            yield None
            continue
        eta = generator.laplace(0, 4 * sigma)
        if abs(other - own) > refreshed + eta:
            xi = generator.laplace(0, sigma)
            refreshed = threshold + generator.laplace(0, 2 * sigma)
            budget -= 1
            yield other + xi
        else:
            yield own


def test_thresholdout_is_figure_1_of_the_paper():
    """For the same draws the answers are those of the published pseudocode, silence included."""
    draws = np.random.default_rng(5)
    training, holdout = draws.random((2, 200)), draws.random((2, 200))
    training, holdout = training[0], np.clip(training[0] + 0.1 * (holdout[0] - 0.5), 0, 1)
    guard = Thresholdout(np.zeros(4), np.zeros(4), threshold=0.02, sigma=0.005, budget=30, seed=9)
    ours = [guard.answer(np.full(4, own), np.full(4, other)) for own, other in zip(training, holdout, strict=True)]
    theirs = list(pseudocode(training, holdout, 0.02, 0.005, 30, np.random.default_rng(9)))
    assert ours.index(None) == theirs.index(None)
    spoken = ours.index(None)
    np.testing.assert_allclose(ours[:spoken], theirs[:spoken], rtol=0, atol=1e-15)
    assert ours[spoken:] == [None] * (200 - spoken)


def test_agreement_costs_nothing_and_is_answered_by_the_training_part():
    """Where the parts agree the exact training mean is returned and the budget stays."""
    part = np.random.default_rng(0).integers(0, 2, 10_000)
    guard = Thresholdout(part, part[::-1].copy(), sigma=0.0005, budget=3, seed=0)
    assert {guard.query(lambda values: values) for _ in range(50)} == {part.mean()}
    assert guard.budget_left == 3


def test_budget_falls_by_one_for_each_use_and_then_there_is_silence():
    """A gap far above the threshold spends one unit a query; after the last one every answer is None."""
    guard = Thresholdout(np.ones(1000), np.zeros(1000), budget=2, seed=0)
    first, second = guard.query(lambda part: part), guard.query(lambda part: part)
    assert (abs(first) < 0.1, abs(second) < 0.1, guard.budget_left) == (True, True, 0)
    assert guard.query(lambda part: part) is None
    assert guard.query(lambda part: 0 * part) is None


def test_noise_has_the_scales_of_the_definition():
    """The blur of an answer is Laplace with sigma, that of the threshold with 2 sigma: mean absolute values."""
    rule, generator = Thresholds(0.01, 0.002), np.random.default_rng(0)
    answers = [rule.answer(0.9, 0.1, 0.01, generator).value - 0.1 for _ in range(20_000)]
    refreshed = [rule.refreshed(generator) - 0.01 for _ in range(20_000)]
    assert np.abs(answers).mean() == pytest.approx(0.002, rel=0.03)
    assert np.abs(refreshed).mean() == pytest.approx(0.004, rel=0.03)


def test_gap_noise_has_four_sigma():
    """At a gap of That + a the holdout speaks with probability P(Lap(4 sigma) < a)."""
    rule, generator = Thresholds(0.1, 0.01), np.random.default_rng(0)
    spends = np.mean([rule.answer(0.5, 0.63, 0.1, generator).spends for _ in range(20_000)])
    assert spends == pytest.approx(1 - 0.5 * np.exp(-0.03 / 0.04), abs=0.012)


def test_defaults_are_those_that_do_not_burn_the_budget():
    """T = 4/sqrt(n), sigma = 1/(4 sqrt n)."""
    assert default_thresholds(10_000) == Thresholds(0.04, 0.0025)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Thresholdout(np.zeros(4), np.zeros(5)), "equal size"),
        (lambda: Thresholdout(np.zeros(0), np.zeros(0)), "equal size"),
        (lambda: Thresholdout(np.zeros(4), np.zeros(4), sigma=0), "Sigma: 0"),
        (lambda: Thresholdout(np.zeros(4), np.zeros(4), threshold=float("nan")), "Threshold: nan"),
        (lambda: Thresholdout(np.zeros(4), np.zeros(4), budget=0), "Budget: 0"),
        (lambda: Thresholdout(np.zeros(4), np.zeros(4)).answer([0, 0, 0, 2], np.zeros(4)), "from 0 to 2"),
        (lambda: Thresholdout(np.zeros(4), np.zeros(4)).answer(np.zeros(4), np.full(4, np.nan)), "nan"),
        (lambda: Thresholdout(np.zeros(4), np.zeros(4)).answer(np.zeros(3), np.zeros(4)), "(3,)"),
        (lambda: SparseValidate([0.5], budget=3, queries=2), "Budget: 3"),
        (lambda: query_named("ece"), "accuracy, brier, nll"),
    ],
)
def test_bad_input_is_named(make, words):
    """Each refusal says what was found and what is expected."""
    with pytest.raises(BadInput, match=r".") as caught:
        make()
    assert words in str(caught.value)


def test_noise_of_4000_features_fools_the_standard_holdout_only():
    """On 4,000 x 4,000 noise the standard holdout reports above 0.6, Thresholdout within 0.48-0.55, the truth is 0.5."""
    shown = demonstration(4000, 4000, seed=0)
    assert shown.reported("standard") > 0.6
    assert 0.48 <= shown.reported("thresholdout") <= 0.55
    assert (shown.curve["fresh"] - 0.5).abs().max() < 0.035
    assert 0 < shown.budget_left < shown.budget


def test_signal_is_still_found():
    """With informative features Thresholdout's analyst finds them: fresh samples confirm what it reported."""
    shown = demonstration(2000, 1000, informative=20, seed=0)
    best = shown.curve[(shown.curve["holdout"] == "thresholdout") & (shown.curve["features"] == 20)].iloc[0]
    assert best["fresh"] > 0.6
    assert best["reported"] == pytest.approx(best["fresh"], abs=4 / np.sqrt(2000) + 0.02)


def test_demonstration_repeats():
    """The same seed gives the same table."""
    first, second = (demonstration(500, 200, seed=3).curve for _ in range(2))
    assert first.equals(second)


def test_sparse_validate_tells_exact_bits_until_its_ones_are_used():
    """Zeros are free, ones are counted, then there is silence; the number of answers is limited too."""
    guard = SparseValidate(np.arange(10), budget=2, queries=5)
    assert [guard.query(lambda part, bar=bar: part.mean() > bar) for bar in (9, 1, 9, 2, 9)] == [
        False,
        True,
        False,
        True,
        None,
    ]
    patient = SparseValidate(np.arange(10), budget=2, queries=2)
    assert [patient.query(lambda part: part.mean() > 9) for _ in range(3)] == [False, False, None]


def test_description_length_counts_patterns():
    """At most 1 one among 3 answers: 000, 100, 010, 001, so 2 bits; the bound shrinks with n."""
    assert description_bits(1, 3) == 2
    assert deviation_bound(40_000, 5, 100) == pytest.approx(deviation_bound(10_000, 5, 100) / 2)
    assert deviation_bound(1000, 1, 1) == pytest.approx(np.sqrt(np.log(2 * 2 / 0.05) / 2000))


def test_query_values_are_the_metrics_in_unit_range():
    """Accuracy, Brier/2 and the clipped NLL of hand-made rows; all lie in [0, 1]."""
    given = from_probabilities([[0.8, 0.2], [1.0, 0.0], [0.4, 0.6]], [0, 1, 1])
    np.testing.assert_allclose(QUERIES["accuracy"].values(given), [1, 0, 1])
    np.testing.assert_allclose(QUERIES["brier"].values(given), [0.04, 1, 0.16])
    np.testing.assert_allclose(QUERIES["nll"].values(given) * NLL_CEILING, [-np.log(0.8), NLL_CEILING, -np.log(0.6)])
    sure = from_logits([[1e4, -1e4, 0.0]], [1])
    assert [query.values(sure)[0] for query in QUERIES.values()] == [0, 1, 1]
