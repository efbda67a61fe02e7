from __future__ import annotations

from math import lgamma

import numpy as np
import pytest
from scipy.optimize import lsq_linear
from sklearn.isotonic import IsotonicRegression

from core.calibration.predictions import softmax64
from core.calibration.repair import bbq, enir, histogram, isotonic, spline, venn_abers
from core.errors import TooLarge


def sample(seed, n=None):
    """Probabilities with and without ties, and outcomes with any frequency."""
    generator = np.random.default_rng(seed)
    n = n or int(generator.integers(2, 40))
    c = generator.integers(1, generator.choice([6, 30, 10**6]), n) / 10**6 * generator.choice([1, 30_000])
    return np.minimum(c, 1.0), (generator.random(n) < generator.random()).astype(float)


def step(table, at):
    x, y = table
    return y[np.searchsorted(x, at)]


def test_isotonic_is_scikit_learns(overconfident):
    """Each class is mapped as by scikit-learn's isotonic regression, then the row is renormalised."""
    model = overconfident(400, 3, 2.0, seed=0)
    p, new = softmax64(model.logits[:300]), softmax64(model.logits[300:])
    q = np.column_stack(
        [
            IsotonicRegression(out_of_bounds="clip").fit(p[:, k], model.labels[:300] == k).predict(new[:, k])
            for k in range(3)
        ]
    )
    ours = isotonic.fit(model.logits[:300], model.labels[:300]).apply(model.logits[300:])
    assert ours == pytest.approx(q / q.sum(axis=1, keepdims=True), abs=1e-12)


def test_corp_leaves_no_miscalibration_on_its_own_rows(overconfident):
    """On the fit rows, the accuracy of the rows at each CORP confidence is that confidence; proportions of the other
    classes are kept."""
    model = overconfident(600, 4, 3.0, seed=1)
    p = softmax64(model.logits)
    q = isotonic.fit_corp(model.logits, model.labels).apply(model.logits)
    top = p.argmax(axis=1)
    confidence = q[np.arange(600), top].round(12)
    for value in np.unique(confidence):
        rows = confidence == value
        assert (top[rows] == model.labels[rows]).mean() == pytest.approx(value, abs=1e-9)
    rest = np.ones((600, 4), bool)
    rest[np.arange(600), top] = False
    old, new = (values[rest].reshape(600, 3)[confidence < 1] for values in (p, q))
    assert new / new.sum(axis=1, keepdims=True) == pytest.approx(old / old.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("seed", range(5))
def test_histogram_by_plain_loops(seed):
    """A bin (low, high] holds the frequency of its rows, or its middle where it is empty."""
    c, outcomes = sample(seed, 50)
    table = histogram.histogram_table(c, outcomes)
    for b in range(15):
        inside = (c > b / 15) & (c <= (b + 1) / 15)
        expected = outcomes[inside].mean() if inside.any() else (b + 0.5) / 15
        assert step(table, (b + 0.5) / 15) == pytest.approx(expected)
    assert step(table, 2 / 15) == table[1][1]  # the upper edge belongs to the bin


@pytest.mark.parametrize("seed", range(12))
def test_bbq_by_its_equations(seed):
    """The average over histograms, weighted by marginal likelihood, computed from the paper's gamma functions."""
    c, outcomes = sample(seed, 60)
    points = np.concatenate([c, np.linspace(0.001, 0.999, 50)])
    ordered = np.sort(c)
    logs, values = [], []
    for bins in range(max(1, int(60 ** (1 / 3) / 10)), int(np.ceil(60 ** (1 / 3) * 10)) + 1):
        starts = [i * 60 // bins for i in range(1, bins)]
        edges = sorted({(ordered[s - 1] + ordered[s]) / 2 for s in starts})
        low, high = [0.0, *edges], [*edges, 1.0]
        log, value = 0.0, np.zeros(len(points))
        for b in range(len(low)):
            last = b == len(low) - 1
            inside = (c > low[b] if b else c >= 0) & ((c <= high[b]) | last)
            m, n = outcomes[inside].sum(), (1 - outcomes[inside]).sum()
            middle = min(max((low[b] + high[b]) / 2, 1e-9), 1 - 1e-9)
            alpha, beta = 2 / len(low) * middle, 2 / len(low) * (1 - middle)
            log += lgamma(2 / len(low)) - lgamma(m + n + 2 / len(low))
            log += lgamma(m + alpha) - lgamma(alpha) + lgamma(n + beta) - lgamma(beta)
            at = (points > low[b] if b else points >= 0) & ((points <= high[b]) | last)
            value[at] = (m + alpha) / (m + n + 2 / len(low))
        logs.append(log)
        values.append(value)
    weights = np.exp(np.array(logs) - max(logs))
    expected = weights @ np.array(values) / weights.sum()
    assert step(bbq.bbq_table(c, outcomes), points) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("seed", range(8))
def test_near_isotonic_path_solves_its_problem(seed):
    """Each solution of the path is that of the dual problem, min |y - D'u|^2 over 0 <= u <= lambda, by a generic
    solver, and lies between raw values and the isotonic fit."""
    y = np.random.default_rng(seed).normal(size=12)
    path = list(enir.near_isotonic_path(y, np.ones(12)))
    assert path[0][0] == 0 and path[0][2] == pytest.approx(y)
    differences = (np.eye(12)[:-1] - np.eye(12)[1:]).T
    for strength, starts, values in path[1:]:
        dual = lsq_linear(differences, y, bounds=(0, strength), tol=1e-14)
        expected = y - differences @ dual.x
        assert np.repeat(values, np.diff([*starts, 12])) == pytest.approx(expected, abs=1e-4)
    assert np.repeat(path[-1][2], np.diff([*path[-1][1], 12])) == pytest.approx(
        IsotonicRegression().fit_transform(np.arange(12), y)
    )


def test_near_isotonic_weights_are_repeated_rows():
    """A value of weight two is the same as the value twice."""
    y, weights = np.array([3.0, 1.0, 2.0, 0.5]), np.array([1.0, 2.0, 1.0, 3.0])
    last = list(enir.near_isotonic_path(y, weights))[-1]
    expected = IsotonicRegression().fit_transform(np.arange(4), y, sample_weight=weights)
    assert np.repeat(last[2], np.diff([*last[1], 4])) == pytest.approx(expected)


def test_enir_is_isotonic_where_the_data_are():
    """With outcomes in order of the scores there is one solution, and it passes through the data."""
    c = np.linspace(0.1, 0.9, 9)
    x, y = enir.enir_table(c, (c > 0.5).astype(float))
    assert np.interp(c, x, y) == pytest.approx((c > 0.5).astype(float))


def test_enir_falls_less_than_the_frequencies_and_keeps_their_mean():
    """Every solution keeps the mean outcome, and so does the average."""
    generator = np.random.default_rng(3)
    c = generator.random(500)
    outcomes = (generator.random(500) < c**2).astype(float)
    x, y = enir.enir_table(c, outcomes)
    assert np.interp(c, x, y).mean() == pytest.approx(outcomes.mean(), abs=1e-9)


@pytest.mark.parametrize("seed", range(25))
def test_venn_abers_by_its_definition(seed):
    """p1 / (1 - p0 + p1) from two isotonic fits with the new point added as 0 and as 1, at and between the scores."""
    c, outcomes = sample(seed)
    points = np.concatenate([c, np.random.default_rng(seed).random(20) * c.max() * 1.2, [0.0, 1.0]])
    expected = []
    for point in points:
        p0, p1 = (
            IsotonicRegression().fit(np.append(c, point), np.append(outcomes, added)).predict([point])[0]
            for added in (0, 1)
        )
        expected.append(p1 / (1 - p0 + p1))
    assert step(venn_abers.venn_abers_table(c, outcomes), points) == pytest.approx(np.array(expected), abs=1e-12)


def test_spline_of_a_constant_accuracy_is_that_accuracy():
    """Where three of four answers are right at every confidence, the slope is 3/4 everywhere."""
    c = np.linspace(0.3, 0.9, 4000)
    x, y = spline.spline_table(c, np.tile([1.0, 1.0, 1.0, 0.0], 1000))
    assert y == pytest.approx(0.75, abs=0.01)
    assert x[0] == 0.3 and x[-1] == 0.9


def test_spline_finds_a_curved_accuracy():
    """Confidences whose accuracy is their square are mapped to about their square."""
    generator = np.random.default_rng(4)
    c = np.sqrt(generator.uniform(0.25, 1, 40000))
    x, y = spline.spline_table(c, (generator.random(40000) < c**2).astype(float))
    at = np.linspace(0.55, 0.97, 20)
    assert np.interp(at, x, y) == pytest.approx(at**2, abs=0.03)


def test_ties_share_a_value():
    """Rows with the same probability get the same value, whatever their order."""
    c, outcomes = sample(2, 40)
    shuffled = np.random.default_rng(0).permutation(40)
    for table in (bbq.bbq_table, enir.enir_table, venn_abers.venn_abers_table, spline.spline_table):
        for a, b in zip(table(c, outcomes), table(c[shuffled], outcomes[shuffled]), strict=True):
            assert a == pytest.approx(b, abs=1e-12)


def test_a_class_without_rows_is_noted(overconfident):
    """A class that the fit part doesn't have gets probability zero, with a note."""
    model = overconfident(60, 3, 1.0, seed=5)
    fitted = isotonic.fit(model.logits, np.minimum(model.labels, 1))
    assert fitted.apply(model.logits)[:, 2] == pytest.approx(0.0)
    assert "Class 2" in fitted.notes[0]


@pytest.mark.parametrize("fit", [bbq.fit, enir.fit, venn_abers.fit])
def test_tables_that_grow_with_the_rows_have_a_limit(fit):
    """More than five million values are refused before any work, with what to take instead."""
    scores = np.broadcast_to(np.zeros(1), (5001, 1000))
    with pytest.raises(TooLarge, match=r"5,001 fit rows of 1,000 classes.*isotonic"):
        fit(scores, np.zeros(5001, int))
