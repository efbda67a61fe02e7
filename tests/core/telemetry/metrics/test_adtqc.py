"""Timing quality."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.telemetry.metrics.adtqc import adtqc, timing_curve
from core.telemetry.metrics.undefined import Undefined
from tests.core.telemetry.metrics import naive
from tests.core.telemetry.metrics.cases import ALARMS, alarm_case, marked


@pytest.mark.parametrize("case", [*ALARMS, *range(100, 120)])
def test_quality_is_its_definition(case: str | int) -> None:
    """Quality of each event is what the curve gives for the first alarm that meets it."""
    labels, alarms = ALARMS[case]() if isinstance(case, str) else alarm_case(case)
    expected = naive.timing(labels, alarms)
    if all(value is None for value in expected):
        with pytest.raises(Undefined):
            adtqc(labels, alarms)
        return
    found = adtqc(labels, alarms)
    np.testing.assert_allclose(found.quality, [np.nan if v is None else v for v in expected], atol=1e-12)
    assert found.score == pytest.approx(np.nanmean(found.quality))


def test_known_points_of_the_curve() -> None:
    """1 at the start, 1/2 in the middle, (1/2)^e half the allowance early, 0 beyond the allowance and at the end."""
    x = np.array([0.0, 5.0, -4.0, -8.0, -20.0, 10.0])
    expected = [1.0, 0.5, 0.5**math.e, 0.0, 0.0, 0.0]
    np.testing.assert_allclose(timing_curve(x, np.full(6, 8.0), np.full(6, 10.0)), expected, atol=1e-15)


def test_early_alarms_belong_to_the_event_before() -> None:
    """An alarm may begin no earlier than the event before, however long the event is."""
    labels = marked(60, [(20, 22), (30, 49)])
    found = adtqc(labels, marked(60, [(24, 35)]))  # 6 rows early, where 10 are allowed
    assert found.latency[1] == -6
    assert found.quality[1] == pytest.approx(0.4**math.e)
    assert np.isnan(found.quality[0])
    assert found.after_share == 0.0


def test_no_alarm_no_timing() -> None:
    """Without a found event timing has no value."""
    with pytest.raises(Undefined, match="No alarm was raised"):
        adtqc(marked(50, [(10, 12)]), np.zeros(50))
    with pytest.raises(Undefined, match="No event was found"):
        adtqc(marked(50, [(10, 12)]), marked(50, [(30, 31)]))
