"""Areas and F1 of single rows."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from core.telemetry.metrics.auc import auc_pr, auc_roc
from core.telemetry.metrics.base_rate import base_rate
from core.telemetry.metrics.point_f1 import point_f1
from tests.core.telemetry.metrics.cases import ALARMS, CONSTANT, SCORES, marked


@pytest.mark.parametrize("case", SCORES)
def test_areas_are_those_of_scikit_learn(case: str) -> None:
    """Average precision and the area under the ROC curve equal scikit-learn's, with and without ties."""
    labels, scores = SCORES[case]()
    assert auc_pr(labels, scores) == pytest.approx(average_precision_score(labels, scores), abs=1e-12)
    assert auc_roc(labels, scores) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)


def test_known_areas() -> None:
    """Labels as scores get 1, inverted ones 0 (ROC), a constant the base rate and 1/2."""
    labels = marked(100, [(20, 29)])
    assert (auc_pr(labels, labels), auc_roc(labels, labels)) == (1.0, 1.0)
    assert auc_roc(labels, ~labels) == 0.0
    assert auc_pr(labels, ~labels) == pytest.approx(0.1, abs=1e-15)
    assert (auc_pr(*CONSTANT), auc_roc(*CONSTANT)) == pytest.approx((0.1, 0.5), abs=1e-15)
    assert base_rate(labels) == 0.1


def test_missing_scores_rank_last() -> None:
    """A labelled row without a score is found by no threshold above the lowest."""
    labels = np.array([True, True, False, False])
    assert auc_roc(labels, np.array([0.9, np.nan, 0.1, 0.2])) == 0.5
    assert auc_pr(labels, np.array([0.9, np.nan, 0.1, 0.2])) == pytest.approx(0.5 * 1 + 0.5 * 0.5)


@pytest.mark.parametrize("case", ALARMS)
def test_point_f1_is_that_of_scikit_learn(case: str) -> None:
    """F1 over rows equals scikit-learn's, and beside it stands the F1 of an alarm everywhere."""
    labels, alarms = ALARMS[case]()
    found = point_f1(labels, alarms)
    assert found.f1 == pytest.approx(f1_score(labels, alarms), abs=1e-15)
    assert found.everywhere == pytest.approx(f1_score(labels, np.ones_like(labels)), abs=1e-15)
