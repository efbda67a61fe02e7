"""Drives one job: runs the generator of its analysis, with the steps on the cluster."""

from __future__ import annotations

import queue
import threading
from collections import deque
from dataclasses import dataclass

from core.analysis import Analysis, Device, Inputs, LivePoint, Params, Result, Step, Stored
from core.errors import StepFailed
from core.runner.cluster import Cluster
from core.runner.progress import Progress
from core.runner.step_name import step_name
from core.runner.tasks import Task, Tasks
from core.store.steps import Steps


class StoppedError(Exception):
    """The job is no longer wanted here."""


@dataclass(frozen=True)
class State:
    """Where a job stands."""

    fraction: float
    message: str
    seconds_left: float | None


class Drive:
    """One job on its way. `run` is called once, in a thread of its own; the rest from any thread.

    Attributes:
        devices: kinds of device that its steps asked for.
        cards: names of the graphics cards that ran its steps, in the order in which each was first used.
        message: what is being done now.
        submitted: how many steps it has asked the cluster for.
    """

    def __init__(
        self, analysis: Analysis, params: Params, inputs: Inputs, cluster: Cluster, tasks: Tasks, finished: Steps
    ) -> None:
        self.analysis = analysis
        self.params = params
        self.inputs = inputs
        self.cluster = cluster
        self.tasks = tasks
        self.finished = finished
        self.progress = Progress()
        self.devices: set[Device] = set()
        self.cards: list[str] = []
        self.message = ""
        self.submitted = 0
        self._running: dict[str, Task] = {}
        self._shares: dict[str, float] = {}
        self._ended: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._points: queue.SimpleQueue[LivePoint] = queue.SimpleQueue()
        self._stopped = threading.Event()

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopped.is_set()

    @property
    def device(self) -> str:
        """What the steps ran on: "cpu", or the cards; "gpu" where those are unknown, as of steps that were there."""
        return ", ".join(self.cards) or ("gpu" if "gpu" in self.devices else "cpu")

    def stop(self) -> None:
        """Takes back what is on the cluster; `run` raises `StoppedError` as soon as the analysis itself lets it."""
        self._stopped.set()
        self._ended.put(None)

    def wait_for(self, sentence: str) -> None:
        """Says what keeps the result from being stored.

        Raises:
            StoppedError: nobody wants it any more.
        """
        self._raise_if_stopped()
        self.message = sentence

    def state(self) -> State:
        """Where the job stands now."""
        running = list(self._running.values())
        fraction = self.progress.fraction((self._shares.get(task.key, 0.0), task.fraction) for task in running)
        begun = [task for task in running if task.begun] or running
        self.message = next((task.message or task.step.label for task in begun), self.message)
        return State(fraction, self.message, self.progress.seconds_left(fraction))

    def take_points(self) -> list[LivePoint]:
        """The points of the live curve that its steps have reported since the last call."""
        points = []
        while not self._points.empty():
            points.append(self._points.get())
        return points

    def run(self) -> Result:
        """Runs the analysis to its end.

        Raises:
            BadInput: from the analysis, or a step that no worker can run.
            StepFailed: a step failed; the sentence says how.
            StepError: a step failed in an unexpected way.
            StoppedError: after `stop`.
        """
        self.analysis.check_inputs(self.params, self.inputs)
        generator = self.analysis.compute(self.params, self.inputs)
        try:
            batch = next(generator)
            while True:
                batch = generator.send(self._values(batch))
        except StopIteration as end:
            result: Result = end.value
            return result
        finally:
            generator.close()

    def _values(self, batch: list[Step]) -> list[object]:
        """The values of a batch of steps, or the names of those that are stored, in order: finished already, or run now."""
        keys = [step.key for step in batch]
        steps = dict(zip(keys, batch, strict=True))
        self._shares = dict.fromkeys(steps, 0.0)
        for key, step in zip(keys, batch, strict=True):
            self._shares[key] += step.share
        self.devices |= {step.device for step in batch}
        values: dict[str, object] = {}
        waiting: dict[Device, deque[str]] = {"cpu": deque(), "gpu": deque()}
        for key, step in steps.items():
            try:
                values[key] = self._finished(step, key)
                self.progress.find(self._shares[key])
            except KeyError:
                self.cluster.check(step)
                waiting[step.device].append(key)
        try:
            while waiting["cpu"] or waiting["gpu"] or self._running:
                self._raise_if_stopped()
                self._fill(waiting, steps)
                task = self._ended.get()
                self._raise_if_stopped()
                assert task is not None
                values[task.key] = self._value_of(task, steps[task.key])
        finally:
            for task in list(self._running.values()):
                self.tasks.release(task, self._ended.put, self._points.put)
            self._running = {}
        self._raise_if_stopped()
        return [values[key] for key in keys]

    def _fill(self, waiting: dict[Device, deque[str]], steps: dict[str, Step]) -> None:
        """Submits a small window: what waits on a worker that dies is run again, so little should wait there."""
        for device, keys in waiting.items():
            busy = sum(task.step.device == device for task in self._running.values())
            window = max(self.cluster.count(device), 1)  # one even while all workers of a scheduler are away
            for _ in range(min(len(keys), window - busy)):
                key = keys.popleft()
                self.submitted += 1
                self._running[key] = self.tasks.request(
                    steps[key], key, self.submitted, self._ended.put, self._points.put
                )

    def _finished(self, step: Step, key: str) -> object:
        """What a finished step returned, or its name where it is stored.

        Raises:
            KeyError: it is not finished.
        """
        if not step.stored:
            return self.finished.get(key)
        if not self.finished.has(key):
            raise KeyError(key)
        return Stored(key)

    def _value_of(self, task: Task, step: Step) -> object:
        del self._running[task.key]
        if task.failure is not None:
            raise StepFailed(task.failure.sentence) if task.failure.sentence else task.failure
        try:
            value = self._finished(step, task.key)
        except KeyError:
            raise StepFailed(
                f"{step_name(task.step.label)} finished, but its value is gone from the step store. "
                "Raise ASSAY_STEP_BYTES, and check that the workers write into the same ASSAY_HOME."
            ) from None
        self.progress.finish(self._shares[task.key])
        card = self.cluster.name_at(task.worker) if task.step.device == "gpu" else ""
        if card and card not in self.cards:
            self.cards.append(card)
        return value

    def _raise_if_stopped(self) -> None:
        if self.stopped:
            raise StoppedError
