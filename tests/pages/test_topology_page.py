"""The page of topology: its form, its example, and a result."""

from __future__ import annotations

import time

import pytest
from streamlit.testing.v1 import AppTest

from core.analysis import parse_params
from core.catalog import analysis_by_slug
from core.examples import EXAMPLES, example_inputs
from core.export.figures import figures_json
from core.provenance import provenance
from core.sources import open_source
from core.store.jobs import claim_job, finish_job
from core.store.results import save_result
from core.store.runs import list_runs, submit
from pages.parts.input_picker import options_for
from tests.core.topology.running import ask
from tests.pages.conftest import RUNNER, Desk, words

PAGE = "topology.py"
ANALYSIS = analysis_by_slug("topology")
FEW = {"mode": "describe", "resolution": "6", "landscape_resolution": "3"}


def test_a_description_can_be_asked_at_once(desk: Desk) -> None:
    """With built-in shapes the form can be run, with an estimate; function and labels may stay empty."""
    app = desk.open(PAGE, {"mode": "describe"})
    assert [title.value for title in app.title] == [ANALYSIS.question]
    run = next(button for button in app.button if button.label == "Run")
    assert not run.disabled
    assert "of computing" in words(app)
    assert example_inputs(ANALYSIS, EXAMPLES["topology"])["data"].builtin == "noisy-circle"


def test_features_can_be_asked_of_many(desk: Desk) -> None:
    """Mode vectorize has a form of its own, and a choice that does not fit is refused before it runs."""
    app = desk.open(PAGE, {"mode": "vectorize", "data": "builtin:two-shapes"})
    assert not app.exception
    assert not next(button for button in app.button if button.label == "Run").disabled
    app = next(box for box in app.selectbox if box.label == "Vectorization").select("rectangles").run()
    assert next(button for button in app.button if button.label == "Run").disabled
    assert "choose invariant=rank" in words(app)


def opened_result(desk: Desk, data: str, values: dict[str, str]) -> AppTest:
    """The page of a finished run."""
    params, inputs = parse_params(ANALYSIS.params, values), {"data": open_source("shapes", data)}
    run = submit(desk.store, desk.workspace, ANALYSIS, params, inputs, "Shapes")
    claim_job(desk.store, RUNNER)
    result = ask(data, **values)
    made = provenance("cpu", time.time(), 1.0)
    save_result(desk.store, ANALYSIS, params, inputs, result, made, figures_json(ANALYSIS, result))
    finish_job(desk.store, RUNNER, run.key, "cpu")
    return desk.open(PAGE, {"run": run.id})


def test_a_result_opens_with_its_answer(desk: Desk) -> None:
    """The loop that stands out is named; the viewer stands in place of the pictures that it has in it, and landscapes stay."""
    app = opened_result(desk, "noisy-circle", FEW)
    assert not app.exception
    assert "one loop stands out" in words(app)
    assert "Both parameters together" in words(app)
    assert all("landscape" in chart.proto.alt for chart in app.get("plotly_chart"))
    assert len(app.get("plotly_chart")) == 2


def test_the_viewer_stands_whatever_the_run_is_called(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Identifiers may hold two underscores in a row, which Streamlit refuses in the name of a component."""
    monkeypatch.setattr("core.store.runs.secrets.token_urlsafe", lambda size: "_two__in_a_row_")
    assert "Both parameters together" in words(opened_result(desk, "noisy-circle", FEW))


def test_a_single_column_of_labels_is_offered_beside_the_shapes(desk: Desk) -> None:
    """In the slots for tables, not in the slot for data; the library says what it is and whose question it goes to."""
    upload = desk.bring("labels.csv", b"y\n" + b"cat\ndog\n" * 40)
    data, function, labels = (options_for(desk.store, desk.workspace, slot) for slot in ANALYSIS.inputs)
    assert upload.id not in data and {upload.id} == set(function) == set(labels)
    said = words(desk.open("library.py", {"upload": upload.id}))
    assert "column of labels or text" in said
    app = desk.open(PAGE, {"mode": "vectorize", "data": "builtin:two-shapes", "labels": upload.id})
    assert not app.exception
    assert not next(button for button in app.button if button.label == "Run").disabled


def test_features_are_shown_and_taken_along(desk: Desk) -> None:
    """The first of them, and all as CSV, Parquet and npz, with every setting as JSON."""
    app = opened_result(desk, "waves", {"mode": "vectorize", "resolution": "3", "skip": "12"})
    assert not app.exception
    said = " ".join(str(one.proto.body) for one in app.get("html"))
    for name in ("tables/features.csv", "tables/features.parquet", "arrays.npz", "tables/settings.json"):
        assert name in said
    shown = next(frame.value for frame in app.dataframe if frame.value.columns[-1].startswith("H1["))
    assert list(shown.columns[:3]) == ["item", "label", "part"]


def test_an_optimisation_offers_a_check_of_its_gradient(desk: Desk) -> None:
    """What was checked is said; the button asks the same question without iterations, and leads to that run."""
    values = {"mode": "optimise", "loss": "norm", "iterations": "3", "check_gradient": "2", "resolution": "4"}
    app = opened_result(desk, "noisy-circle", values)
    assert not app.exception
    assert "4 derivatives compared with central differences" in words(app)
    assert any("Film of 120 points" in chart.proto.alt for chart in app.get("plotly_chart"))
    next(button for button in app.button if button.label == "Check the gradient").click().run()
    assert not app.exception
    check, first = list_runs(desk.store, desk.workspace)
    assert app.query_params["run"] == check.id
    asked = {"iterations": 0, "starts": 1, "check_gradient": 50}
    assert check.params == {**first.params, **asked}
    assert check.title == "Shapes: gradient check"
