"""Jobs from the table to the result, on a real cluster."""

from __future__ import annotations

import logging

import pytest

from core.runner import loop
from core.runner.drive import Drive
from core.runner.steps import REPORTS
from core.store import list_runners, load_figures, load_result, new_workspace
from core.store.steps import StepFolder
from tests.core.runner.conftest import PATIENCE, Bench
from tests.core.runner.sample_analyses import SAMPLE, SampleParams, runs
from tests.core.store.conftest import kept_curve
from tests.workbench import wait_for


def test_a_job_ends_with_its_result_figures_and_provenance_in_the_store(bench: Bench) -> None:
    """What the serial runner finds, the cluster finds: 1 + 4 + 9 + 16 = 30, and 30 squared."""
    run = bench.answer()
    assert (run.state, run.fraction, run.device) == ("done", 1.0, "cpu")
    stored = load_result(bench.store, run.key)
    assert stored.result.values() == {"total": 30, "last": 900}
    assert stored.provenance["device"] == "cpu"
    assert list(load_figures(bench.store, run.key)) == ["sum"]


def test_the_runner_is_entered_with_its_workers(bench: Bench) -> None:
    """The page can say what a run will run on."""
    wait_for(lambda: bool(list_runners(bench.store)), PATIENCE, "the entry of the runner")
    workers = list_runners(bench.store)[0].workers
    assert [(worker["device"], worker["memory"], worker["threads"]) for worker in workers] == [
        ("cpu", 600 << 20, 1)
    ] * 2


def test_steps_that_are_in_the_store_are_not_run(bench: Bench) -> None:
    """A sweep that was interrupted goes on where it stopped."""
    for step in next(SAMPLE.compute(SampleParams(folder=str(bench.folder)), {}))[:3]:
        StepFolder(bench.store.home / "steps").put(step.key, {"square": step.arguments["number"] ** 2})
    assert bench.answer().state == "done"
    assert runs(bench.folder) == ["square-4", "square-30"]


def test_two_jobs_that_need_the_same_step_at_once_share_it(bench: Bench) -> None:
    """Two jobs, eight steps wanted, four run, and the last step once."""
    first, second = bench.ask(gate="open", salt="a"), bench.ask(gate="open", salt="b")
    bench.wait_for_step("square-1")
    wait_for(lambda: len(bench.runner.drives) == 2, PATIENCE, "two jobs")
    bench.open("open")
    assert [bench.wait(run).state for run in (first, second)] == ["done", "done"]
    assert sorted(runs(bench.folder)) == ["square-1", "square-2", "square-3", "square-30", "square-4"]


def test_bad_input_found_by_a_step_is_shown_as_it_is(bench: Bench) -> None:
    """The sentence of BadInput is the error of the job."""
    run = bench.answer(function="refuses", steps=1)
    assert (run.state, run.error, run.error_id) == ("failed", "Column 1 holds no numbers.", "")


@pytest.mark.parametrize(
    ("function", "cause"), [("breaks", "ZeroDivisionError: number 1"), ("returns_an_object", "TypeError")]
)
def test_an_unexpected_error_has_a_number_that_the_log_has_too(
    bench: Bench, function: str, cause: str, caplog: pytest.LogCaptureFixture
) -> None:
    """No traceback reaches the page; its number leads to it."""
    with caplog.at_level(logging.ERROR, "core.runner"):
        run = bench.answer(function=function, steps=1)
    assert run.state == "failed"
    assert run.error_id
    assert run.error_id in run.error
    assert "Traceback" not in run.error
    assert run.error_id in caplog.text
    assert cause in caplog.text


def test_jobs_of_an_analysis_that_the_runner_does_not_know_are_refused(bench: Bench) -> None:
    """A runner of another version fails such a job with a sentence."""
    del bench.runner.catalog["sample"]
    assert bench.answer().error == "This runner does not know the analysis 'sample'; start it from the same version."


def test_a_job_that_another_runner_took_over_is_let_go(bench: Bench) -> None:
    """Whoever lost the lease stops the steps and writes nothing more."""
    run = bench.ask(gate="never", steps=1)
    bench.wait_for_step("square-1")
    (drive,) = bench.runner.drives.values()
    bench.runner.name = "somebody else"
    wait_for(lambda: drive.stopped and not bench.runner.drives, PATIENCE, "the end of the job here")
    wait_for(lambda: not any(thread.is_alive() for thread in bench.runner.threads), PATIENCE, "the end of its thread")
    assert bench.see(run).state == "running"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_runner_that_can_not_write_its_results_ends(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would hold the job for ever; ended, it is started again, and the job with it."""
    monkeypatch.setattr(loop, "finish_job", full_disk)
    run = bench.ask()
    wait_for(lambda: not bench.thread.is_alive(), PATIENCE, "the end of the runner")
    assert bench.see(run).state == "running"


def full_disk(*_: object) -> None:
    raise OSError("No space left on device")


def test_the_state_of_a_job_tells_share_and_message_of_the_step_that_runs(bench: Bench) -> None:
    """Two of four steps are half done: 2 x 0.9/4 x 0.5 of the whole."""
    run = bench.ask(gate="open")
    wait_for(lambda: bench.see(run).fraction == pytest.approx(0.225), PATIENCE, "the fraction in the table")
    assert bench.see(run).message in ("half of 1", "half of 2")
    assert bench.see(run).place is None
    bench.open("open")
    assert bench.wait(run).state == "done"


def test_a_step_that_reports_all_the_time_is_heard_now_and_then(bench: Bench) -> None:
    """A thousand reports at once become a few events; one more says that the step has begun."""
    bench.cluster.client.log_event(REPORTS, {"task": "none", "fraction": 0.0, "message": ""})
    before = len(bench.cluster.client.get_events(REPORTS))
    assert bench.answer(function="chatters", steps=1).state == "done"
    assert 2 <= len(bench.cluster.client.get_events(REPORTS)) - before <= 20


def test_values_that_a_step_reports_become_the_live_curve_of_its_job(bench: Bench) -> None:
    """A thousand points become a few, the first and the last reported before a wait among them; a done job has none."""
    run = bench.ask(function="descends", steps=1)
    wait_for(lambda: kept_curve(bench.store, run.key) is not None, PATIENCE, "the curve")
    curve = kept_curve(bench.store, run.key)
    assert curve is not None
    assert (curve.title, curve.axis, curve.points[0]) == ("Loss", "iteration", (0.0, 1.0))
    assert all(value == 1.0 / (1 + at) for at, value in curve.points) and len(curve.points) <= 300
    bench.open("open")
    assert bench.wait(run).state == "done"
    assert kept_curve(bench.store, run.key) is None


def test_jobs_of_another_workspace_do_not_wait_for_the_first(bench: Bench) -> None:
    """Small jobs behind a long one come between its steps: a job's later steps have lower priority."""
    long = bench.ask(gate="long", steps=8)
    bench.wait_for_step("square-2")
    short = bench.ask(workspace=new_workspace(bench.store), first=100, steps=2)
    wait_for(lambda: len(bench.runner.drives) == 2, PATIENCE, "two jobs")
    wait_for(lambda: all(_asked(drive) for drive in bench.runner.drives.values()), PATIENCE, "steps of both")
    bench.open("long")
    assert bench.wait(short).state == "done"
    assert bench.wait(long).state == "done"
    begun = runs(bench.folder)
    assert max(begun.index("square-100"), begun.index("square-101")) < begun.index("square-7")


def _asked(drive: Drive) -> bool:
    return drive.submitted >= 2
