"""Steps that crash, eat memory or must be stopped harm their own job and no other."""

from __future__ import annotations

import os

import pytest

from core.runner.cluster import DASK
from core.store import cancel_run, new_workspace
from tests.core.runner.conftest import PATIENCE, Bench
from tests.core.runner.sample_analyses import runs
from tests.workbench import wait_for


@pytest.mark.parametrize("function", ["exits", "segfaults"])
def test_a_crash_fails_its_own_job_and_the_other_goes_on(bench: Bench, function: str) -> None:
    """The step is tried on a second worker, no more; what merely waited or ran beside it is run again."""
    other = bench.ask(gate="open", first=10, steps=4)
    bench.wait_for_step("square-10")
    crashing = bench.ask(function=function, steps=1, label="crash")
    bench.open("open")
    run = bench.wait(crashing)
    assert run.state == "failed"
    assert run.error.startswith('The step "crash 1" ended its worker process twice: probably a library crashed')
    assert "ASSAY_JOB_MEMORY" in run.error
    assert bench.wait(other).state == "done"
    assert runs(bench.folder).count(f"{function}-1") == 2


def test_a_step_that_grows_past_its_limit_fails_with_the_cause(bench: Bench) -> None:
    """The nanny stops the worker; the sentence names step, limit and remedy, and another job goes on."""
    other = bench.ask(first=10, steps=4, gate="open")
    bench.wait_for_step("square-10")
    growing = bench.ask(function="grows", steps=1, label="growth")
    bench.wait_for_step("square-11")
    bench.open("open")
    assert bench.wait(growing).error == (
        'The step "growth 1" needs more memory than the 600 MiB that one step may use. '
        "Use a smaller input, or raise ASSAY_JOB_MEMORY."
    )
    assert bench.wait(other).state == "done"


def test_one_allocation_past_the_limit_never_happens(bench: Bench) -> None:
    """100 GiB at once raise MemoryError before the nanny could look; the worker lives on."""
    run = bench.answer(function="allocates", steps=1, label="table")
    assert run.error.startswith('The step "table 1" needs more memory than the 600 MiB that one step may use.')
    assert runs(bench.folder) == ["allocates-1"]


def test_a_step_that_says_it_needs_too_much_is_not_begun(bench: Bench) -> None:
    """The estimate is compared with the workers before anything is submitted."""
    run = bench.answer(memory=8 << 30)
    assert run.error == (
        'The step "square 1" needs about 8 GiB; the largest worker has 600 MiB. '
        "Use a smaller input, or raise ASSAY_JOB_MEMORY."
    )
    assert runs(bench.folder) == []


def test_a_step_for_a_graphics_card_is_refused_where_there_is_none(bench: Bench) -> None:
    """Dask would let it wait for ever."""
    run = bench.answer(device="gpu")
    assert run.error == ('The step "square 1" needs a graphics card, and no worker has one. Run it on the CPU instead.')
    assert runs(bench.folder) == []


def test_cancel_frees_the_workers(bench: Bench) -> None:
    """The steps of the cancelled job would hold both workers for ever; the next job finishes."""
    held = bench.ask(gate="never", steps=4)
    bench.wait_for_step("square-1")
    bench.wait_for_step("square-2")
    cancel_run(bench.store, held.workspace, held.id)
    assert bench.answer(first=10, steps=2).state == "done"
    assert bench.see(held).state == "cancelled"
    assert "square-3" not in runs(bench.folder)
    assert list((bench.store.home / "runner" / "permits").iterdir()) == []


def test_cancel_stops_a_step_that_blocks_the_interpreter(bench: Bench) -> None:
    """Such a worker answers nobody; its nanny kills it."""
    held = bench.ask(function="blocks_the_interpreter", steps=2)
    bench.wait_for_step("blocks-2")
    cancel_run(bench.store, held.workspace, held.id)
    assert bench.answer(first=10, steps=2).state == "done"
    assert bench.see(held).state == "cancelled"


def test_cancel_leaves_a_step_alone_that_another_job_needs(bench: Bench) -> None:
    """The shared step goes on and runs once."""
    cancelled = bench.ask(gate="open", steps=1, salt="a")
    bench.wait_for_step("square-1")
    kept = bench.ask(workspace=new_workspace(bench.store), gate="open", steps=1, salt="b")
    wait_for(lambda: len(bench.runner.drives) == 2, PATIENCE, "two jobs")
    wait_for(lambda: [len(task.listeners) for task in bench.runner.tasks.by_key.values()] == [2], PATIENCE, "sharing")
    cancel_run(bench.store, cancelled.workspace, cancelled.id)
    wait_for(lambda: bench.see(cancelled).state == "cancelled", PATIENCE, "the cancelling")
    bench.open("open")
    assert bench.wait(kept).state == "done"
    assert runs(bench.folder) == ["square-1", "square-1"]  # the second is the last step, on the sum 1


def test_a_cancelled_job_can_be_asked_again_at_once(bench: Bench) -> None:
    """The new tasks do not join those that are being cancelled."""
    held = bench.ask(gate="open", steps=2)
    bench.wait_for_step("square-1")
    bench.wait_for_step("square-2")
    cancel_run(bench.store, held.workspace, held.id)
    bench.open("open")
    wait_for(lambda: bench.see(held).state == "cancelled", PATIENCE, "the cancelling")
    assert bench.answer(gate="open", steps=2).state == "done"


def test_the_tasks_of_others_on_a_worker_that_is_stopped_run_again(bench: Bench) -> None:
    """More jobs than workers: some wait on the worker that a cancel kills, twice in a row, and still finish."""
    for round_ in range(2):
        held = bench.ask(gate="never", steps=2, first=1000 * (round_ + 1), salt=str(round_))
        bench.wait_for_step(f"square-{1000 * (round_ + 1) + 1}")
        if round_ == 0:
            waiting = [bench.ask(first=10 * number, steps=2) for number in (1, 2, 3)]
            wait_for(lambda: len(bench.runner.tasks.by_key) == 8, PATIENCE, "waiting tasks")
        cancel_run(bench.store, held.workspace, held.id)
        if round_ == 0:
            assert [bench.wait(run).state for run in waiting] == ["done"] * 3


def test_a_task_is_retried_once_and_no_worker_is_given_up() -> None:
    """With 0 allowed failures what waits beside a crash would fail; with dask's 3 one step would kill four workers."""
    assert DASK["distributed.scheduler.allowed-failures"] == 1
    assert DASK["distributed.deploy.lost-worker-timeout"] == "365 days"


def test_a_job_has_no_more_tasks_on_the_cluster_than_there_are_workers(bench: Bench) -> None:
    """What waits on a worker that dies is run again, so little waits there."""
    run = bench.ask(gate="open", steps=6)
    bench.wait_for_step("square-2")
    assert len(bench.runner.tasks.by_key) == 2
    bench.open("open")
    assert bench.wait(run).state == "done"


def test_the_steps_run_with_one_thread_each(bench: Bench) -> None:
    """Two workers of two threads each would be slower than two of one on two cores."""
    answers = bench.cluster.client.run(lambda: os.environ["OMP_NUM_THREADS"])
    assert set(answers.values()) == {"1"}
