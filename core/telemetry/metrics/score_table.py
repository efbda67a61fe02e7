"""All metrics of some detectors side by side, never without a random one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np
import pandas as pd

from core.telemetry.metrics.adtqc import adtqc
from core.telemetry.metrics.affiliation import affiliation
from core.telemetry.metrics.auc import auc_pr, auc_roc
from core.telemetry.metrics.base_rate import base_rate
from core.telemetry.metrics.esa_events import count_events
from core.telemetry.metrics.point_f1 import point_f1
from core.telemetry.metrics.range_areas import DEFINITIONS, VusDefinition
from core.telemetry.metrics.undefined import Undefined
from core.telemetry.metrics.vus import vus
from core.telemetry.metrics.vus_interval import vus_interval

RANDOM = "random"
LABELS = "labels"
LEVEL = 0.95
COLUMNS = ("method", "metric", "definition", "value", "low", "high", "note")


_Row = tuple[str, str, float, float, float, str]  # all but the method


def score_table(
    labels: np.ndarray,
    scores: Mapping[str, np.ndarray],
    alarms: Mapping[str, np.ndarray],
    window: int = 100,
    resamples: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
    """Every metric of every method: columns method, metric, definition, value, low, high, note.

    - vus_pr, vus_roc, definition "tsb_ad" and "aeon", with a 95 % bootstrap interval over events (`vus_interval`)
    - auc_pr (average precision), auc_roc, definition "row"
    - of methods with alarms: event_f05, event_precision, event_recall, alarming_precision, adtqc, adtqc_after_share,
      definition "esa_adb"; affiliation_precision, affiliation_recall, affiliation_f1, definition "huet_2022";
      point_f1, definition "row"
    - base_rate of the method "labels"

    There is always a method "random", the last: scores that are uniform if none are given, and as many alarm rows as
    the first other method raises, wherever they fall. What is undefined has no value, and the note says why.

    Args:
        labels: [rows] bool or 0 and 1.
        scores: of each method, [rows], higher = more anomalous, NaN without a score.
        alarms: of some of the methods, [rows] bool, from thresholds that were set without the labels.
        window: of the VUS, in rows.
        resamples: draws behind each interval; 0 leaves the intervals out.
        seed: of the draws and of the random method.

    Raises:
        BadInput: sizes, labels or window that can't be used.
    """
    scores, alarms = _with_random(len(labels), scores, alarms, seed)
    value, reason = _value(lambda: base_rate(labels))
    rows = [(LABELS, ("base_rate", "row", value, np.nan, np.nan, reason or "what a random score gets as auc_pr"))]
    for method, found in scores.items():
        rows += [(method, row) for row in _of_scores(labels, found, window, resamples, seed)]
        if method in alarms:
            rows += [(method, row) for row in _of_alarms(labels, alarms[method])]
    return pd.DataFrame([(method, *row) for method, row in rows], columns=list(COLUMNS))


def _with_random(
    rows: int, scores: Mapping[str, np.ndarray], alarms: Mapping[str, np.ndarray], seed: int
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    rng = np.random.default_rng(seed)
    scores = {RANDOM: rng.random(rows)} | dict(scores)
    scores[RANDOM] = scores.pop(RANDOM)  # the last row of the table
    raised = [int(np.count_nonzero(rows_of)) for method, rows_of in alarms.items() if method != RANDOM]
    if not raised:
        return scores, dict(alarms)
    return scores, {**alarms, RANDOM: np.isin(np.arange(rows), rng.choice(rows, raised[0], replace=False))}


def _of_scores(labels: np.ndarray, scores: np.ndarray, window: int, resamples: int, seed: int) -> Iterator[_Row]:
    for definition in DEFINITIONS:
        yield from _vus(labels, scores, window, definition, resamples, seed)
    for name, area in (("auc_pr", auc_pr), ("auc_roc", auc_roc)):
        value, reason = _value(partial(area, labels, scores))
        yield (name, "row", value, np.nan, np.nan, reason)


def _vus(
    labels: np.ndarray, scores: np.ndarray, window: int, definition: VusDefinition, resamples: int, seed: int
) -> Iterator[_Row]:
    note = f"window {window} rows"
    missing = int(np.count_nonzero(np.isnan(scores)))
    if missing:
        note += f"; {missing} rows without a score rank last"
    values = low = high = (np.nan, np.nan)
    try:
        found = vus(labels, scores, window, definition)
        values = found.pr, found.roc
    except Undefined as reason:
        note = f"undefined: {reason}"
    else:
        if resamples:
            try:
                interval = vus_interval(labels, scores, window, definition, resamples, LEVEL, seed)
            except Undefined as reason:
                note += f"; no interval: {reason}"
            else:
                low, high = zip(interval.pr, interval.roc, strict=True)
                note += f"; {LEVEL:.0%} of {resamples} resamples of {interval.units} events or groups of events"
    for name, value, start, end in zip(("vus_pr", "vus_roc"), values, low, high, strict=True):
        yield (name, definition, value, start, end, note)


def _of_alarms(labels: np.ndarray, alarms: np.ndarray) -> Iterator[_Row]:
    esa: dict[str, Callable[[], float]] = {
        "event_f05": lambda: count_events(labels, alarms).f_beta(0.5),
        "event_precision": lambda: count_events(labels, alarms).precision(),
        "event_recall": lambda: count_events(labels, alarms).recall(),
        "alarming_precision": lambda: count_events(labels, alarms).alarming_precision(),
        "adtqc": lambda: adtqc(labels, alarms).score,
        "adtqc_after_share": lambda: adtqc(labels, alarms).after_share,
    }
    huet: dict[str, Callable[[], float]] = {
        "affiliation_precision": lambda: affiliation(labels, alarms).precision,
        "affiliation_recall": lambda: affiliation(labels, alarms).recall,
        "affiliation_f1": lambda: affiliation(labels, alarms).f1(),
    }
    for definition, measures, note in (
        ("esa_adb", esa, ""),
        ("huet_2022", huet, "compare with the random method: the floor is high"),
    ):
        for name, compute in measures.items():
            value, reason = _value(compute)
            yield (name, definition, value, np.nan, np.nan, reason or note)
    value, reason = _value(lambda: point_f1(labels, alarms).f1)
    everywhere = reason or f"an alarm on every row would get {point_f1(labels, alarms).everywhere:.3f}"
    yield ("point_f1", "row", value, np.nan, np.nan, everywhere)


def _value(compute: Callable[[], float]) -> tuple[float, str]:
    """The value, or NaN and the reason."""
    try:
        return compute(), ""
    except Undefined as reason:
        return np.nan, f"undefined: {reason}"
