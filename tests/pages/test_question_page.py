"""The page of a question in each of its states."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from core.examples import EXAMPLES
from core.store.runs import get_run, list_runs
from core.store.uploads import upload_source
from core.store.workspaces import new_workspace
from pages.parts.questions import page_of
from tests.pages.conftest import Desk, live_html, plain, words

PAGE = page_of("intrinsic-dimension")
NOT_FOUND = "Not found"


def button(app: AppTest, label: str) -> object:
    return next(one for one in app.button if one.label == label)


def test_the_form_opens_with_the_question(desk: Desk) -> None:
    """Without a run the page shows the question, a data set, the main parameters, an estimate and Run."""
    app = desk.open(PAGE)
    assert [title.value for title in app.title] == [desk.analysis.question]
    assert button(app, "Run").disabled is False
    assert "of computing and" in words(app)
    main = [field.title for field in _main_fields(desk) if field.name != "target"]  # of tables only
    shown = [one.label for one in (*app.number_input, *app.selectbox, *app.checkbox, *app.text_input)]
    assert all(any(label.startswith(title) for label in shown) for title in main)


def test_run_submits_and_the_address_names_the_run(desk: Desk) -> None:
    """Run puts a question into the queue, and the address is then that of the run."""
    app = desk.open(PAGE)
    button(app, "Run").click().run()
    (run,) = list_runs(desk.store, desk.workspace)
    assert app.query_params["run"] == run.id
    assert "Waiting" in words(app)


def test_the_example_is_one_click_away(desk: Desk) -> None:
    """The example's address submits it, and asking it twice gives the same run's key."""
    app = desk.open(PAGE, {"example": "1"})
    (run,) = list_runs(desk.store, desk.workspace)
    assert run.title == EXAMPLES["intrinsic-dimension"].title
    assert app.query_params["run"] == run.id
    desk.open(PAGE, {"example": "1"})
    assert {one.key for one in list_runs(desk.store, desk.workspace)} == {run.key}


def test_running_shows_progress_and_cancel(desk: Desk) -> None:
    """A running question shows fraction, what is being done and the time left, and can be cancelled."""
    run = desk.ask()
    desk.progress(run, 0.42, "Gride, scale 64", 21.0)
    app = desk.open(PAGE, {"run": run.id})
    said = words(app)
    assert "42 %" in said and "Gride, scale 64" in said and "left" in said
    button(app, "Cancel").click().run()
    assert get_run(desk.store, desk.workspace, run.id).state == "cancelled"
    assert "was cancelled" in words(desk.open(PAGE, {"run": run.id}))


def test_an_identifier_may_hold_underscores(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """One in two hundred holds two in a row or ends with one, which Streamlit takes for the end of a component's name."""
    monkeypatch.setattr("core.store.runs.secrets.token_urlsafe", lambda size: "_two__in_a_row_")
    run = desk.ask()
    desk.progress(run, 0.42, "Gride, scale 64", 21.0)
    app = desk.open(PAGE, {"run": run.id})
    assert "42 %" in words(app)
    button(app, "Cancel").click().run()
    assert get_run(desk.store, desk.workspace, run.id).state == "cancelled"


def test_a_running_question_draws_the_values_that_its_steps_report(desk: Desk) -> None:
    """A curve with its first, last, lowest and highest value in words; a single value is not drawn yet."""
    run = desk.ask()
    desk.progress(run, 0.1, "iteration 1", 21.0)
    desk.values(run, 4.0)
    assert "Loss by iteration" not in words(desk.open(PAGE, {"run": run.id}))
    desk.values(run, 4.0, 1.0, 2.0)
    app = desk.open(PAGE, {"run": run.id})
    assert "Loss by iteration: 4 at 0, 2 at 2; from 1 to 4 on the way." in words(app)
    picture = live_html(app)
    assert "polygon(0.0% 0.0%, 50.0% 96.0%, 100.0% 64.0%, 100% 100%, 0% 100%)" in picture and "aria-hidden" in picture


def test_waiting_without_a_runner_is_said(desk: Desk) -> None:
    """A question that waits while no runner is alive says so."""
    run = desk.ask()
    assert "no runner is alive" in words(desk.open(PAGE, {"run": run.id}))


def test_failed_shows_the_sentence_and_the_id(desk: Desk) -> None:
    """A failed question shows its sentence and, where the log has more, the id."""
    run = desk.ask()
    desk.fail(run, "The step needed more memory than allowed; choose fewer rows.", "ab12")
    app = desk.open(PAGE, {"run": run.id})
    assert [plain(error.value) for error in app.error] == [
        "The step needed more memory than allowed; choose fewer rows."
    ]
    assert "ab12" in words(app)


def test_done_shows_answer_numbers_figures_tables_and_making(desk: Desk) -> None:
    """A finished question reads from top to bottom: answer, numbers, figure, table, parameters, provenance."""
    run = desk.ask("My wine")
    desk.finish(run, 4.5)
    app = desk.open(PAGE, {"run": run.id})
    said = words(app)
    for text in ("My wine", "about 4.5 dimensions", "4.3 to 4.7", "A note.", "A plateau is wanted.", "n = 178."):
        assert text in said
    assert [chart.proto.alt for chart in app.get("plotly_chart")] == ["A plateau at 4.5."]
    assert said.index("about 4.5 dimensions") < said.index("Dimension by scale") < said.index("How it was made")
    assert f"/api/results/{run.id}/result.zip" in "".join(one.proto.body for one in app.get("html"))
    assert any("core" in code.value for code in app.code)


def test_the_owner_reads_own_names_and_a_time(desk: Desk) -> None:
    """The making names the owner's file as they call it, and says in words when it was computed."""
    upload = desk.bring("plants.csv", b"a,b\n" + b"".join(f"{i},{i % 7}\n".encode() for i in range(30)))
    source = upload_source(upload)
    run = desk.ask(source=source)
    desk.finish(run, 2.0, source=source)
    said = words(desk.open(PAGE, {"run": run.id}))
    assert said.index("How it was made") < said.rindex("plants.csv")
    assert re.search(r"Started \d{4}-\d\d-\d\d \d\d:\d\d", said)
    assert "Label column automatic" in said


def test_a_form_can_start_from_a_run(desk: Desk) -> None:
    """`?from=RUN` fills the form with that run's data set and mode."""
    run = desk.ask(dataset="digits")
    app = desk.open(PAGE, {"from": run.id})
    assert "digits" in str(app.selectbox[0].value)


@pytest.mark.parametrize("address", ["run", "from"])
def test_what_is_not_there_or_foreign_is_not_found(desk: Desk, address: str) -> None:
    """A wrong id and another workspace's run give the same sentence."""
    foreign = desk.ask(workspace=new_workspace(desk.store))
    for run in ("no-such-run", foreign.id):
        app = desk.open(PAGE, {address: run})
        assert [plain(error.value)[: len(NOT_FOUND)] for error in app.error] == [NOT_FOUND]


def test_names_are_shown_as_text(desk: Desk) -> None:
    """A title with markup stands on the page as it was typed."""
    run = desk.ask("<script>alert(1)</script> **bold** ![x](http://host/x.png)")
    desk.finish(run, 2.0)
    app = desk.open(PAGE, {"run": run.id})
    bodies = "".join(one.proto.body for one in app.get("html"))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; **bold**" in bodies
    assert "<script" not in bodies
    assert not any("![x]" in markdown.value for markdown in app.markdown)


def _main_fields(desk: Desk) -> list:
    from core.parameters import parameter_fields

    return [field for field in parameter_fields(desk.analysis.params[0]) if field.main]
