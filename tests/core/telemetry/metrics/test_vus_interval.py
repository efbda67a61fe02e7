"""The bootstrap over events."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest

from core.telemetry.metrics.range_areas import DEFINITIONS
from core.telemetry.metrics.range_tally import Tally, sample_thresholds, tally
from core.telemetry.metrics.undefined import Undefined
from core.telemetry.metrics.vus import vus
from core.telemetry.metrics.vus_interval import MOST_UNITS, stretches, vus_interval
from tests.core.telemetry.metrics.cases import marked, scored

EVENTS = [(40, 50), (95, 95), (100, 120), (260, 261), (330, 345)]


def of_stretches(window: int, delay: int) -> tuple[Tally, list[Tally], np.ndarray, np.ndarray, np.ndarray]:
    labels, scores = scored(marked(400, EVENTS), 3)
    thresholds, cuts = sample_thresholds(scores), stretches(labels, window)
    parts = [tally(labels[a:b], scores[a:b], thresholds, window, delay) for a, b in pairwise(cuts)]
    return tally(labels, scores, thresholds, window, delay), parts, cuts, labels, scores


@pytest.mark.parametrize("delay", [0, 1])
def test_counts_of_the_stretches_add_up(delay: int) -> None:
    """No slope reaches over a cut: each once, the stretches give the counts of the whole series."""
    whole, parts, *_ = of_stretches(21, delay)
    for name in (field.name for field in fields(Tally)):
        np.testing.assert_allclose(sum(getattr(part, name) for part in parts), getattr(whole, name), atol=1e-10)


@pytest.mark.parametrize("definition", ["tsb_ad", "aeon"])
def test_a_resample_is_the_series_of_the_stretches_drawn(definition: str) -> None:
    """Adding counts of the drawn stretches is the same as joining the stretches one behind the other."""
    chosen = DEFINITIONS[definition]  # type: ignore[index]
    _, parts, cuts, labels, scores = of_stretches(21, chosen.delay)
    draw = [2, 0, 2, 1]
    joined = np.concatenate([np.arange(cuts[i], cuts[i + 1]) for i in draw])
    direct = tally(labels[joined], scores[joined], sample_thresholds(scores), 21, chosen.delay)
    for field in fields(Tally):
        added = sum(getattr(parts[i], field.name) for i in draw)
        np.testing.assert_allclose(added, getattr(direct, field.name), atol=1e-10)


def test_events_that_grow_together_stay_together() -> None:
    """The cuts lie in the middle between events, except between events whose slopes meet at the widest window."""
    labels = marked(400, EVENTS)
    assert list(stretches(labels, 21)) == [0, 73, 190, 296, 400]
    assert list(stretches(labels, 4)) == [0, 73, 98, 190, 296, 400]
    assert list(stretches(labels, 200)) == [0, 400]
    assert len(stretches(np.arange(4000) % 10 == 5, 0)) == MOST_UNITS + 1


def test_events_that_are_alike_leave_no_doubt() -> None:
    """Where every stretch is the same, so is every resample, and both ends are the volume itself."""
    labels = np.tile(marked(101, [(45, 55)]), 6)
    scores = np.tile(np.random.default_rng(1).random(101), 6)
    for definition in ("tsb_ad", "aeon"):
        found, interval = vus(labels, scores, 20, definition), vus_interval(labels, scores, 20, definition)  # type: ignore[arg-type]
        assert interval.pr == pytest.approx((found.pr, found.pr), abs=1e-12)
        assert interval.roc == pytest.approx((found.roc, found.roc), abs=1e-12)
        assert interval.units == 6


def test_the_interval_lies_around_the_volume_and_shrinks_with_the_level() -> None:
    """Found and missed events spread the resamples around the estimate; the same seed draws the same."""
    labels = np.tile(marked(100, [(45, 55)]), 20)
    found_half = labels & (np.arange(2000) % 200 < 100)
    scores = found_half + np.random.default_rng(2).random(2000)
    estimate = vus(labels, scores, 20).pr
    wide, narrow = (vus_interval(labels, scores, 20, level=level, seed=4) for level in (0.95, 0.5))
    assert wide.pr[0] < narrow.pr[0] < estimate < narrow.pr[1] < wide.pr[1]
    assert wide == vus_interval(labels, scores, 20, seed=4)


def test_one_event_has_no_interval() -> None:
    """How much events differ can't be told from one of them."""
    with pytest.raises(Undefined, match="one event only"):
        vus_interval(*scored(marked(200, [(90, 99)]), 0))
