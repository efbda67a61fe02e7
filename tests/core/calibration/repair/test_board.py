from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import numpy as np
import pytest

from core.calibration.metrics.battery import battery
from core.calibration.predictions import from_logits, from_probabilities
from core.calibration.repair.board import COLUMNS, board, compare
from core.calibration.repair.methods import METHODS, available_methods, method_named
from core.calibration.repair.peers import PEERS
from core.calibration.repair.split import Split, split
from core.errors import BadInput

QUICK = tuple(method_named(name) for name in ("temperature", "vector", "isotonic", "histogram", "platt"))


@pytest.fixture
def parts(overconfident):
    model = overconfident(1200, 4, 3.0, seed=0)
    return split(from_logits(model.logits, model.labels), 0.5, seed=1)


def test_the_board_is_ranked_by_likelihood(parts):
    """One row a method and one for no repair, best NLL first, infinite NLL last."""
    table = board(parts.fit, parts.report, QUICK)
    assert tuple(table.columns) == COLUMNS
    assert sorted(table["method"]) == sorted(["none", *(method.name for method in QUICK)])
    assert table["nll"].is_monotonic_increasing
    assert table["method"].iloc[0] in ("temperature", "vector", "platt")


def test_infinite_likelihood_is_flagged_and_not_clipped(parts):
    """A repair that gives labels probability zero has infinite NLL, the number of such rows, and a note."""
    table = board(parts.fit, parts.report, QUICK).set_index("method")
    p = method_named("isotonic").fit(parts.fit.logits, parts.fit.labels).apply(parts.report.logits)
    zeros = int((p[np.arange(parts.report.n), parts.report.labels] == 0).sum())
    assert zeros > 0
    assert table.loc["isotonic", "nll"] == np.inf
    assert table.loc["isotonic", "infinite_nll"] == zeros
    assert f"{zeros} labels probability zero" in table.loc["isotonic", "note"]
    assert table.loc["temperature", "infinite_nll"] == 0


def test_values_are_those_of_the_battery_on_the_same_rows(parts):
    """The model before and after a repair is measured on the report rows, with the metrics of the battery."""
    table = board(parts.fit, parts.report, QUICK[:1]).set_index("method")
    repaired = method_named("temperature").fit(parts.fit.logits, parts.fit.labels).apply(parts.report.logits)
    for stage, predictions in (
        ("none", parts.report),
        ("temperature", from_probabilities(repaired, parts.report.labels)),
    ):
        values = battery(predictions, bins=[15]).set_index("metric")["value"]
        for column, metric in (("nll", "nll"), ("ece_15", "ece"), ("ece_em_15", "ece_em"), ("auroc", "auroc")):
            assert table.loc[stage, column] == pytest.approx(values[metric], rel=1e-9)
        assert table.loc[stage, "brier"] == pytest.approx(4 * values["brier"], rel=1e-9)  # theirs is the mean over K
        assert table.loc[stage, "accuracy"] == predictions.correct.mean()


def test_the_smallest_calibration_error_may_have_the_worst_ranking():
    """Why the board isn't ranked by ECE: one bin for all, the base rate, has ECE near zero, and AUROC one half."""
    generator = np.random.default_rng(2)
    c = generator.uniform(0.5, 1.0, 20000)
    right = generator.random(20000) < c
    flat = from_probabilities(np.full((20000, 2), [right.mean(), 1 - right.mean()]), (~right).astype(int))
    values = battery(flat, bins=[15]).set_index("metric")["value"]
    assert values["ece"] < 1e-9 and values["auroc"] == 0.5


def test_a_method_that_cannot_be_fitted_is_listed_with_its_reason(overconfident):
    """The other methods still run; the one that can't has no values, comes last, and says why."""
    model = overconfident(300, 4, 2.0, seed=3)
    few = from_logits(model.logits[:100], np.minimum(model.labels[:100], 2))
    table = board(few, from_logits(model.logits[100:], model.labels[100:]), QUICK)
    last = table.iloc[-1]
    assert last["method"] == "platt" and np.isnan(last["nll"])
    assert last["note"].startswith("Not fitted: platt: class 3 has no row in the fit part")


def test_fit_rows_are_not_reported_on(parts):
    """The same rows as fit part and as report part are refused, as are parts of different models."""
    with pytest.raises(BadInput, match="its rows are those to report on"):
        board(parts.fit, parts.fit, QUICK)
    other = from_logits(np.arange(12.0).reshape(4, 3) + 2, np.array([0, 1, 2, 0]))
    with pytest.raises(BadInput, match="3 classes were found, 4 in the rows to report on"):
        board(other, parts.report, QUICK)


def test_what_a_comparison_keeps(parts):
    """The fitted repairs and the entropies stand beside the table, for every method that could be fitted."""
    found = compare(Split(parts.fit, parts.report), QUICK)
    assert set(found.fitted) == {method.name for method in QUICK}
    assert set(found.entropies["method"]) == {"none", *found.fitted}
    assert found.entropies.groupby("method")["share"].sum().to_numpy() == pytest.approx(1.0)


def test_all_right_has_no_ranking(overconfident):
    """When every report row is right AUROC doesn't exist: it is missing, not 0 or 1."""
    model = overconfident(200, 3, 1.0, seed=4)
    right = from_logits(model.logits[:100], model.logits[:100].argmax(axis=1))
    table = board(from_logits(model.logits[100:], model.labels[100:]), right, QUICK[:1])
    assert table["auroc"].isna().all()


def test_fitted_on_probabilities_alone(parts):
    """Without logits every method runs on log-probabilities, and those that differ say so."""
    alone = [from_probabilities(part.probabilities, part.labels) for part in (parts.fit, parts.report)]
    table = board(*alone, QUICK).set_index("method")
    assert "no logits are known" in table.loc["vector", "note"]
    assert table.loc["temperature", "note"] == ""
    assert table.loc["temperature", "nll"] == pytest.approx(
        board(parts.fit, parts.report, QUICK[:1]).set_index("method").loc["temperature", "nll"], rel=1e-6
    )


def test_optional_packages_are_listed_only_where_installed():
    """A method of an optional package stands in the list with the package's version, or not at all."""
    listed = {method.name: method for method in available_methods()}
    assert set(listed) >= {method.name for method in METHODS}
    for peer in PEERS:
        try:
            expected = f"({peer.package} {version(peer.package)})"
        except PackageNotFoundError:
            assert peer.name not in listed
        else:
            assert listed[peer.name].title.endswith(expected)


def test_a_constant_predictor_is_repaired(parts):
    """Its rows look alike in both parts, and the labels still say which are disjoint; nothing is refused."""
    constant = from_probabilities(np.full((40, 4), 0.25), np.arange(40) % 4)
    table = board(constant.rows(np.arange(20)), constant.rows(np.arange(20, 40)), QUICK[:1])
    assert table.set_index("method").accuracy["none"] == 0.25
