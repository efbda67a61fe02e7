"""Runs: one a question and workspace, answered from the store where it can be."""

from __future__ import annotations

import pytest

from core.analysis import Source
from core.errors import BadInput
from core.store.jobs import claim_job
from core.store.results import has_result
from core.store.runs import cancel_run, delete_run, get_run, list_runs, rename_run, submit
from core.store.workspaces import new_workspace

DIGITS = Source("dataset", "digits", "d" * 40, "builtin:digits", {"rows": 3, "preview": {"rows": [[1]]}})


def test_question_is_queued(store, workspace, ask):
    """A new question waits first in line, with its parameters filled in and its inputs described."""
    run = ask(store, workspace, 3, dataset=DIGITS)
    assert (run.state, run.place, run.fraction, run.eta) == ("queued", 1, 0.0, None)
    assert run.params == {"mode": "ask", "n": 3}
    assert run.title == "Toy: digits"
    assert {"kind", "name", "digest", "location", "details"} == set(run.inputs["dataset"])
    assert run.inputs["dataset"]["details"] == {"rows": 3}
    job = claim_job(store, "r")
    assert (run.key, {"dataset": DIGITS}) == (job.key, job.inputs)


def test_asking_again_brings_the_run_to_the_top(store, workspace, clock, ask):
    """A workspace has one run a question; it keeps its title."""
    first, second = ask(store, workspace, 1), ask(store, workspace, 2)
    rename_run(store, workspace, first.id, "My first")
    clock.now += 1
    assert first.id == ask(store, workspace, 1).id
    assert [(first.id, "My first"), (second.id, "Toy")] == [(run.id, run.title) for run in list_runs(store, workspace)]


def test_stored_result_answers_at_once(store, workspace, stranger, ask, answer):
    """The same question by anyone is done the moment it is asked."""
    ask(store, workspace)
    answer(store)
    run = ask(store, stranger)
    assert (run.state, run.fraction, run.place) == ("done", 1.0, None)
    assert claim_job(store, "r") is None


def test_cancelled_run_asked_again_waits_again(store, workspace, ask):
    """A change of mind is a new job."""
    run = ask(store, workspace)
    cancel_run(store, workspace, run.id)
    assert (ask(store, workspace).state, get_run(store, workspace, run.id).place) == ("queued", 1)


def test_cancelled_run_is_done_where_another_workspace_had_it_finished(store, workspace, stranger, ask, answer):
    """The result is there, so it is shown."""
    mine = ask(store, workspace)
    ask(store, stranger)
    cancel_run(store, workspace, mine.id)
    assert get_run(store, workspace, mine.id).state == "cancelled"
    answer(store)
    assert get_run(store, workspace, mine.id).state == "done"


def test_too_many_waiting_runs_are_refused(make_store, ask):
    """A workspace may have `jobs_queued` waiting; what is answered from the store needs no place."""
    store = make_store(jobs_queued=2)
    workspace, other = new_workspace(store), new_workspace(store)
    ask(store, workspace, 1)
    ask(store, workspace, 2)
    with pytest.raises(BadInput, match="2 runs are waiting"):
        ask(store, workspace, 3)
    ask(store, workspace, 1)
    ask(store, other, 3)
    assert len(list_runs(store, workspace)) == 2
    assert ask(store, workspace, 3).state == "queued", "a job that another workspace waits for is shared"


def test_inputs_that_do_not_fit_are_refused(store, workspace, analysis):
    """An unknown slot or a wrong kind changes nothing."""
    model = Source("model", "lenet", "e" * 40, "builtin:lenet")
    for inputs in ({"model": model}, {"dataset": model}):
        with pytest.raises(BadInput):
            submit(store, workspace, analysis, analysis.params[0](), inputs)
    assert list_runs(store, workspace) == []


def test_runs_are_listed_by_question(store, workspace, ask):
    """The list can be narrowed to one analysis."""
    run = ask(store, workspace)
    assert [run.id] == [one.id for one in list_runs(store, workspace, "toy")]
    assert list_runs(store, workspace, "other") == []


def test_title_is_text(store, workspace, ask):
    """Titles are kept as they are typed, without what can't be seen; an empty one changes nothing."""
    run = ask(store, workspace)
    rename_run(store, workspace, run.id, "<script>\0" + "x" * 300)
    title = get_run(store, workspace, run.id).title
    assert title.startswith("<script>\ufffdxxx")
    assert len(title) == 200
    rename_run(store, workspace, run.id, "  ")
    assert title == get_run(store, workspace, run.id).title


def test_deleted_run_takes_its_result_along(store, workspace, stranger, ask, answer):
    """The last one who refers to a result takes it along; it can be asked again from the beginning."""
    mine, theirs = ask(store, workspace), ask(store, stranger)
    key = answer(store)
    delete_run(store, workspace, mine.id)
    assert has_result(store, key)
    delete_run(store, stranger, theirs.id)
    assert not has_result(store, key)
    assert ask(store, workspace).state == "queued"
