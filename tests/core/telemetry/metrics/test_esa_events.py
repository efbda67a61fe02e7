"""Event-wise scores of the ESA benchmark."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest

from core.telemetry.metrics.esa_events import count_events
from core.telemetry.metrics.undefined import Undefined
from tests.core.telemetry.metrics import naive
from tests.core.telemetry.metrics.cases import ALARMS, alarm_case, marked


@pytest.mark.parametrize("case", [*ALARMS, *range(100, 130)])
def test_counts_are_their_definition(case: str | int) -> None:
    """Found, missed, false and redundant are what loops over events and alarms count."""
    labels, alarms = ALARMS[case]() if isinstance(case, str) else alarm_case(case)
    assert asdict(count_events(labels, alarms)) == naive.event_scores(labels, alarms)


def test_scores_by_hand() -> None:
    """Fourteen days, events on days 0, 3 and 6, one alarm over days 3 to 7.

    Two of three events found, no false alarm; of eleven nominal days three have the alarm: precision 8 / 11.
    """
    counts = count_events(marked(14, [(0, 0), (3, 3), (6, 6)]), marked(14, [(3, 7)]))
    assert counts.recall() == pytest.approx(2 / 3)
    assert counts.precision() == pytest.approx(8 / 11)
    assert counts.f_beta(0.5) == pytest.approx(1.25 * (8 / 11) * (2 / 3) / (0.25 * 8 / 11 + 2 / 3))
    assert counts.alarming_precision() == 1.0


def test_one_alarm_over_everything_is_worth_nothing() -> None:
    """All events are found without a false alarm, but no nominal time is free of it."""
    labels = marked(100, [(20, 29), (60, 64)])
    counts = count_events(labels, np.ones(100))
    assert (counts.recall(), counts.precision(), counts.f_beta()) == (1.0, 0.0, 0.0)


def test_repeated_alarms_on_one_event() -> None:
    """Three alarms on one event are two too many."""
    counts = count_events(marked(100, [(20, 49)]), marked(100, [(21, 22), (30, 31), (40, 41)]))
    assert counts.redundant == 2
    assert counts.alarming_precision() == pytest.approx(1 / 3)
    assert counts.precision() == 1.0


def test_without_an_alarm_recall_is_zero_and_precision_undefined() -> None:
    """No alarm is right or wrong; none of the events is found."""
    counts = count_events(marked(50, [(10, 12)]), np.zeros(50))
    assert (counts.recall(), counts.f_beta()) == (0.0, 0.0)
    with pytest.raises(Undefined, match="No alarm was raised"):
        counts.precision()
    with pytest.raises(Undefined, match="No event was found"):
        counts.alarming_precision()
