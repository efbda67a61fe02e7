from __future__ import annotations

import numpy as np
import pytest

from core.calibration.predictions import softmax64
from core.calibration.repair.conformal import SCORES, class_scores, conformal_sets, threshold
from core.errors import BadInput


@pytest.mark.parametrize(("n", "level", "rank"), [(9, 0.9, 9), (10, 0.9, 10), (99, 0.95, 95), (19, 0.5, 10)])
def test_threshold_is_an_order_statistic(n, level, rank):
    """q is the ceil((n + 1) level)-th smallest score."""
    scores = np.random.default_rng(0).permutation(np.arange(1, n + 1)).astype(float)
    assert threshold(scores, level) == rank


def test_too_few_rows_give_the_set_of_all_classes():
    """With fewer than 1 / alpha - 1 calibration rows, no threshold is high enough: it is infinite."""
    assert threshold(np.arange(8.0), 0.9) == np.inf
    found = conformal_sets(np.full((4, 3), 1 / 3), np.array([0, 1, 2, 0]), "lac", 0.99)
    assert (found.coverage, found.size, found.threshold) == (1.0, 3.0, np.inf)


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("level", [0.7, 0.9])
def test_coverage_is_the_level_asked_for(overconfident, score, level):
    """Over fresh draws of an overconfident model, mean coverage lies within [level, level + 1 / (n / 2 + 1)] up to
    the noise of the draws."""
    coverages = []
    for seed in range(40):
        model = overconfident(400, 5, 3.0, seed)
        coverages.append(conformal_sets(softmax64(model.logits), model.labels, score, level, seed).coverage)
    noise = 3 * np.std(coverages) / np.sqrt(40)
    assert level - noise < np.mean(coverages) < level + 1 / 201 + noise


def test_scores_by_their_definitions():
    """LAC, APS and RAPS of one row, by hand: ranks are 2, 1, 4, 3, and u is 0.25."""
    p, u = np.array([[0.3, 0.4, 0.1, 0.2]]), np.array([0.25])
    assert class_scores(p, "lac", u)[0] == pytest.approx([0.7, 0.6, 0.9, 0.8])
    assert class_scores(p, "aps", u)[0] == pytest.approx([0.4 + 0.075, 0.1, 0.9 + 0.025, 0.7 + 0.05])


def test_raps_adds_a_penalty_from_the_sixth_rank_on():
    """RAPS is APS plus 0.01 for each rank beyond five."""
    p = softmax64(np.random.default_rng(1).normal(size=(20, 9)))
    u = np.random.default_rng(2).random(20)
    ranks = (-p).argsort(axis=1).argsort(axis=1) + 1
    difference = class_scores(p, "raps", u) - class_scores(p, "aps", u)
    assert difference == pytest.approx(0.01 * np.maximum(ranks - 5, 0))


def test_aps_of_the_true_class_is_uniform_under_true_probabilities(overconfident):
    """When the probabilities are right, the randomised APS score of the label is uniform on [0, 1]."""
    model = overconfident(20000, 4, 1.0, seed=3)
    u = np.random.default_rng(4).random(20000)
    own = np.sort(class_scores(model.truth, "aps", u)[np.arange(20000), model.labels])
    assert np.abs(own - np.arange(1, 20001) / 20000).max() < 1.63 / np.sqrt(20000)  # 1 % point of Kolmogorov


def test_the_seed_decides():
    """The same seed gives the same sets, another one other halves and other random scores."""
    p = softmax64(np.random.default_rng(5).normal(size=(100, 3)))
    labels = np.arange(100) % 3
    assert conformal_sets(p, labels, "aps", seed=1) == conformal_sets(p, labels, "aps", seed=1)
    assert conformal_sets(p, labels, "aps", seed=1) != conformal_sets(p, labels, "aps", seed=2)


def test_no_row_is_covered_by_its_own_threshold():
    """One odd row can't raise the threshold that it is measured with: it stays uncovered in a large half."""
    p = np.tile([0.9, 0.1], (200, 1))
    labels = np.zeros(200, int)
    labels[7] = 1
    assert conformal_sets(p, labels, "lac", 0.98).coverage == pytest.approx(199 / 200)


@pytest.mark.parametrize(
    ("score", "level", "rows", "words"),
    [
        ("best", 0.9, 4, "'best' was found; one of lac, aps, raps"),
        ("lac", 90, 4, "90 was found"),
        ("lac", 0.9, 1, "1 row"),
    ],
)
def test_refusals(score, level, rows, words):
    """An unknown score, a level in percent and a single row are refused."""
    with pytest.raises(BadInput, match=words):
        conformal_sets(np.full((rows, 2), 0.5), np.zeros(rows, int), score, level)
