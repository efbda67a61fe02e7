"""Conventions differ where they should, and the table says why."""

from __future__ import annotations

import numpy as np
import pytest

from core.calibration.conventions import CONVENTIONS, RULES
from core.calibration.metrics.battery import battery
from core.calibration.metrics.cuts import equal_width_cuts, equal_width_edges
from core.calibration.metrics.explain import OFFERED, explain_conventions, moved_rows
from core.calibration.metrics.pairs import Pairs
from core.calibration.predictions import from_logits, from_probabilities
from tests.core.calibration.metrics.cases import confident, hundredths, overconfident


def test_edges_of_a_bin() -> None:
    """A value on an edge belongs below, above, or alone: by the convention."""
    scores = np.array([0.0, 0.5, 0.5, 0.75, 1.0])
    pairs = Pairs(scores, np.zeros(5))
    cuts = {name: equal_width_cuts(pairs, 2, RULES[name]).tolist() for name in CONVENTIONS}
    assert cuts["study"] == cuts["sklearn"] == [0, 3, 5]
    assert cuts["netcal"] == [0, 1, 5]
    assert cuts["torchmetrics"] == [0, 1, 4, 5]


def test_last_digit_of_an_edge() -> None:
    """i/B and i * (1/B) differ in the last digit, and so does the bin of 0.3."""
    assert equal_width_edges(10, RULES["study"])[3] == 0.3
    assert equal_width_edges(10, RULES["netcal"])[3] != 0.3
    assert equal_width_edges(10, RULES["torchmetrics"]).dtype == np.float32


def test_scales() -> None:
    """The study's Brier score is the mean over classes, scikit-learn's the sum."""
    predictions = overconfident(n=100)
    values = {name: battery(predictions, convention=name, bins=[5]).set_index("metric").value for name in CONVENTIONS}
    assert values["sklearn"]["brier"] == pytest.approx(10 * values["study"]["brier"])


def test_clipping() -> None:
    """scikit-learn's NLL of float32 logits is bounded by its precision; the others' isn't."""
    predictions = from_logits(np.array([[0.0, 40.0], [0.0, 0.0]], dtype=np.float32), [0, 1])
    clipped = battery(predictions, convention="sklearn", bins=[5]).set_index("metric").value["nll"]
    honest = battery(predictions, bins=[5]).set_index("metric").value["nll"]
    assert clipped == pytest.approx((-np.log(np.finfo(np.float32).eps) + np.log(2)) / 2)
    assert honest == pytest.approx((40 + np.log(2)) / 2)


def test_every_metric_under_every_convention() -> None:
    """The table has one row for each metric and convention, with its value in the battery."""
    predictions = hundredths(n=400)
    table = explain_conventions(predictions, bins=20)
    assert table.columns.tolist() == ["metric", "convention", "value", "difference", "reason"]
    assert len(table) == 12 * len(CONVENTIONS)
    for name in CONVENTIONS:
        expected = battery(predictions, convention=name, bins=[20]).set_index("metric").value
        own = table[table.convention == name].set_index("metric").value
        np.testing.assert_allclose(own[expected.index], expected, rtol=1e-14)
    assert table.reason.str.endswith(".").all()


def test_reasons_count_the_rows() -> None:
    """On values that lie on edges the reasons count the rows that change their bin, and the ones apart."""
    table = explain_conventions(hundredths(n=400), bins=20).set_index(["metric", "convention"])
    edges = np.isin(hundredths(n=400).confidence, np.arange(1, 20) / 20).sum()
    assert f"{edges} rows lie on an edge" in table.reason["ece", "study"]
    assert "in another bin than in the study" in table.reason["ece", "netcal"]
    assert "a confidence of exactly 1, which gets a bin of its own" in table.reason["ece", "torchmetrics"]
    assert "5 times the study's mean" in table.reason["brier", "sklearn"]
    assert "doesn't offer it" in table.reason["cwce", "netcal"]


def test_reason_of_float32_sums() -> None:
    """Where no row changes its bin, the whole difference of torchmetrics is that of its float32 sums, and named so."""
    predictions = confident()
    row = explain_conventions(predictions).set_index(["metric", "convention"]).loc["ece", "torchmetrics"]
    assert f"in the order of the rows, moves the value by {row.difference:.2g}" in row.reason
    assert "no row changes its bin" not in row.reason


def test_ties_that_stop_netcal() -> None:
    """Where quantiles coincide, the reason says that netcal itself stops with an error."""
    fine, coarse = (
        explain_conventions(hundredths(n=400), bins=b).set_index(["metric", "convention"]) for b in (50, 20)
    )
    assert "netcal itself stops with an error" in fine.reason["ece_em", "netcal"]
    assert "netcal itself stops with an error" not in coarse.reason["ece_em", "netcal"]


def test_differences_have_reasons() -> None:
    """Where a library that offers a metric gives another value, the reason isn't that all agree."""
    table = explain_conventions(hundredths(n=400), bins=20)
    other = table[table.difference.abs() > 1e-12]
    assert len(other) >= 4
    for row in other.itertuples():
        assert row.metric in OFFERED[row.convention]
        assert "same definition everywhere" not in row.reason and "no row changes its bin" not in row.reason


def test_infinite_loss_differs_by_infinity_only_where_clipped() -> None:
    """Infinite values that agree have no difference."""
    wrong = from_probabilities([[0.6, 0.4], [1.0, 0.0], [0.3, 0.7]], [0, 1, 1])
    table = explain_conventions(wrong, bins=5).set_index(["metric", "convention"])
    assert table.difference["nll", "netcal"] == 0.0
    assert table.difference["nll", "sklearn"] == -np.inf


def test_moved_rows() -> None:
    """Rows that change their bin are counted by position."""
    assert moved_rows(np.array([0, 2, 5]), np.array([0, 3, 5])) == 1
    assert moved_rows(np.array([0, 2, 5]), np.array([0, 2, 5])) == 0
