"""Which parameters are named first."""

from __future__ import annotations

import pytest

from core.telemetry.metrics.hit_rate import hit_at, hit_rate
from core.telemetry.metrics.undefined import Undefined


def test_hit_rate_counts_the_first_as_many_as_are_true() -> None:
    """Three are true: HitRate@100 looks at the first three, HitRate@150 at the first four of the ranking."""
    ranked, truth = ["a", "x", "b", "c", "y"], {"a", "b", "c"}
    assert hit_rate(ranked, truth) == pytest.approx(2 / 3)
    assert hit_rate(ranked, truth, 150) == 1.0
    assert hit_rate(["x", "y"], truth) == 0.0


def test_hit_at_k() -> None:
    """Any accepted name of the cause among the first k is a hit."""
    assert hit_at(["sa_current", "att_saa"], {"att_saa", "sa_current"}, 1)
    assert not hit_at(["tx_on", "att_saa"], {"att_saa"}, 1)
    assert hit_at(["tx_on", "att_saa"], {"att_saa"}, 2)


def test_nothing_true_is_undefined() -> None:
    """A sensor fault has no cause among the covariates."""
    with pytest.raises(Undefined, match="No cause is known"):
        hit_at(["a"], set(), 1)
    with pytest.raises(Undefined, match="No parameter is known"):
        hit_rate(["a"], [])
