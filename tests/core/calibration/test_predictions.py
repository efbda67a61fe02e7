"""Predictions of a classifier are checked once, at the door."""

from __future__ import annotations

import numpy as np
import pytest

from core.calibration.predictions import from_intervals, from_logits, from_probabilities, softmax64
from core.errors import BadInput

PROBS = np.array([[0.7, 0.2, 0.1], [0.2, 0.2, 0.6], [0.1, 0.8, 0.1]])
LOGITS = np.array([[2.0, -1.0, 0.5], [0.0, 0.0, 1.0], [-3.0, 4.0, 0.0]])
LABELS = np.array([0, 2, 1])
OFF = PROBS * np.array([[1.0], [0.9], [1.002]])

REFUSED = {
    "rows that don't sum to one": (
        lambda: from_probabilities(OFF, LABELS),
        r"row 1 \(counted from 0\) sums to 0.9, off by 0.1.* 2 rows",
    ),
    "logits as probabilities": (
        lambda: from_probabilities(LOGITS, LABELS),
        r"row 0 \(counted from 0\) holds -1, outside .*as 'logits'",
    ),
    "probabilities as logits": (
        lambda: from_logits(PROBS, LABELS),
        r"look like probabilities; hand them in as 'probs'",
    ),
    "one-hot labels": (lambda: from_probabilities(PROBS, np.eye(3)[LABELS]), r"one-hot.*labels.argmax\(axis=1\)"),
    "labels from 1 to K": (lambda: from_probabilities(PROBS, LABELS + 1), r"run from 1 to 3.*labels - 1"),
    "label out of range": (
        lambda: from_probabilities(PROBS, [0, 7, 1]),
        r"row 1 \(counted from 0\) holds 7; with 3 columns",
    ),
    "negative label": (lambda: from_probabilities(PROBS, [0, -1, 1]), r"row 1 \(counted from 0\) holds -1"),
    "label that is no whole number": (
        lambda: from_probabilities(PROBS, [0, 1.5, 1]),
        r"row 1 \(counted from 0\) holds 1.5; whole",
    ),
    "text as labels": (lambda: from_probabilities(PROBS, ["a", "b", "c"]), r"class numbers 0 to 2 are expected"),
    "NaN": (
        lambda: from_logits(np.where(LOGITS == 4, np.nan, LOGITS), LABELS),
        r"row 2 \(counted from 0\) holds NaN \(1 of 3 rows",
    ),
    "+inf": (
        lambda: from_logits(np.where(LOGITS == 4, np.inf, LOGITS), LABELS),
        r"row 2 \(counted from 0\) holds \+inf",
    ),
    "a row of -inf": (
        lambda: from_logits([[-np.inf, -np.inf], [0, 1]], [0, 1]),
        r"row 0 \(counted from 0\) holds -inf in every class",
    ),
    "one column": (lambda: from_probabilities([0.2, 0.9], [0, 1]), r"np.column_stack\(\[1 - p, p\]\)"),
    "one column of logits": (
        lambda: from_logits([[0.2], [0.9]], [0, 1]),
        r"np.column_stack\(\[np.zeros\(len\(z\)\), z\]\)",
    ),
    "no rows": (lambda: from_probabilities(np.empty((0, 3)), []), r"no rows"),
    "three dimensions": (lambda: from_probabilities(np.ones((2, 2, 2)), [0, 1]), r"shape \(2, 2, 2\)"),
    "text as predictions": (lambda: from_probabilities([["a", "b"]], [0]), r"numbers are expected"),
    "too few labels": (lambda: from_probabilities(PROBS, [0, 1]), r"2 labels were found for 3 rows"),
    "groups of another length": (lambda: from_probabilities(PROBS, LABELS, ["a"]), r"one group for each of 3 rows"),
    "std of zero": (
        lambda: from_intervals([1.0, 2.0], [1.0, 0.0], [1.0, 1.0]),
        r"std: row 1 \(counted from 0\) holds 0",
    ),
    "targets that aren't finite": (
        lambda: from_intervals([1.0], [1.0], [np.nan]),
        r"target: row 0 \(counted from 0\) holds nan",
    ),
    "columns of different length": (lambda: from_intervals([1.0], [1.0, 2.0], [1.0]), r"2 values were found for 1"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what: str) -> None:
    """Each kind of bad input is refused in one sentence that says where, what and what to do."""
    make, sentence = REFUSED[what]
    with pytest.raises(BadInput, match=sentence) as refusal:
        make()
    assert "\n" not in str(refusal.value)


def test_softmax_in_double_precision() -> None:
    """The softmax of float32 logits is that of the same numbers in float64, to the last digit."""
    z = np.random.default_rng(0).normal(size=(50, 7)).astype(np.float32) * 20
    exact = np.exp(z.astype(np.float64) - z.astype(np.float64).max(axis=1, keepdims=True))
    np.testing.assert_allclose(softmax64(z), exact / exact.sum(axis=1, keepdims=True), rtol=1e-14)
    assert from_logits(z, np.zeros(50, int)).logits.dtype == np.float32


def test_shift_lets_logits_through() -> None:
    """Logits that look like probabilities pass after the shift that the refusal names, with the same softmax."""
    shifted = from_logits(PROBS + 1, LABELS)
    np.testing.assert_allclose(shifted.probabilities, softmax64(PROBS), rtol=1e-15)


def test_ties_go_to_the_first_class() -> None:
    """A tie for the largest probability goes to the first class."""
    tied = from_probabilities([[0.4, 0.4, 0.2], [0.2, 0.4, 0.4]], [1, 1])
    assert tied.predicted.tolist() == [0, 1]
    assert tied.correct.tolist() == [False, True]
    assert tied.confidence.tolist() == [0.4, 0.4]


def test_ruled_out_class() -> None:
    """A logit of -inf is a class of probability zero."""
    assert from_logits([[0.0, -np.inf], [0.0, 0.0]], [0, 1]).probabilities.tolist() == [[1.0, 0.0], [0.5, 0.5]]


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: from_logits(LOGITS.astype(np.float16), LABELS), "float16"),
        (lambda: from_probabilities(PROBS, [0, 0, 1]), r"1 of 3 classes have no sample \(class 2\)"),
        (lambda: from_probabilities([[0.5, 0.5]] * 4, [0, 1, 0, 1]), "constant predictor"),
        (
            lambda: from_probabilities([[0.5, 0.3, 0.2], [0.2, 0.4, 0.4]], [0, 1]),
            r"1 of 2 rows have their largest probability in several classes \(the first is row 1 \(counted from 0\)\)",
        ),
    ],
)
def test_notes(make, word: str) -> None:
    """What doesn't forbid the numbers but limits their meaning is noted."""
    import re

    assert re.search(word, " ".join(make().notes))


def test_rows_keep_what_belongs_together() -> None:
    """A selection of rows takes logits, probabilities, labels and groups alike."""
    chosen = from_logits(LOGITS, LABELS, ["a", "b", "c"]).rows(np.array([2, 0]))
    assert chosen.labels.tolist() == [1, 0]
    assert chosen.groups.tolist() == ["c", "a"]
    np.testing.assert_array_equal(chosen.logits, LOGITS[[2, 0]])
    assert chosen.place(0) == "row 2 (counted from 0)"
