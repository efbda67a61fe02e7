"""One cluster of two workers for all tests of this folder; a store and a runner of its own for each test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core.runner.cluster import Cluster, open_cluster
from core.runner.loop import Runner
from core.settings import Settings
from core.store import Run, Store, get_run, new_workspace, open_store, submit
from tests.core.runner.sample_analyses import SAMPLE, SampleParams, runs
from tests.workbench import wait_for

MIB = 1 << 20
PATIENCE = 90.0  # seconds; a loaded machine takes long to start a worker


@dataclass
class Bench:
    """A store with a workspace, and a runner that works on it in a thread."""

    store: Store
    cluster: Cluster
    folder: Path  # where the steps write
    workspace: str = ""
    ended: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        self.workspace = new_workspace(self.store)
        self.folder.mkdir()
        self.runner = Runner(self.store, [SAMPLE], self.cluster, "runner", self.store.home / "runner")
        self.thread = threading.Thread(target=self.runner.run, args=(self.ended,))
        self.thread.start()

    def stop(self) -> None:
        self.ended.set()
        self.thread.join()
        for drive in list(self.runner.drives.values()):
            drive.stop()
        for thread in self.runner.threads:
            thread.join()

    def ask(self, workspace: str = "", **params: Any) -> Run:
        return submit(
            self.store, workspace or self.workspace, SAMPLE, SampleParams(folder=str(self.folder), **params), {}
        )

    def see(self, run: Run) -> Run:
        return get_run(self.store, run.workspace, run.id)

    def wait(self, run: Run) -> Run:
        """The run when it has ended, however it ended."""
        wait_for(lambda: self.see(run).state not in ("queued", "running"), PATIENCE, "the end of the run")
        return self.see(run)

    def answer(self, **params: Any) -> Run:
        return self.wait(self.ask(**params))

    def wait_for_step(self, name: str) -> None:
        wait_for(lambda: name in runs(self.folder), PATIENCE, f"the begin of {name}")

    def open(self, gate: str) -> None:
        (self.folder / gate).touch()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    home = tmp_path_factory.mktemp("cluster")
    opened = open_cluster(Settings(home=home, workers=2, gpus=0, job_memory=600 * MIB), home / "workers")
    yield opened
    opened.close()


@pytest.fixture
def bench(cluster: Cluster, tmp_path: Path) -> Iterator[Bench]:
    # a test may end while a worker is being started again, and a step that blocks must not wait behind another one
    wait_for(lambda: len(cluster.client.scheduler_info()["workers"]) == 2, PATIENCE, "both workers")
    store = open_store(Settings(home=tmp_path / "home", job_memory=600 * MIB, jobs_at_once=8))
    made = Bench(store, cluster, tmp_path / "steps")
    made.start()
    yield made
    made.stop()
