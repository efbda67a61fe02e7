"""Scores against the planted events, on cases that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.telemetry.synthetic.euclid_like import euclid_like
from core.telemetry.synthetic.truth_scores import difference_detections, score_truth

STEP = 600.0  # seconds: an hour is 6 rows
TRUTH = pd.DataFrame(
    {
        "event": [1, 2, 3, 4],
        "parameter": ["a", "a", "b", "b"],
        "kind": ["caused", "sensor_only", "caused", "sensor_only"],
        "cause": ["heater", "", "sun", ""],
        "proxies": ["", "", "panel", ""],
        "start_row": [100, 200, 300, 400],
        "end_row": [110, 210, 310, 410],
    }
)
EFFECTS = np.array([[2.0, 0.2], [1.0, 0.0], [0.01, 3.0], [0.0, 1.0]])


def _events(*rows: tuple[str, int, int, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["parameter", "rank", "peak_row", "explained_share"])


def _attributions(**order: list[str]) -> pd.DataFrame:
    """`a1=[...]`: the covariates of detection 1 of parameter a, most important first."""
    rows = [
        (key[0], int(key[1:]), name, place) for key, names in order.items() for place, name in enumerate(names, start=1)
    ]
    return pd.DataFrame(rows, columns=["parameter", "rank", "covariate", "order"])


def test_recall_counts_own_events_within_an_hour() -> None:
    """An event is found by a peak of its own parameter from an hour before its start to an hour after its end."""
    events = _events(("a", 1, 94, 0.5), ("a", 2, 217, 0.0), ("b", 1, 316, 0.5), ("b", 2, 105, 0.0))
    scores = score_truth(TRUTH, EFFECTS, ["a", "b"], STEP, events)
    assert scores.found.found.tolist() == [True, False, True, False]
    assert scores.recall == 0.5


def test_only_three_detections_count() -> None:
    """A fourth detection of a parameter finds nothing and spoils nothing."""
    events = _events(("a", 1, 1, 0.0), ("a", 2, 2, 0.0), ("a", 3, 3, 0.0), ("a", 4, 105, 0.0))
    scores = score_truth(TRUTH, EFFECTS, ["a", "b"], STEP, events)
    assert (scores.recall, scores.precision) == (0, 0)


def test_precision_counts_any_event_that_is_felt() -> None:
    """A detection is right where any event has more than 0.05 K effect on its parameter."""
    events = _events(("b", 1, 105, 0.0), ("a", 1, 305, 0.0), ("a", 2, 205, 0.0), ("b", 2, 205, 0.0))
    assert score_truth(TRUTH, EFFECTS, ["a", "b"], STEP, events).precision == 0.5


def test_hits_count_cause_or_proxy_of_found_caused_events() -> None:
    """The cause or its proxy among the first one or three covariates; faults of the sensor have no cause."""
    events = _events(("a", 1, 105, 0.5), ("b", 1, 305, 0.4), ("a", 2, 205, 0.0), ("b", 2, 405, 0.1))
    explained = _attributions(
        a1=["sun", "panel", "heater", "wheel"], b1=["panel", "sun"], a2=["heater", "sun"], b2=["sun"]
    )
    scores = score_truth(TRUTH, EFFECTS, ["a", "b"], STEP, events, explained)
    assert (scores.recall, scores.hit_1, scores.hit_3) == (1.0, 0.5, 1.0)
    assert scores.found.place.tolist() == [3, 0, 1, 0]


def test_share_separates_caused_from_sensor_faults() -> None:
    """The AUROC is the share of pairs in which the caused event has the larger explained share."""
    events = _events(("a", 1, 105, 0.5), ("b", 1, 305, 0.1), ("a", 2, 205, 0.2), ("b", 2, 405, 0.1))
    assert score_truth(TRUTH, EFFECTS, ["a", "b"], STEP, events).share_auroc == pytest.approx((1 + 1 + 0 + 0.5) / 4)


def test_nothing_detected_has_no_precision() -> None:
    """What can't be said is None, never 0."""
    scores = score_truth(TRUTH, EFFECTS, ["a", "b"], STEP, _events())
    assert scores.recall == 0
    assert scores.precision is scores.hit_1 is scores.hit_3 is scores.share_auroc is None


def test_difference_baseline_is_as_good_as_specified() -> None:
    """The largest hourly differences alone find 0.91 to 0.94 of the events at the full amplitude."""
    given = euclid_like(seed=0)
    detections = difference_detections(given.grid, given.targets, given.training_rows)
    scores = score_truth(given.truth, given.effects, given.targets, given.grid.step, detections)
    assert scores.recall == pytest.approx(0.925, abs=0.016)
    assert len(detections) == 33
    assert detections.peak_row.min() >= given.training_rows


def test_difference_baseline_leaves_half_a_day_around_each() -> None:
    """Its detections of one parameter lie more than 12 hours apart."""
    given = euclid_like(seed=1, minutes=10, days=120)
    detections = difference_detections(given.grid, ["M1"], given.training_rows, top=6)
    assert np.diff(np.sort(detections.peak_row)).min() > 72
