"""All metrics side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.telemetry.metrics.auc import auc_pr
from core.telemetry.metrics.esa_events import count_events
from core.telemetry.metrics.score_table import COLUMNS, score_table
from core.telemetry.metrics.vus import vus
from core.telemetry.metrics.vus_interval import vus_interval
from tests.core.telemetry.metrics.cases import marked, scored

LABELS, SCORES = scored(np.tile(marked(200, [(90, 109)]), 5), 1)
ALARMS = SCORES > 1.1
OF_SCORES = {("vus_pr", "tsb_ad"), ("vus_roc", "tsb_ad"), ("vus_pr", "aeon"), ("vus_roc", "aeon")}
OF_SCORES |= {("auc_pr", "row"), ("auc_roc", "row")}
ESA = ("event_f05", "event_precision", "event_recall", "alarming_precision", "adtqc", "adtqc_after_share")
OF_ALARMS = {(metric, "esa_adb") for metric in ESA} | {("point_f1", "row")}
OF_ALARMS |= {(f"affiliation_{part}", "huet_2022") for part in ("precision", "recall", "f1")}


def one(table: pd.DataFrame, method: str, metric: str, definition: str) -> pd.Series:
    rows = table[(table.method == method) & (table.metric == metric) & (table.definition == definition)]
    assert len(rows) == 1
    return rows.iloc[0]


def test_every_metric_of_every_method_stands_in_it_once() -> None:
    """Methods with alarms have all metrics, those without the ones of scores; a random method and the base rate too."""
    table = score_table(LABELS, {"ours": SCORES, "other": -SCORES}, {"ours": ALARMS}, window=20, resamples=20)
    assert tuple(table.columns) == COLUMNS
    pairs = {method: set(zip(part.metric, part.definition, strict=True)) for method, part in table.groupby("method")}
    assert pairs == {
        "labels": {("base_rate", "row")},
        "ours": OF_SCORES | OF_ALARMS,
        "other": OF_SCORES,
        "random": OF_SCORES | OF_ALARMS,
    }
    assert not table.duplicated(["method", "metric", "definition"]).any()
    assert one(table, "labels", "base_rate", "row").value == 0.1


def test_values_are_those_of_the_metrics() -> None:
    """The table computes nothing of its own, and names the window of each VUS."""
    table = score_table(LABELS, {"ours": SCORES}, {"ours": ALARMS}, window=20, resamples=30, seed=7)
    row = one(table, "ours", "vus_pr", "aeon")
    assert row.value == vus(LABELS, SCORES, 20, "aeon").pr
    assert (row.low, row.high) == vus_interval(LABELS, SCORES, 20, "aeon", resamples=30, seed=7).pr
    assert "window 20 rows" in row.note
    assert one(table, "ours", "auc_pr", "row").value == auc_pr(LABELS, SCORES)
    assert one(table, "ours", "event_f05", "esa_adb").value == count_events(LABELS, ALARMS).f_beta(0.5)
    assert "every row would get 0.182" in one(table, "ours", "point_f1", "row").note


def test_the_random_method_raises_as_many_alarm_rows() -> None:
    """Its alarms fall anywhere, so it shows the floor of each metric at the same number of alarm rows."""
    table = score_table(LABELS, {"ours": SCORES}, {"ours": ALARMS}, resamples=0)
    assert one(table, "random", "auc_roc", "row").value == pytest.approx(0.5, abs=0.06)
    assert one(table, "random", "affiliation_precision", "huet_2022").value == pytest.approx(0.5, abs=0.1)
    assert list(table.method.unique())[-1] == "random"


def test_given_random_scores_are_kept() -> None:
    """A random method of the caller's keeps its scores and goes last."""
    mine = np.random.default_rng(5).random(LABELS.size)
    table = score_table(LABELS, {"random": mine, "ours": SCORES}, {}, resamples=0)
    assert list(table.method.unique()) == ["labels", "ours", "random"]
    assert one(table, "random", "auc_pr", "row").value == auc_pr(LABELS, mine)


def test_what_is_undefined_has_a_reason_and_no_value() -> None:
    """Labels without an event leave every value missing, never zero; the note says why."""
    table = score_table(np.zeros(1000), {"ours": SCORES}, {"ours": ALARMS}, resamples=20)
    assert table.value.isna().all()
    assert table.note.str.startswith("undefined: No row is labelled").all()


def test_one_event_has_values_without_intervals() -> None:
    """The volume is defined with one event, its interval isn't; missing scores are counted in the note."""
    labels, scores = scored(marked(300, [(100, 120)]), 2)
    scores[:7] = np.nan
    row = one(score_table(labels, {"ours": scores}, {}), "ours", "vus_pr", "tsb_ad")
    assert row.value == vus(labels, scores).pr
    assert np.isnan(row.low)
    assert np.isnan(row.high)
    assert "no interval: There is one event only" in row.note
    assert "7 rows without a score" in row.note
