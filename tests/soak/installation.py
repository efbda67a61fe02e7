"""A server of its own, its runner and workers, the processes that one may kill, and a second cluster beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from core.settings import Settings
from core.store import Store, list_runners, open_store
from tests.workbench import ROOT, Workbench, free_port, wait_for

PATIENCE = 300.0  # seconds until a process is there, or gone, on a busy machine
STARTS = 5
MIB = 1 << 20
VARIABLES = {
    **{"ASSAY_WORKERS": "2", "ASSAY_GPUS": "0", "ASSAY_JOB_MEMORY": str(1024 * MIB), "ASSAY_JOBS_AT_ONCE": "4"},
    # What guards against strangers would guard against this traffic as well.
    **{f"ASSAY_HOURLY_{what}": str(10**6) for what in ("UPLOADS", "RUNS", "WORKSPACES", "LINK_FAILURES")},
    **{"ASSAY_HOURLY_UPLOAD_BYTES": str(1 << 50), "ASSAY_JOBS_A_DAY": str(10**6)},
}
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
CONFIGURED = {  # as deploy/ says, but on the loopback interface without certificates
    **{"PYTHONPATH": str(ROOT), "DASK_CONFIG": str(ROOT / "deploy" / "dask.yaml")},
    "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "False",
}


@dataclass
class Scheduler:
    """A scheduler and two workers that no runner has started; whoever runs them starts again what has died."""

    home: Path
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def keep(self) -> None:
        """Starts what is not there."""
        for name in ("scheduler", "worker-1", "worker-2"):
            process = self.processes.get(name)
            if process is None or process.poll() is not None:
                self.processes[name] = self._start(name)

    def stop(self) -> None:
        for process in self.processes.values():
            end_group(process)

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        if name == "scheduler":
            options = ["scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard"]
        else:
            options = ["worker", self.address, "--host", "127.0.0.1", "--nworkers", "1", "--nthreads", "1"]
            options += ["--no-dashboard", "--resources", "CPU=1", "--memory-limit", "1GiB"]
            options += ["--local-directory", str(self.home.parent / "dask"), "--death-timeout", "60"]
        with (self.home.parent / "dask.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *options],
                cwd=ROOT,
                env={**os.environ, **THREADS, **CONFIGURED, "ASSAY_HOME": str(self.home)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


class Installation:
    """A home folder with a server on it."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.scheduler: Scheduler | None = None
        self.server = Workbench(self.home, dict(VARIABLES))
        self.start()
        values = {name.removeprefix("ASSAY_").lower(): value for name, value in VARIABLES.items()}
        self.store: Store = open_store(Settings(home=self.home, **values))

    def start(self) -> None:
        """Starts the server; on a machine that is too busy for it, again, as whoever runs it would do."""
        for _ in range(STARTS):
            try:
                self.server.start()
                return
            except RuntimeError as error:
                last = error
        raise last

    def stop(self) -> None:
        """Ctrl-C, and the end of every process."""
        self.server.stop()
        if self.scheduler is not None:
            self.scheduler.stop()
        self.wait_for_the_end_of(self.processes())

    def use_scheduler(self) -> None:
        """From the next start on the work is done by a scheduler outside of the runner."""
        self.scheduler = Scheduler(self.home)
        self.scheduler.keep()
        self.server.environment["ASSAY_SCHEDULER"] = self.scheduler.address

    def processes(self) -> list[psutil.Process]:
        """Every process that works on this home folder, whoever is its parent now."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("ASSAY_HOME") == str(self.home) and alive(process):
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def runner(self) -> psutil.Process | None:
        """The runner of this moment."""
        for row in list_runners(self.store):
            try:
                process = psutil.Process(row.pid)
                if "core.runner" in process.cmdline() and alive(process):
                    return process
            except psutil.NoSuchProcess:
                continue
        return None

    def workers(self) -> list[psutil.Process]:
        """The processes that run steps."""
        if self.scheduler is not None:
            parents = [psutil.Process(one.pid) for name, one in self.scheduler.processes.items() if "worker" in name]
        else:
            parents = [runner] if (runner := self.runner()) is not None else []
        return [child for parent in parents for child in spawned_below(parent)]

    def readers(self) -> list[psutil.Process]:
        """The processes that read uploads at this moment."""
        server = self.server.process
        assert server is not None
        try:
            below = psutil.Process(server.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        return [process for process in below if "core.store.inspection" in command_of(process)]

    def wait_for_the_end_of(self, processes: list[psutil.Process]) -> list[psutil.Process]:
        """Waits; returns those that have not ended."""
        _, left = psutil.wait_procs(processes, PATIENCE)
        return [process for process in left if alive(process)]

    def wait_for_runner(self) -> None:
        wait_for(lambda: self.runner() is not None, PATIENCE, "a runner")


def spawned_below(parent: psutil.Process) -> list[psutil.Process]:
    """The worker processes below a nanny; not Python's helpers that watch over shared memory."""
    try:
        below = parent.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return [process for process in below if "spawn_main" in command_of(process)]


def command_of(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def alive(process: psutil.Process) -> bool:
    """Whether a process still runs (one that only waits to be collected does not)."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end_group(process: subprocess.Popen[bytes]) -> None:
    """kill -9 of a process that we started in a group of its own, and of its children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def installation(folder: Path) -> Iterator[Installation]:
    """A server that is gone afterwards, however the soak ended."""
    made = Installation(folder)
    try:
        yield made
    finally:
        made.server.kill()
        if made.scheduler is not None:
            made.scheduler.stop()
        for process in made.wait_for_the_end_of(made.processes()):
            process.kill()
