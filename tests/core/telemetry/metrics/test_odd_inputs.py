"""What can't be measured is refused in one sentence, never answered with 0 or NaN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.errors import BadInput
from core.telemetry.metrics.adtqc import adtqc
from core.telemetry.metrics.affiliation import affiliation
from core.telemetry.metrics.auc import auc_pr, auc_roc
from core.telemetry.metrics.esa_events import count_events
from core.telemetry.metrics.point_f1 import point_f1
from core.telemetry.metrics.undefined import Undefined
from core.telemetry.metrics.vus import vus
from core.telemetry.metrics.vus_interval import vus_interval
from tests.core.telemetry.metrics.cases import marked

OF_SCORES = (vus, vus_interval, auc_pr, auc_roc)
OF_ALARMS = (count_events, adtqc, affiliation, point_f1)
LABELS = marked(50, [(10, 14), (30, 31)])


@pytest.mark.parametrize("metric", OF_SCORES + OF_ALARMS)
def test_labels_need_events_and_more(metric: Callable[..., Any]) -> None:
    """Without an event, or with nothing but events, no metric has a value."""
    with pytest.raises(Undefined, match="No row is labelled as an event"):
        metric(np.zeros(50), LABELS)
    with pytest.raises(Undefined, match="Every row is labelled as an event"):
        metric(np.ones(50), LABELS)


@pytest.mark.parametrize("metric", OF_SCORES)
def test_scores_that_can_not_be_used(metric: Callable[..., Any]) -> None:
    """One score a row is expected, and not all of them missing."""
    with pytest.raises(BadInput, match=r"shape \(49,\), the labels \(50,\)"):
        metric(LABELS, np.zeros(49))
    with pytest.raises(Undefined, match="No row has a score"):
        metric(LABELS, np.full(50, np.nan))


@pytest.mark.parametrize("metric", OF_ALARMS)
def test_alarms_that_can_not_be_used(metric: Callable[..., Any]) -> None:
    """One alarm a row is expected, true or false."""
    with pytest.raises(BadInput, match="There are 49 alarms for 50 labels"):
        metric(LABELS, np.zeros(49))
    with pytest.raises(BadInput, match=r"alarms hold the value 0\.5"):
        metric(LABELS, np.full(50, 0.5))


def test_labels_that_can_not_be_used() -> None:
    """Labels are true or false."""
    with pytest.raises(BadInput, match="labels hold the value 2"):
        vus(np.arange(50) % 3, np.zeros(50))
    with pytest.raises(BadInput, match=r"labels have the shape \(5, 10\)"):
        vus(LABELS.reshape(5, 10), np.zeros(50))


@pytest.mark.parametrize("measure", [vus, vus_interval])
def test_windows_and_definitions_that_there_are_not(measure: Callable[..., Any]) -> None:
    """The window is a whole number of rows, the definition one of two."""
    for window in (-1, 2.5, 1_000_000):
        with pytest.raises(BadInput, match="a whole number of rows from 0 to 10000"):
            measure(LABELS, np.arange(50), window)
    with pytest.raises(BadInput, match="choose tsb_ad or aeon"):
        measure(LABELS, np.arange(50), 10, "vus")
