"""Affiliation precision and recall."""

from __future__ import annotations

import numpy as np
import pytest

from core.telemetry.metrics.affiliation import affiliation
from core.telemetry.metrics.undefined import Undefined
from tests.core.telemetry.metrics import naive
from tests.core.telemetry.metrics.cases import ALARMS, marked


@pytest.mark.parametrize("case", ["one over two events", "three on one event", "beside the events", "early"])
def test_integrals_are_their_definition(case: str) -> None:
    """The exact integrals are what counting random points of each zone gives, up to the grid of the points."""
    labels, alarms = ALARMS[case]()
    found = affiliation(labels, alarms)
    assert (found.precision, found.recall) == pytest.approx(naive.affiliation(labels, alarms), abs=2e-3)


def test_by_hand() -> None:
    """Ten rows, an event on [4, 6), an alarm on [0, 1).

    Precision: at the distance d a random point is nearer with (2 + 2 d) / 10, so 1 - 0.9 at the mean d = 3.5. Recall:
    the integral over [4, 5.5) of 1 - (2 a - 2) / 10 and over [5.5, 6) of 0.1, divided by 2.
    """
    found = affiliation(marked(10, [(4, 5)]), marked(10, [(0, 0)]))
    assert found.precision == pytest.approx(0.1, abs=1e-15)
    assert found.recall == pytest.approx((0.375 + 0.05) / 2, abs=1e-15)


def test_the_floor_is_high() -> None:
    """Random alarms get about 1/2 and nearly 1; inverted ones still have an F1 above 0.6. So never read it alone."""
    labels = np.tile(marked(200, [(95, 99)]), 20)
    random = affiliation(labels, np.random.default_rng(0).random(labels.size) < 0.1)
    assert random.precision == pytest.approx(0.5, abs=0.03)
    assert random.recall > 0.9
    assert affiliation(labels, ~labels).f1() > 0.6
    assert affiliation(labels, labels).f1() == 1.0


def test_without_an_alarm() -> None:
    """No alarm has no distance."""
    with pytest.raises(Undefined, match="No alarm was raised"):
        affiliation(marked(50, [(10, 12)]), np.zeros(50))
