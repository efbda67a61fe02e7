"""The page of topology: its form, its example, and a result."""

from __future__ import annotations

import time

from core.analysis import parse_params
from core.catalog import analysis_by_slug
from core.export.figures import figures_json
from core.provenance import provenance
from core.store.jobs import claim_job, finish_job
from core.store.results import save_result
from core.store.runs import submit
from pages.parts.examples import EXAMPLES, example_inputs
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


def test_a_result_opens_with_its_answer(desk: Desk) -> None:
    """The loop that stands out is named, and the heatmap of the loops is the first picture."""
    params, inputs = parse_params(ANALYSIS.params, FEW), example_inputs(ANALYSIS, EXAMPLES["topology"])
    run = submit(desk.store, desk.workspace, ANALYSIS, params, inputs, "Circle")
    claim_job(desk.store, RUNNER)
    result = ask("noisy-circle", **FEW)
    made = provenance("cpu", time.time(), 1.0)
    save_result(desk.store, ANALYSIS, params, inputs, result, made, figures_json(ANALYSIS, result))
    finish_job(desk.store, RUNNER, run.key, "cpu")
    app = desk.open(PAGE, {"run": run.id})
    assert not app.exception
    assert "one loop stands out" in words(app)
    assert "number of loops" in app.get("plotly_chart")[0].proto.alt


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
