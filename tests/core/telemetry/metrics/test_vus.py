"""VUS: the definition by plain loops, closed forms, and what it does with odd scores."""

from __future__ import annotations

import numpy as np
import pytest

from core.telemetry import vus
from core.telemetry.metrics.range_tally import sample_thresholds, tally
from tests.core.telemetry.metrics import naive
from tests.core.telemetry.metrics.cases import SCORES, marked, random_case, scored

DEFINITIONS = ("tsb_ad", "aeon")


@pytest.mark.parametrize("definition", DEFINITIONS)
@pytest.mark.parametrize("seed", range(20, 32))
def test_vus_is_its_definition(seed: int, definition: str) -> None:
    """The counts by first threshold and by arrival of slopes give what loops over windows, thresholds and rows give."""
    labels, scores = random_case(seed)
    labels, scores = labels[:90], scores[:90]
    if not labels.any() or labels.all():
        labels = marked(len(labels), [(0, 1)])
    found = vus(labels, scores, 9, definition)  # type: ignore[arg-type]
    assert (found.pr, found.roc) == pytest.approx(naive.vus(labels, scores, 9, definition), abs=1e-12)


def test_a_perfect_detector() -> None:
    """Scores that are the labels get exactly 1 from TSB-AD's definition; aeon's takes the slopes for missed ones.

    With P labelled rows and the slopes' sum E: recall P / (P + E / 2) at precision 1, then on to recall 1 and the base
    rate of the widened labels.
    """
    rows, length = 1000, 25
    labels = marked(rows, [(400, 400 + length - 1)])
    perfect = vus(labels, labels)
    assert (perfect.pr, perfect.roc) == (1.0, 1.0)
    found = vus(labels, labels, definition="aeon")
    pr, roc = [], []
    for w in range(101):
        before = sum(np.sqrt(1 - d / w) for d in range(1, w // 2 + 1))
        slopes = before + sum(np.sqrt(1 - d / w) for d in range(1, w // 2))
        recall = length / (length + slopes / 2)
        pr.append(recall + (1 - recall) * (1 + (length + slopes) / rows) / 2)
        everywhere = (rows - length - slopes) / (rows - length - slopes / 2)  # the rate where every row is an alarm
        roc.append(everywhere * (recall + 1) / 2 + (1 - everywhere))
    np.testing.assert_allclose(found.pr_by_window, pr, atol=1e-14)
    np.testing.assert_allclose(found.roc_by_window, roc, atol=1e-14)
    assert found.pr == pytest.approx(np.mean(pr), abs=1e-14)
    assert 0.75 < found.pr < 0.85  # they are not interchangeable


def test_a_random_detector_is_near_the_base_rate() -> None:
    """Without tolerance random scores get the base rate as area under precision and recall, and 1/2 under the ROC."""
    rng = np.random.default_rng(0)
    labels = np.repeat(rng.random(2000) < 0.1, 20)
    for definition in DEFINITIONS:
        found = vus(labels, rng.random(labels.size), 2, definition)  # type: ignore[arg-type]
        assert found.pr_by_window[0] == pytest.approx(labels.mean(), abs=0.02)
        assert found.roc_by_window[0] == pytest.approx(0.5, abs=0.02)


def test_an_inverted_detector() -> None:
    """Without tolerance the inverted labels get 0 under the ROC curve and only the base rate as precision."""
    labels = marked(400, [(100, 139)])
    found = vus(labels, ~labels, 0)
    assert found.roc == 0.0
    assert found.pr == pytest.approx(0.1, abs=1e-15)


def test_tolerance_helps_a_late_detector() -> None:
    """An alarm shortly behind the event is worth more with every step of the window, and the volume is the mean."""
    labels = marked(300, [(100, 119)])
    scores = marked(300, [(122, 141)]) + np.linspace(0, 0.1, 300)
    found = vus(labels, scores, 60)
    assert found.pr_by_window[60] > found.pr_by_window[20] > found.pr_by_window[0]
    assert found.pr == pytest.approx(found.pr_by_window.mean(), abs=1e-15)
    assert found.roc == pytest.approx(found.roc_by_window.mean(), abs=1e-15)
    assert (found.definition, found.window, len(found.pr_by_window)) == ("tsb_ad", 60, 61)


def test_only_the_order_of_scores_counts() -> None:
    """Any increasing map of the scores leaves both volumes as they are, and so do labels of another type."""
    labels, scores = SCORES["three events"]()
    assert vus(labels, np.exp(3 * scores) - 7) == vus(labels, scores)
    assert vus(labels.astype(float), list(scores)) == vus(labels, scores)  # type: ignore[arg-type]


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_rows_without_a_score_rank_last(definition: str) -> None:
    """NaN is as if the row had a score below all others; it is not left out."""
    labels, scores = SCORES["three events"]()
    scores[[5, 40, 41, 131, 250]] = np.nan
    lowest = np.where(np.isnan(scores), np.nanmin(scores) - 1, scores)
    assert vus(labels, scores, 20, definition) == vus(labels, lowest, 20, definition)  # type: ignore[arg-type]


def test_infinite_scores_rank_first() -> None:
    """An infinite score is above all others."""
    labels, scores = SCORES["three events"]()
    highest = scores.copy()
    scores[[40, 200]], highest[[40, 200]] = np.inf, 9.0
    assert vus(labels, scores) == vus(labels, highest)


def test_a_window_wider_than_the_series() -> None:
    """Slopes are cut at the ends of the series, however wide the window is."""
    labels, scores = scored(marked(40, [(10, 14), (30, 31)]), 3)
    found = vus(labels, scores, 100)
    assert (found.pr, found.roc) == pytest.approx(naive.vus(labels, scores, 100, "tsb_ad"), abs=1e-12)


def test_slopes_add_up_to_at_most_one() -> None:
    """Between two events that are close a row is on two slopes and counts in full, elsewhere sqrt(1 - d / w)."""
    labels, scores = scored(marked(30, [(10, 10), (14, 14)]), 0)
    counts = tally(labels, scores, sample_thresholds(scores), 4, delay=0)
    near, far = np.sqrt(1 - 1 / 4), np.sqrt(1 - 2 / 4)
    assert counts.slopes[4, -1] == pytest.approx(4 * near + 2 * far + 1, abs=1e-15)  # row 12 is 2 from both
    assert list(counts.widened) == [2, 2, 1]
