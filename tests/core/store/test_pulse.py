"""One reading of what is live serves everybody who watches, and shows nobody a run of somebody else."""

from __future__ import annotations

import pytest
import sqlalchemy as sql

from core.analysis import LivePoint
from core.errors import NotFound
from core.store.curves import record_curve
from core.store.jobs import claim_job, fail_job, record_progress, register_runner
from core.store.pulse import Pulse
from core.store.runs import Run, cancel_run, get_run, submit
from core.store.store import Store
from core.store.workspaces import new_workspace
from tests.core.store.conftest import ANALYSIS, Question

RUNNER = "runner-of-the-test"


def ask(store: Store, workspace: str, n: int = 1) -> Run:
    """A question of a workspace."""
    return submit(store, workspace, ANALYSIS, Question(n=n), {})


class Statements:
    """Counts what the data base is asked."""

    def __init__(self, store: Store) -> None:
        self.asked = 0
        sql.event.listen(store.engine, "before_cursor_execute", self._count)

    def _count(self, *_: object) -> None:
        self.asked += 1


def test_two_hundred_watchers_ask_the_data_base_as_often_as_one(store: Store) -> None:
    """Within half a second nothing is asked again; then once for all."""
    now = [0.0]
    pulse = Pulse(store, lambda: now[0])
    mine = [ask(store, new_workspace(store)) for _ in range(3)]
    statements = Statements(store)
    pulse.reading()
    once = statements.asked
    assert once > 0
    for _ in range(200):
        assert [pulse.run(run.workspace, run.id) for run in mine] == mine
    assert statements.asked == once
    now[0] = 0.5
    pulse.run(mine[0].workspace, mine[0].id)
    assert statements.asked == 2 * once


def test_a_reading_holds_progress_curve_and_whether_a_runner_is_heard(store: Store) -> None:
    """The same as the tables say, one by one."""
    run = ask(store, new_workspace(store))
    assert not Pulse(store).reading().runner_heard
    register_runner(store, RUNNER, "host", 1, [])
    claim_job(store, RUNNER)
    record_progress(store, RUNNER, run.key, 0.25, "half of the half", 10.0)
    record_curve(store, RUNNER, run.key, [LivePoint(0.0, 4.0, "Loss", "step"), LivePoint(1.0, 2.0, "Loss", "step")])
    reading = Pulse(store).reading()
    assert reading.runner_heard
    assert (reading.runs[run.id].fraction, reading.runs[run.id].message) == (0.25, "half of the half")
    assert reading.curves[run.key].points == ((0.0, 4.0), (1.0, 2.0))


def test_a_run_of_another_workspace_is_not_there(store: Store) -> None:
    """Neither while it is live, nor when it has ended, nor one that never was."""
    run, stranger = ask(store, new_workspace(store)), new_workspace(store)
    pulse = Pulse(store)
    for id in (run.id, "nothing"):
        with pytest.raises(NotFound):
            pulse.run(stranger, id)
    claim_job(store, RUNNER)
    fail_job(store, RUNNER, run.key, "It failed.", "")
    with pytest.raises(NotFound):
        Pulse(store).run(stranger, run.id)


def test_what_has_ended_is_read_from_the_tables(store: Store) -> None:
    """A failed and a cancelled run are in no reading, and known all the same."""
    failed, cancelled = (ask(store, new_workspace(store), n) for n in range(2))
    cancel_run(store, cancelled.workspace, cancelled.id)
    claim_job(store, RUNNER)
    fail_job(store, RUNNER, failed.key, "It failed.", "")
    pulse = Pulse(store)
    for run in (failed, cancelled):
        assert run.id not in pulse.reading().runs
        assert pulse.run(run.workspace, run.id) == get_run(store, run.workspace, run.id)
    assert pulse.run(failed.workspace, failed.id).state == "failed"
