"""A full disk, a held database and a clock that is set, in the middle of a job: it ends done, and no step runs twice."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from core.runner.clock import Jumps
from core.runner.cluster import Cluster
from core.settings import Settings
from core.store import open_store
from tests.core.runner.conftest import PATIENCE, Bench
from tests.core.runner.sample_analyses import runs
from tests.services.small_disk import MIB, SmallDisk, small_disk
from tests.workbench import wait_for


class Clock:
    """The clock on the wall, and how far somebody has set it."""

    def __init__(self) -> None:
        self.set_by = 0.0

    def __call__(self) -> float:
        return time.time() + self.set_by


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder, 8 * MIB) as made:
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bench(cluster: Cluster, disk: SmallDisk, clock: Clock, tmp_path: Path) -> Iterator[Bench]:
    """A store on the small disk, under a clock that can be set, with little patience for its database."""
    wait_for(lambda: len(cluster.client.scheduler_info()["workers"]) == 2, PATIENCE, "both workers")
    store = open_store(Settings(home=disk.path / "home", job_memory=600 * MIB, jobs_at_once=8, database_patience=0.1))
    made = Bench(replace(store, clock=clock), cluster, tmp_path / "steps")
    made.start()
    yield made
    made.stop()


def says(bench: Bench, words: str) -> bool:
    """Whether a job that the runner drives says so in its progress line."""
    return any(words in drive.state().message for drive in list(bench.runner.drives.values()))


def test_a_step_waits_for_room_on_the_disk(bench: Bench, disk: SmallDisk) -> None:
    """What it has found is not lost: the job says what it waits for, and goes on when there is room."""
    run = bench.ask(gate="open", steps=1)
    bench.wait_for_step("square-1")
    disk.fill()
    bench.open("open")
    wait_for(lambda: says(bench, "disk of this installation is full"), PATIENCE, "the sentence")
    disk.empty()
    assert bench.wait(run).state == "done"
    assert runs(bench.folder) == ["square-1", "square-1"]  # the second is the last step, on the sum 1


def test_a_job_ends_while_the_database_is_held(bench: Bench) -> None:
    """Longer than the patience: nothing is recorded meanwhile, and everything afterwards."""
    run = bench.ask(gate="open", steps=1)
    bench.wait_for_step("square-1")
    with held(bench.store.home / "assay.sqlite"):
        bench.open("open")
        wait_for(
            lambda: bench.runner.drives == {} or says(bench, "holds the database"), PATIENCE, "the end of the work"
        )
        assert bench.see(run).state == "running"  # it can still be read
    assert bench.wait(run).state == "done"
    assert runs(bench.folder) == ["square-1", "square-1"]


@pytest.mark.parametrize("jump", [-7200.0, 7200.0])
def test_a_clock_that_is_set_takes_no_job_from_its_runner(bench: Bench, clock: Clock, jump: float) -> None:
    """The lease is renewed by the new clock before the runner itself could think that it has run out."""
    run = bench.ask(gate="open", steps=1)
    bench.wait_for_step("square-1")
    clock.set_by = jump
    longest = bench.store.settings.lease_seconds
    wait_for(lambda: 0 < lease(bench) - clock() <= longest, PATIENCE, "a lease by the new clock")
    bench.open("open")
    assert bench.wait(run).state == "done"
    assert runs(bench.folder) == ["square-1", "square-1"]


def test_a_jump_is_told_from_the_passing_of_time() -> None:
    """Forward, back, and the steady clock that both pass along; a second or less is an adjustment."""
    wall, steady = [1000.0], [5.0]
    jumps = Jumps(lambda: wall[0], lambda: steady[0])
    wall[0], steady[0] = 1060.0, 65.0
    assert jumps() == 0
    wall[0] += 3600
    assert jumps() == 3600
    assert jumps() == 0
    wall[0] -= 7200
    assert jumps() == -7200
    wall[0] += 0.5
    assert jumps() == 0


def lease(bench: Bench) -> float:
    """Until when the one job is its runner's."""
    with bench.store.reading() as connection:
        return float(connection.exec_driver_sql("select lease from jobs").scalar_one())


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Another program writes and does not come to an end."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
