"""Jobs: claimed once, kept by lease, shared, cancelled, tried three times."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.store.jobs import (
    cancel_requests,
    claim_job,
    fail_job,
    finish_job,
    list_runners,
    mark_cancelled,
    record_progress,
    register_runner,
    release_jobs,
    renew_leases,
    take_over_dead,
)
from core.store.runs import cancel_run, delete_run, get_run
from core.store.workspaces import new_workspace

ROOT = Path(__file__).parents[3]
CLAIM_ALL = """
import sys
from pathlib import Path
from core.settings import Settings
from core.store.jobs import claim_job
from core.store.store import open_store
store = open_store(Settings(home=Path(sys.argv[1]), database_url=sys.argv[2], jobs_at_once=1000))
while (job := claim_job(store, sys.argv[3])) is not None:
    print(job.key)
"""


def test_no_job_is_claimed_by_two_threads(make_store, ask):
    """However many runners ask at the same moment, each job goes to exactly one."""
    store = make_store(jobs_at_once=1000, jobs_queued=1000)
    workspace = new_workspace(store)
    asked = {ask(store, workspace, n).key for n in range(40)}
    claimed: list[str] = []

    def claim(runner: str) -> None:
        while (job := claim_job(store, runner)) is not None:
            claimed.append(job.key)

    threads = [threading.Thread(target=claim, args=(f"r{i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(asked) == sorted(claimed)


def test_no_job_is_claimed_by_two_processes(make_store, ask, database_url):
    """The same holds between processes that open the data base by themselves."""
    store = make_store(jobs_queued=1000)
    workspace = new_workspace(store)
    asked = {ask(store, workspace, n).key for n in range(30)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM_ALL, str(store.home), database_url, f"r{i}"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for i in range(3)
    ]
    claimed = [key for process in processes for key in process.communicate()[0].split()]
    assert sorted(asked) == sorted(claimed)


def test_two_askers_share_one_job(store, workspace, stranger, ask, answer):
    """Two workspaces that ask the same question at the same time wait for the same job, and both see it done."""
    mine, theirs = ask(store, workspace), ask(store, stranger)
    key = answer(store)
    assert claim_job(store, "runner") is None
    assert {key} == {mine.key, theirs.key}
    assert "done" == get_run(store, workspace, mine.id).state == get_run(store, stranger, theirs.id).state


def test_workspace_with_fewest_running_jobs_comes_first(store, workspace, stranger, clock, ask):
    """A workspace that asks much does not hold up one that asks little."""
    for n in range(3):
        ask(store, workspace, n)
    clock.now += 1
    ask(store, stranger, 100)
    assert [workspace, stranger, workspace] == [claim_job(store, "r").workspace for _ in range(3)]


def test_no_more_jobs_at_once_than_the_setting_says(store, workspace, ask):
    """A workspace's third job waits while two of its jobs run."""
    runs = [ask(store, workspace, n) for n in range(3)]
    first, second = claim_job(store, "r"), claim_job(store, "r")
    assert claim_job(store, "r") is None
    waiting = next(run for run in runs if run.key not in (first.key, second.key))
    assert get_run(store, workspace, waiting.id).place == 1
    finish_job(store, "r", first.key, "cpu")
    assert waiting.key == claim_job(store, "r").key


def test_place_in_the_queue_counts_from_one(store, workspace, clock, ask):
    """The oldest waiting run has place 1; a running one has none."""
    runs = []
    for n in range(3):
        clock.now += 1
        runs.append(ask(store, workspace, n))
    claim_job(store, "r")
    assert [get_run(store, workspace, run.id).place for run in runs] == [None, 1, 2]


def test_lease_that_ran_out_is_taken_over(store, workspace, clock, ask):
    """A runner that was silent for longer than its lease has lost the job, and is told so."""
    run = ask(store, workspace)
    claim_job(store, "silent")
    clock.now += store.settings.lease_seconds - 1
    assert claim_job(store, "other") is None
    clock.now += 2
    job = claim_job(store, "other")
    assert (run.key, 2) == (job.key, job.attempts)
    assert not record_progress(store, "silent", run.key, 0.5, "still here", None)
    assert not finish_job(store, "silent", run.key, "cpu")
    assert not fail_job(store, "silent", run.key, "no", "")
    assert get_run(store, workspace, run.id).state == "running"


def test_renewed_lease_is_kept(store, workspace, clock, ask):
    """A runner that renews its leases keeps its jobs however long they take."""
    run = ask(store, workspace)
    claim_job(store, "r")
    for _ in range(5):
        clock.now += store.settings.lease_seconds - 1
        renew_leases(store, "r", [run.key])
    assert claim_job(store, "other") is None


def test_lease_of_a_job_that_its_runner_does_not_know_of_is_not_renewed(store, workspace, clock, ask):
    """A claim whose answer was lost on the way comes back by its lease, although the runner lives."""
    ask(store, workspace, 1)
    ask(store, workspace, 2)
    known, lost = claim_job(store, "r"), claim_job(store, "r")
    clock.now += store.settings.lease_seconds - 1
    renew_leases(store, "r", [known.key])
    clock.now += 2
    assert lost.key == claim_job(store, "r").key
    assert claim_job(store, "other") is None


def test_sentence_may_repeat_what_a_file_says(store, workspace, ask):
    """A column's name may hold characters that no data base can: they are shown as marks."""
    run = ask(store, workspace)
    claim_job(store, "r")
    assert record_progress(store, "r", run.key, 0.5, "reading a\0b", None)
    assert get_run(store, workspace, run.id).message == "reading a\ufffdb"
    assert fail_job(store, "r", run.key, "Column 'a\0b\ud800' holds no numbers.", "")
    assert get_run(store, workspace, run.id).error == "Column 'a\ufffdb?' holds no numbers."


def test_job_that_dies_three_times_fails(store, workspace, clock, ask):
    """The third runner that goes silent is the last: the run fails with a sentence."""
    run = ask(store, workspace)
    for attempt in (1, 2, 3):
        assert attempt == claim_job(store, f"r{attempt}").attempts
        clock.now += store.settings.lease_seconds + 1
    assert claim_job(store, "r4") is None
    failed = get_run(store, workspace, run.id)
    assert failed.state == "failed"
    assert "3 times" in failed.error


def test_progress_clears_earlier_attempts(store, workspace, clock, ask):
    """A job that gets further each time is not given up, however often its runner is killed."""
    ask(store, workspace)
    for attempt in range(1, 7):
        job = claim_job(store, "r")
        assert record_progress(store, "r", job.key, attempt / 10, "on", None)
        clock.now += store.settings.lease_seconds + 1
    assert claim_job(store, "r").attempts == 2


def test_progress_is_shown_and_never_goes_back(store, workspace, clock, ask):
    """Fraction, message and the time left are what the runner said last; the time left runs down by itself."""
    run = ask(store, workspace)
    claim_job(store, "r")
    record_progress(store, "r", run.key, 0.5, "seed 2 of 4", 30.0)
    clock.now += 10
    seen = get_run(store, workspace, run.id)
    assert (seen.fraction, seen.message, seen.eta, seen.state) == (0.5, "seed 2 of 4", 20.0, "running")
    record_progress(store, "r", run.key, 0.3, "seed 2 of 4", None)
    seen = get_run(store, workspace, run.id)
    assert (seen.fraction, seen.eta) == (0.5, None)


def test_failure_is_told_with_sentence_and_id(store, workspace, ask):
    """A failed run says why, and what the log calls it; asking again queues it anew."""
    run = ask(store, workspace)
    claim_job(store, "r")
    assert fail_job(store, "r", run.key, "The column y holds text.", "e1")
    failed = get_run(store, workspace, run.id)
    assert (failed.state, failed.error, failed.error_id) == ("failed", "The column y holds text.", "e1")
    again = ask(store, workspace)
    assert (run.id, "queued", "", "", None) == (again.id, again.state, again.error, again.error_id, again.started)
    assert claim_job(store, "r").attempts == 1


def test_waiting_job_is_cancelled_at_once(store, workspace, ask):
    """No runner ever sees a job that was cancelled while it waited."""
    run = ask(store, workspace)
    cancel_run(store, workspace, run.id)
    assert get_run(store, workspace, run.id).state == "cancelled"
    assert claim_job(store, "r") is None


def test_running_job_is_cancelled_by_its_runner(store, workspace, ask):
    """The run counts as cancelled at once; the runner is told to stop, and says when it has."""
    run = ask(store, workspace)
    claim_job(store, "r")
    cancel_run(store, workspace, run.id)
    assert get_run(store, workspace, run.id).state == "cancelled"
    assert [run.key] == cancel_requests(store, "r")
    assert cancel_requests(store, "other") == []
    mark_cancelled(store, "r", run.key)
    assert cancel_requests(store, "r") == []
    assert ask(store, workspace).state == "queued"


@pytest.mark.parametrize("remove", [cancel_run, delete_run])
def test_job_goes_on_while_another_workspace_wants_it(store, workspace, stranger, ask, remove):
    """One of two askers cancels or deletes: the job goes on, on the other's account."""
    mine, theirs = ask(store, workspace), ask(store, stranger)
    claim_job(store, "r")
    remove(store, workspace, mine.id)
    assert cancel_requests(store, "r") == []
    assert get_run(store, stranger, theirs.id).state == "running"
    release_jobs(store, "r")
    assert stranger == claim_job(store, "r").workspace
    remove(store, stranger, theirs.id)
    assert [mine.key] == cancel_requests(store, "r")


def test_job_asked_for_again_while_it_stops_waits_anew(store, workspace, stranger, ask):
    """Somebody asks between the request to stop and the stop: the job is not lost."""
    run = ask(store, workspace)
    claim_job(store, "r")
    cancel_run(store, workspace, run.id)
    assert [run.key] == cancel_requests(store, "r")
    theirs = ask(store, stranger)
    assert cancel_requests(store, "r") == []
    mark_cancelled(store, "r", run.key)
    assert get_run(store, stranger, theirs.id).state == "queued"
    assert get_run(store, workspace, run.id).state == "cancelled"


def test_cancelled_job_of_a_dead_runner_is_not_taken_up(store, workspace, clock, ask):
    """A job that was to be cancelled when its runner died ends as cancelled."""
    run = ask(store, workspace)
    claim_job(store, "r")
    cancel_run(store, workspace, run.id)
    clock.now += store.settings.lease_seconds + 1
    assert claim_job(store, "other") is None
    assert get_run(store, workspace, run.id).state == "cancelled"


def test_cancelling_a_finished_run_changes_nothing(store, workspace, ask, answer):
    """A click on Cancel that comes too late does not hide the result."""
    run = ask(store, workspace)
    answer(store)
    cancel_run(store, workspace, run.id)
    assert get_run(store, workspace, run.id).state == "done"


def test_orderly_stop_gives_jobs_back(store, workspace, ask):
    """A runner that stops in order frees its jobs at once, and the attempt does not count."""
    run = ask(store, workspace)
    register_runner(store, "r", "host", 1, [])
    claim_job(store, "r")
    release_jobs(store, "r")
    assert get_run(store, workspace, run.id).state == "queued"
    assert list_runners(store) == []
    assert claim_job(store, "other").attempts == 1


def test_jobs_of_dead_processes_on_this_host_are_taken_over(store, workspace, stranger, ask):
    """At start nobody waits for the leases of runners that are known to be dead; those of other hosts stay."""
    here, there = ask(store, workspace, 1), ask(store, stranger, 2)
    register_runner(store, "dead", "here", 11, [])
    register_runner(store, "alive", "here", 12, [])
    register_runner(store, "far", "there", 11, [])
    assert {here.key, there.key} == {claim_job(store, "dead").key, claim_job(store, "far").key}
    take_over_dead(store, "here", lambda pid: pid == 12)
    assert {"alive", "far"} == {row.runner for row in list_runners(store)}
    freed = claim_job(store, "alive")
    assert freed.attempts == 2
    assert claim_job(store, "alive") is None


def test_runners_are_listed_with_their_workers(store, clock):
    """What the pages say about processors and cards comes from the runners; one that is silent for a day is gone."""
    workers = [{"device": "gpu", "name": "Card", "memory": 2**37, "threads": 1}]
    register_runner(store, "r", "host", 7, workers)
    clock.now += 5
    renew_leases(store, "r", [])
    (row,) = list_runners(store)
    assert ("host", 7, clock.now, workers) == (row.host, row.pid, row.seen, row.workers)
    clock.now += 86_401
    register_runner(store, "new", "host", 8, [])
    assert [row.runner for row in list_runners(store)] == ["new"]
