"""The page of telemetry: its form, a result with its event browser, annotations, and what a link shows of both."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from importlib import import_module

import pytest
from streamlit.testing.v1 import AppTest

from core.analysis import Inputs, Params, parse_params
from core.catalog import analysis_by_slug
from core.examples import EXAMPLES, example_inputs
from core.export.figures import figures_json
from core.provenance import provenance
from core.sources import builtin_sources
from core.store.annotations import add_annotation, list_annotations
from core.store.jobs import claim_job, finish_job
from core.store.results import save_result
from core.store.runs import Run, submit
from core.store.shares import create_share
from core.telemetry.figures.detected import Detected
from pages.parts.extras import EXTRAS
from pages.parts.telemetry_address import read_moment, write_moment
from tests.core.telemetry.figures.sample import detect_result
from tests.pages.conftest import RUNNER, Desk, words

PAGE = "telemetry.py"
ANALYSIS = analysis_by_slug("telemetry")
SAMPLE = Detected.of(detect_result())


def question() -> tuple[Params, Inputs]:
    source = next(one for one in builtin_sources("telemetry") if one.builtin == "euclid-like-short")
    return parse_params(ANALYSIS.params, {"mode": "detect"}), {"telemetry": source}


def asked(desk: Desk, workspace: str = "") -> Run:
    params, inputs = question()
    return submit(desk.store, workspace or desk.workspace, ANALYSIS, params, inputs, "Orbit")


@pytest.fixture(scope="module")
def figures() -> dict:
    return figures_json(ANALYSIS, SAMPLE.result)


@pytest.fixture
def done(desk: Desk, figures: dict) -> Run:
    """A finished run, with the small result of the figures' tests as its answer."""
    run = asked(desk)
    claim_job(desk.store, RUNNER)
    save_result(desk.store, ANALYSIS, *question(), SAMPLE.result, provenance("cpu", time.time(), 1.0), figures)
    finish_job(desk.store, RUNNER, run.key, "cpu")
    return run


def alts(app: AppTest) -> list[str]:
    return [chart.proto.alt for chart in app.get("plotly_chart")]


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def address(app: AppTest) -> dict[str, str]:
    """What the address says of the view."""
    said: Mapping[str, object] = app.query_params
    return {
        name: str(said[name][0] if isinstance(said[name], list) else said[name])  # type: ignore[index]
        for name in ("parameter", "event", "from", "to")
        if name in said
    }


def test_detection_can_be_asked_at_once(desk: Desk) -> None:
    """With built-in telemetry the form can be run, with an estimate; the example is one click away."""
    app = desk.open(PAGE, {"mode": "detect"})
    assert [title.value for title in app.title] == [ANALYSIS.question]
    run = next(button for button in app.button if button.label == "Run")
    assert not run.disabled
    assert "of computing" in words(app)
    assert example_inputs(ANALYSIS, EXAMPLES["telemetry"])["telemetry"].builtin


@pytest.mark.parametrize("mode", ["inject", "chaos"])
def test_modes_with_what_is_built_in_can_be_asked(desk: Desk, mode: str) -> None:
    """Chaos needs no input at all, and injection takes the built-in telemetry."""
    app = desk.open(PAGE, {"mode": mode})
    run = next(button for button in app.button if button.label == "Run")
    assert not run.disabled and "of computing" in words(app)


def test_a_model_is_asked_for(desk: Desk) -> None:
    """Explaining a model needs one: the form says so and can't be run."""
    app = desk.open(PAGE, {"mode": "explain_model"})
    run = next(button for button in app.button if button.label == "Run")
    assert run.disabled and "model is missing" in app.warning[0].value


def test_running_says_how_far_it_is(desk: Desk) -> None:
    """A run that is under way shows fraction and message, and no event browser."""
    run = asked(desk)
    desk.progress(run, 0.3, "forecasting MIRROR", 20.0)
    app = desk.open(PAGE, {"run": run.id})
    assert "30 %" in words(app) and "forecasting MIRROR" in words(app)
    assert not app.radio


def test_a_result_opens_with_the_strongest_event(desk: Desk, done: Run) -> None:
    """Fleet first, then the browser on the strongest event; stored figures that it replaces are not drawn twice."""
    app = desk.open(PAGE, {"run": done.id})
    strongest = SAMPLE.events[0]
    picker = next(box for box in app.selectbox if box.label == "Parameter")
    assert picker.value == strongest.parameter
    assert app.radio[0].value == 1 and len(app.radio[0].options) == 4
    assert "no covariate explains this" in app.radio[0].proto.captions[0]
    drawn = alts(app)
    assert drawn[0].startswith("Residuals of 3 parameters")
    assert sum(alt.startswith(f"Measured and forecast values of {strongest.parameter}") for alt in drawn) == 1
    assert sum(alt.startswith("Waterfall of") for alt in drawn) == 1
    assert any(alt.startswith("Onsets within") for alt in drawn)
    assert address(app) == {}


def test_choices_are_in_the_address(desk: Desk, done: Run) -> None:
    """Parameter, event and zoom each change the address, and the page that it opens is the same."""
    app = desk.open(PAGE, {"run": done.id})
    app = next(box for box in app.selectbox if box.label == "Parameter").select("MIRROR").run()
    assert address(app) == {"parameter": "MIRROR", "event": "1"}
    app = app.radio[0].set_value(2).run()
    assert address(app) == {"parameter": "MIRROR", "event": "2"}
    app = press(app, "This event ± 6 h")
    event = SAMPLE.event("MIRROR", 2)
    assert event is not None
    said = address(app)
    assert read_moment(said["from"]) == event.start - 6 * 3_600_000
    assert read_moment(said["to"]) == event.end + 6 * 3_600_000
    app = press(app, "Wider")
    assert read_moment(address(app)["from"]) < event.start - 6 * 3_600_000
    app = press(app, "Whole record")
    assert address(app) == {"parameter": "MIRROR", "event": "2"}
    again = desk.open(PAGE, {"run": done.id, **said})
    assert again.radio[0].value == 2
    assert any(f"{said['from'].replace('T', ' ')} to" in one.proto.body for one in again.get("html"))


def test_each_look_at_an_event_has_an_address(desk: Desk, done: Run) -> None:
    """Ranking, last time and the view over many rows are each a link away, and only the one that is looked at is drawn."""
    of_look = {
        "cause": ["Waterfall of PANEL, event 3"],
        "ranking": [],
        "last": ["Residual of PANEL around"],
        "rows": ["SHAP values of PANEL by covariate", "Contribution against value for"],
    }
    for look, starts in of_look.items():
        app = desk.open(PAGE, {"run": done.id, "parameter": "PANEL", "event": "3", "look": look})
        drawn = alts(app)
        for other, words_of_other in of_look.items():
            for start in words_of_other:
                assert any(alt.startswith(start) for alt in drawn) == (other == look)
        rankings = [table.value for table in app.dataframe if "No. without responders" in table.value]
        assert [table.Covariate.iloc[0] for table in rankings] == (["heater"] if look == "ranking" else [])
        assert starts or rankings


def test_an_event_outside_the_view_is_brought_into_it(desk: Desk, done: Run) -> None:
    """Choosing an event moves the timeline where it would not show it, and only then."""
    first, second = SAMPLE.event("PANEL", 1), SAMPLE.event("PANEL", 2)
    assert first is not None and second is not None
    near = {"from": write_moment(first.start), "to": write_moment(first.end)}
    app = desk.open(PAGE, {"run": done.id, "parameter": "PANEL", **near}).radio[0].set_value(2).run()
    assert read_moment(address(app)["from"]) == second.start - 6 * 3_600_000


@pytest.mark.parametrize(
    "said",
    [
        {"parameter": "<b>", "event": "x", "from": "yesterday", "to": "1e999"},
        {"parameter": "PANEL", "event": "999", "from": "2099-01-01", "to": "1970-01-01"},
        {"event": "\u0662", "from": "0001-01-01", "to": "9999-12-31T23:59"},
    ],
)
def test_a_wrong_address_is_as_none(desk: Desk, done: Run, said: dict[str, str]) -> None:
    """What the address says wrongly is ignored or brought into the record; the page is whole."""
    app = desk.open(PAGE, {"run": done.id, **said})
    assert app.radio[0].value == 1
    assert any(alt.startswith("Measured and forecast values of") for alt in alts(app))


def test_an_annotation_is_written_shown_and_deleted(desk: Desk, done: Run) -> None:
    """It belongs to the event or to what is in view, is drawn as text, and can be taken back."""
    app = desk.open(PAGE, {"run": done.id, "parameter": "PANEL"})
    next(one for one in app.text_input if one.label == "What happened").set_value("<b>pump</b> **off**")
    next(one for one in app.text_input if one.label == "Your name").set_value("Ann")
    app = press(app, "Add")
    (note,) = list_annotations(desk.store, desk.workspace, done.id)
    event = SAMPLE.event("PANEL", 1)
    assert event is not None
    assert (note.parameter, note.start, note.end, note.author) == ("PANEL", event.start, event.end, "Ann")
    bodies = "".join(one.proto.body for one in app.get("html"))
    assert "&lt;b&gt;pump&lt;/b&gt; **off**" in bodies
    other = desk.open(PAGE, {"run": done.id, "parameter": "MIRROR"})
    assert "1 annotation on other parameters" in words(other)
    app = press(app, "Delete")
    assert list_annotations(desk.store, desk.workspace, done.id) == []


def test_an_annotation_without_words_is_refused(desk: Desk, done: Run) -> None:
    """The sentence says what is missing, and nothing is stored."""
    app = press(desk.open(PAGE, {"run": done.id}), "Add")
    assert "no text" in app.error[0].value
    assert list_annotations(desk.store, desk.workspace, done.id) == []


def test_a_link_shows_events_and_annotations_to_read_only(desk: Desk, done: Run) -> None:
    """Behind a link the browser works and the annotations can be read; nothing can be written or deleted."""
    event = SAMPLE.events[0]
    add_annotation(desk.store, desk.workspace, done.id, "", event.start, event.end, "safe mode", "Ann")
    _, token = create_share(desk.store, desk.workspace, [done.id])
    app = desk.open("shared.py", {"share": token, "parameter": "PANEL", "event": "2"})
    assert app.radio[0].value == 2
    assert "safe mode" in words(app)
    labels = {button.label for button in app.button}
    assert "This event ± 6 h" in labels and not {"Add", "Delete"} & labels
    app = press(app, "This event ± 6 h")
    assert address(app)["parameter"] == "PANEL"


def test_results_can_be_compared(desk: Desk, done: Run, figures: dict) -> None:
    """Side by side stand the stored figures, those of the browser among them."""
    params = parse_params(ANALYSIS.params, {"mode": "detect", "seed": 1})
    run = submit(desk.store, desk.workspace, ANALYSIS, params, question()[1], "Orbit, seed 1")
    claim_job(desk.store, RUNNER)
    other = dataclasses.replace(SAMPLE.result, answer="Another answer.")
    save_result(desk.store, ANALYSIS, params, question()[1], other, provenance("cpu", time.time(), 1.0), figures)
    finish_job(desk.store, RUNNER, run.key, "cpu")
    app = desk.open("compare.py", {"runs": f"{done.id},{run.id}"})
    drawn = alts(app)
    assert sum(alt.startswith("Residuals of 3 parameters") for alt in drawn) == 2
    assert sum(alt.startswith("Measured and forecast values of") for alt in drawn) == 2


def test_every_extra_part_is_there() -> None:
    """Each entry of the registry names a function, and figures that its analysis draws."""
    for extras in EXTRAS.values():
        for extra in extras:
            module, _, name = extra.home.partition(":")
            assert callable(getattr(import_module(module), name))
    (browser,) = EXTRAS["telemetry"]
    assert browser.instead_of <= set(ANALYSIS.figures(SAMPLE.result))
