"""The runner: claims jobs, drives each in a thread, tells the table how they get on, stops them on request."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from core.analysis import Analysis, parse_params
from core.errors import BadInput, StepFailed, Unavailable
from core.export.figures import figures_json
from core.provenance import provenance
from core.runner.clock import Jumps
from core.runner.cluster import Cluster
from core.runner.drive import Drive, StoppedError
from core.runner.patience import ASK_AGAIN, patiently
from core.runner.permits import Permit
from core.runner.row_permits import RowPermit, forget_permits
from core.runner.steps import StepError
from core.runner.tasks import Tasks
from core.runner.workplace import Workplace
from core.store import (
    Job,
    Store,
    cancel_requests,
    claim_job,
    evict,
    fail_job,
    finish_job,
    mark_cancelled,
    record_curve,
    record_progress,
    register_runner,
    renew_leases,
    save_result,
    take_over_dead,
)
from core.store.sources import here
from core.store.steps import Steps

log = logging.getLogger(__name__)

TICK = 0.25  # seconds between two looks at new jobs and cancel requests
TELL_EVERY = 1.0  # seconds between two notes of a job's progress
EVICT_EVERY = 600.0
LONG_JUMP, LONG_WAIT = 3_600.0, 86_400.0  # seconds
JOBS_PER_WORKER = 2  # jobs that are driven at once: while one computes between its steps, another has some


class Every:
    """Says when it is time again."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.due = 0.0

    def __call__(self) -> bool:
        """Whether so many seconds have passed since it last said yes."""
        now = time.monotonic()
        if now < self.due:
            return False
        self.due = now + self.seconds
        return True

    def at_once(self) -> None:
        """It is time again, however short ago the last time was."""
        self.due = 0.0

    def not_before(self, seconds: float) -> None:
        """It is not time again for at least so long."""
        self.due = max(self.due, time.monotonic() + seconds)


class Runner:
    """Claims the jobs of a store and runs them on a cluster."""

    def __init__(self, store: Store, catalog: Sequence[Analysis], cluster: Cluster, name: str, folder: Path) -> None:
        self.store = store
        self.catalog = {analysis.slug: analysis for analysis in catalog}
        self.cluster = cluster
        self.name = name
        self.tasks = Tasks(cluster, Workplace(str(store.home), store.settings.store), self._permits(folder))
        self.drives: dict[str, Drive] = {}
        self.threads: list[threading.Thread] = []
        self._broken: Exception | None = None
        self._beat = Every(store.settings.lease_seconds / 4)
        self._tell = Every(TELL_EVERY)
        self._evict = Every(EVICT_EVERY)
        self._jumps = Jumps(store.clock)

    def run(self, ended: threading.Event) -> None:
        """Works until the event is set, or the scheduler is gone. While the data base is away the steps go on."""
        patiently(lambda: take_over_dead(self.store, socket.gethostname(), is_alive))
        patiently(self._register)
        while not ended.wait(TICK):
            try:
                self.tick()
            except Unavailable as error:
                log.warning("%s (%s)", error, error.__cause__)
                self._beat.at_once()  # before anything else when it is back: meanwhile the leases may have run out
                ended.wait(ASK_AGAIN)

    def tick(self) -> None:
        """One look at everything. It never waits for a step.

        Raises:
            ConnectionError: the scheduler, or a worker of our own cluster, is gone.
            Exception: a job could not be recorded; what went wrong.
        """
        if not self.cluster.alive:
            raise ConnectionError("the scheduler is gone")
        if self._broken is not None:
            raise self._broken
        self._mind_the_clock()
        if self._beat():
            renew_leases(self.store, self.name, list(self.drives))
            self._register()
        self._cancel()
        self._claim()
        if self._tell():
            self._tell_progress()
        if self._evict():
            threading.Thread(target=self._make_room, name="eviction", daemon=True).start()

    def _mind_the_clock(self) -> None:
        """After the clock was set, or the machine slept, the own leases are renewed before anybody may think them over.

        What "nobody has read for long" is judged a day later, when a clock that was wrong has been set right.
        """
        jump = self._jumps()
        if jump:
            log.warning("the clock was set by %+.0f s", jump)
            self._beat.at_once()
        if jump > LONG_JUMP:
            self._evict.not_before(LONG_WAIT)

    def _make_room(self) -> None:
        try:
            evict(self.store)
            if self.store.settings.store:
                forget_permits()
        except Unavailable as error:
            log.warning("%s (%s)", error, error.__cause__)

    def _register(self) -> None:
        self.cluster.look()
        rows = [worker.row() for worker in self.cluster.workers]
        register_runner(self.store, self.name, socket.gethostname(), os.getpid(), rows)

    def _claim(self) -> None:
        self.threads = [thread for thread in self.threads if thread.is_alive()]
        while len(self.threads) < JOBS_PER_WORKER * len(self.cluster.workers):
            job = claim_job(self.store, self.name)
            if job is None:
                return
            try:
                drive = self._drive_of(job)
            except BadInput as error:
                fail_job(self.store, self.name, job.key, str(error))
                continue
            self.drives[job.key] = drive
            thread = threading.Thread(target=self._answer, args=(job, drive), name=f"job {job.key}", daemon=True)
            self.threads.append(thread)
            thread.start()

    def _drive_of(self, job: Job) -> Drive:
        analysis = self.catalog.get(job.slug)
        if analysis is None:
            raise BadInput(f"This runner does not know the analysis {job.slug!r}; start it from the same version.")
        params = parse_params(analysis.params, job.params)
        return Drive(analysis, params, job.inputs, self.cluster, self.tasks, Steps(self.store.shelves.steps))

    def _permits(self, folder: Path) -> Callable[[str], Permit | RowPermit]:
        """Files where all workers see the home folder, rows where they may be anywhere."""
        if self.store.settings.store:
            return lambda name: RowPermit(name, self.name)
        return lambda name: Permit(folder / "permits" / name)

    def _cancel(self) -> None:
        for key in cancel_requests(self.store, self.name):
            drive = self.drives.pop(key, None)
            if drive is not None:
                drive.stop()
            mark_cancelled(self.store, self.name, key)

    def _tell_progress(self) -> None:
        for key, drive in list(self.drives.items()):
            state = drive.state()
            held = record_progress(self.store, self.name, key, state.fraction, state.message, state.seconds_left)
            if not held and self.drives.get(key) is drive:  # another runner has it; or it has just ended
                del self.drives[key]
                drive.stop()
            elif points := drive.take_points():
                record_curve(self.store, self.name, key, points)

    def _answer(self, job: Job, drive: Drive) -> None:
        """The life of one job, in its own thread."""
        try:
            self._work(job, drive)
        except Exception as error:  # the table or the disk is gone: without them no job can be kept honest
            log.exception("job %s can't be recorded", job.key)
            self._broken = error
        finally:
            if self.drives.get(job.key) is drive:
                del self.drives[job.key]

    def _work(self, job: Job, drive: Drive) -> None:
        started, clock = time.time(), time.monotonic()
        try:
            with here(self.store.shelves, drive.inputs) as drive.inputs:
                result = drive.run()
            drive.message = "Drawing the figures"
            figures = figures_json(drive.analysis, result)
            device = drive.device
            origin = provenance(device, started, time.monotonic() - clock)
            patiently(
                lambda: save_result(self.store, drive.analysis, drive.params, drive.inputs, result, origin, figures),
                drive.wait_for,
            )
        except StoppedError:
            return
        except (BadInput, StepFailed, Unavailable) as error:
            self._fail(job, drive, str(error))
        except Exception as error:
            number = secrets.token_hex(4)
            trace = error.trace if isinstance(error, StepError) else "".join(traceback.format_exception(error))
            log.error("error %s in job %s (%s):\n%s", number, job.key, job.slug, trace)
            sentence = f"An unexpected error stopped this run (id {number}). The log of the runner holds the details."
            self._fail(job, drive, sentence, number)
        else:
            patiently(lambda: finish_job(self.store, self.name, job.key, device))

    def _fail(self, job: Job, drive: Drive, sentence: str, number: str = "") -> None:
        if not drive.stopped:
            patiently(lambda: fail_job(self.store, self.name, job.key, sentence, number))


def is_alive(pid: int) -> bool:
    """Whether another process has this number and has not ended."""
    try:
        return pid != os.getpid() and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
