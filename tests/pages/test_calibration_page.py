"""The page of calibration: its four modes, repairs to take away, figures in tabs, and the holdout ledger."""

from __future__ import annotations

import time

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from core.analysis import Figure, parse_params
from core.calibration.analysis import ANALYSIS
from core.export.figures import figure_json
from core.provenance import provenance
from core.serial import serially
from core.sources import builtin_sources
from core.store.jobs import claim_job, finish_job
from core.store.results import save_result
from core.store.runs import submit
from tests.pages.conftest import RUNNER, Desk, words

PAGE = "calibration.py"


def predictions(name: str = "overconfident"):
    return next(one for one in builtin_sources("predictions") if one.name == name)


def press(app: AppTest, label: str) -> AppTest:
    """Clicks the button of this name."""
    return next(button for button in app.button if button.label == label).click().run()


@pytest.mark.parametrize("mode", ["evaluate", "repair", "population", "holdout"])
def test_each_mode_can_be_asked_at_once(desk: Desk, mode: str):
    """With built-in inputs every mode has a form that can be run, with an estimate."""
    app = desk.open(PAGE, {"mode": mode})
    run = next(button for button in app.button if button.label == "Run")
    assert not run.disabled
    assert "of computing" in words(app)
    assert ("Holdout ledger" in words(app)) == (mode == "holdout")


def test_a_repair_can_be_taken_away(desk: Desk):
    """A finished comparison offers each fitted repair as a file with its snippet."""
    params = parse_params(ANALYSIS.params, {"mode": "repair", "methods": "temperature,vector"})
    inputs = {"predictions": predictions()}
    run = submit(desk.store, desk.workspace, ANALYSIS, params, inputs)
    claim_job(desk.store, RUNNER)
    result = serially(ANALYSIS, params, inputs)
    plot = go.Figure(go.Scatter(x=[1], y=[1]))
    tabs = {
        name: figure_json(Figure(name, plot, "Read it.", "n = 1.", "A point.", "A paper.", group))
        for name, group in (("main", ""), ("first", "Tab one"), ("second", "Tab two"), ("third", "Tab two"))
    }
    save_result(desk.store, ANALYSIS, params, inputs, result, provenance("cpu", time.time(), 1.0), tabs)
    finish_job(desk.store, RUNNER, run.key, "cpu")
    app = desk.open(PAGE, {"run": run.id})
    assert "Take the repair with you" in words(app)
    assert any("repair.json" in code.value for code in app.code)
    assert [tab.label for tab in app.tabs] == ["Tab one", "Tab two"]


def test_a_holdout_is_stored_asked_and_written_down(desk: Desk):
    """Stored once, a holdout answers, says what it cost, and the ledger has the line; the same again is free."""
    app = press(desk.open(PAGE, {"mode": "holdout"}), "Store it")
    assert "Questions answered" in words(app)
    app = press(app, "Ask")
    assert "Accuracy" in app.info[0].value
    assert app.dataframe[0].value.iloc[0]["Question"] == "Accuracy"
    app = press(app, "Ask")
    assert "free" in app.info[0].value and len(app.dataframe[0].value) == 1


def test_the_same_labels_are_stored_once(desk: Desk):
    """A second holdout of the same labels would be a second budget and is refused."""
    press(desk.open(PAGE, {"mode": "holdout"}), "Store it")
    app = press(desk.open(PAGE, {"mode": "holdout"}), "Store it")
    assert "stored already" in app.error[0].value


def test_nobody_sees_another_workspaces_holdout(desk: Desk):
    """An id or a token that was guessed finds nothing."""
    for query in ({"holdout": "guessed"}, {"ask": "guessed"}):
        assert desk.open(PAGE, query).error[0].value.startswith("Not found")


def test_a_table_can_describe_the_models(desk: Desk):
    """A csv of one's own is offered as model table, and as nothing else of this page."""
    desk.bring("models.csv", b"id,width\na,1\nb,2\n")
    app = desk.open(PAGE, {"mode": "population"})
    offered = {box.label: box.options for box in app.selectbox}
    assert "models.csv" in offered["Model table"]
    assert "models.csv" not in offered["Population"]
