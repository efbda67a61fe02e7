"""Steps on the cluster: jobs that need the same step share it, and one that nobody needs any more is stopped."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from distributed import Future
from distributed.scheduler import KilledWorker

from core.analysis import LivePoint, Recorder, Step
from core.runner.cluster import Cluster
from core.runner.permits import Permit
from core.runner.row_permits import RowPermit
from core.runner.step_name import step_name
from core.runner.steps import REPORTS, Order, StepError, out_of_memory, run_step, versions
from core.runner.workplace import Workplace, pack

MEMORY_DEATHS = "worker-restart-memory"  # the nannies' topic
TASK_PREFIX = "step"  # of all names on the scheduler, which keeps what it learns of each prefix for ever
MOST_SUBMISSIONS = 5  # of one step whose workers die of something else

Listener = Callable[["Task"], None]


class Task:
    """A step that the cluster was asked for.

    Attributes:
        failure: why it has no value; None while it runs and where it succeeded.
        begun: whether a worker runs it.
        worker: address of the one that ran it; empty until it has ended.
        fraction: how far it says it is, from 0 to 1.
        message: what it says it is doing.
    """

    def __init__(self, step: Step, key: str, number: int) -> None:
        self.step = step
        self.key = key
        self.number = number
        self.failure: StepError | None = None
        self.begun = False
        self.worker = ""
        self.fraction = 0.0
        self.message = ""
        self.listeners: list[Listener] = []
        self.recorders: list[Recorder] = []
        self.submissions = 0
        self.permit: Permit | RowPermit | None = None
        self.future: Future | None = None


class Tasks:
    """All steps that this runner has on the cluster.

    Attributes:
        by_key: the steps that wait or run there, by content key.
    """

    def __init__(self, cluster: Cluster, place: Workplace, permit: Callable[[str], Permit | RowPermit]) -> None:
        self.cluster = cluster
        self.place = place
        self.permit = permit  # makes one of a name
        self.by_key: dict[str, Task] = {}
        self._stopped: set[str] = set()  # addresses of workers that were killed on purpose
        self._lock = threading.RLock()
        cluster.client.subscribe_topic(REPORTS, self._on_report)
        cluster.client.subscribe_topic(MEMORY_DEATHS, self._on_memory_death)

    def request(self, step: Step, key: str, number: int, listener: Listener, recorder: Recorder) -> Task:
        """Asks for a step; one that is on the cluster already is shared.

        Args:
            step: what to run.
            key: its content key.
            number: its place in its job: among the jobs that wait, low numbers come first.
            listener: is called once, from another thread, when the step has ended.
            recorder: is told the points of the live curve, from another thread.
        """
        with self._lock:
            task = self.by_key.get(key)
            if task is None:
                task = self.by_key[key] = Task(step, key, number)
                self._submit(task)
            task.listeners.append(listener)
            task.recorders.append(recorder)
            return task

    def release(self, task: Task, listener: Listener, recorder: Recorder) -> None:
        """Takes a request back. When it was the last one, the worker that runs the step is free at once."""
        with self._lock:
            task.listeners.remove(listener)
            task.recorders.remove(recorder)
            if task.listeners or self.by_key.get(task.key) is not task:
                return
            worker = self._drop(task)
            if worker:
                self._stopped.add(worker)
        if worker:
            self.cluster.stop_worker(worker)

    def _submit(self, task: Task) -> None:
        task.submissions += 1
        # A name of its own each time: a task of the same step that is just being cancelled is never joined.
        name = f"{task.key}-{secrets.token_hex(4)}"
        task.permit = self.permit(name)
        task.permit.issue()
        order = Order(task.key, task.step.label, pack(task.step), self.place, task.permit, versions())
        task.future = self.cluster.client.submit(
            run_step, order, key=(TASK_PREFIX, name), priority=-task.number, resources={task.step.device.upper(): 1}
        )
        task.future.add_done_callback(partial(self._on_done, task))

    def _drop(self, task: Task) -> str:
        """Forgets a task; returns the worker that may be running it."""
        assert task.permit is not None and task.future is not None
        del self.by_key[task.key]
        worker = task.permit.withdraw()
        task.future.release()
        task.future = None
        return worker

    def _end(self, task: Task, failure: StepError | None) -> None:
        task.worker = self._drop(task)
        task.failure = failure
        for listener in task.listeners:
            listener(task)

    def _on_done(self, task: Task, future: Future) -> None:
        status = future.status
        error = future.exception() if status == "error" else None
        with self._lock:
            if task.future is not future or status == "cancelled":  # dropped, or the scheduler is gone
                return
            if isinstance(error, KilledWorker) and not self._is_to_blame(task, error):
                self._resubmit(task)
            elif isinstance(error, KilledWorker):
                self._end(task, StepError(_crashed(task.step)))
            elif error is None or isinstance(error, StepError):
                self._end(task, error)
            else:
                self._end(task, StepError("", f"{type(error).__name__}: {error}"))

    def _is_to_blame(self, task: Task, error: KilledWorker) -> bool:
        """A worker takes waiting tasks with it when it dies; only the one that ran is the cause, unless we killed it."""
        assert task.permit is not None
        ran_on = task.permit.worker()
        died = error.last_worker.address
        return (ran_on == died and died not in self._stopped) or task.submissions >= MOST_SUBMISSIONS

    def _resubmit(self, task: Task) -> None:
        assert task.permit is not None and task.future is not None
        task.permit.withdraw()
        task.future.release()
        self._submit(task)

    def _on_report(self, event: tuple[float, dict[str, Any]]) -> None:
        report = event[1]
        task = self.by_key.get(report["task"].split("-")[0])
        if task is not None:
            task.begun, task.fraction, task.message = True, report["fraction"], report["message"]
            for point in report.get("points", ()):
                for recorder in task.recorders:
                    recorder(LivePoint(**point))

    async def _on_memory_death(self, event: tuple[float, dict[str, Any]]) -> None:
        # Not in the client's own thread: it must never wait for the lock.
        await asyncio.to_thread(self._end_over_memory, event[1]["worker"])

    def _end_over_memory(self, address: str) -> None:
        """A step that passed the limit would pass it again on the next worker: it ends here."""
        limit = max((worker.memory for worker in self.cluster.workers if worker.device == "cpu"), default=None)
        with self._lock:
            for task in list(self.by_key.values()):
                if task.permit is not None and task.permit.worker() == address:
                    self._end(task, StepError(out_of_memory(step_name(task.step.label), limit)))


def _crashed(step: Step) -> str:
    return (
        f"{step_name(step.label)} ended its worker process twice: probably a library crashed on this input, or the "
        "machine ran out of memory. Use a smaller input; if it stays, raise ASSAY_JOB_MEMORY or report the input."
    )
