"""The runner as a process: bound to its parent, crash-only, started again, light where the page server imports it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from core.runner.child import ROOT, RunnerChild, environment
from core.settings import Settings
from core.store import Run, Store, get_run, list_runners, new_workspace, open_store, submit
from tests.core.runner.conftest import PATIENCE
from tests.core.runner.sample_analyses import SAMPLE, SampleParams, runs
from tests.workbench import wait_for

COMMAND = (sys.executable, "-m", "tests.core.runner.sample_runner")


class Installation:
    """A home folder with a workspace; servers that are started on it are ended with the test."""

    def __init__(self, path: Path) -> None:
        self.settings = Settings(home=path / "home", workers=2, gpus=0, lease_seconds=600)
        self.store: Store = open_store(self.settings)
        self.workspace = new_workspace(self.store)
        self.folder = path / "steps"
        self.folder.mkdir()
        self.servers: list[subprocess.Popen[bytes]] = []

    def serve(self) -> subprocess.Popen[bytes]:
        """Starts a server; its runner gets the lease time of ten minutes, so nothing here waits for leases."""
        server = subprocess.Popen(
            (sys.executable, "-m", "tests.core.runner.sample_server"),
            cwd=ROOT,
            env={**os.environ, **environment(self.settings)},
        )
        self.servers.append(server)
        return server

    def ask(self, **params: object) -> Run:
        return submit(self.store, self.workspace, SAMPLE, SampleParams(folder=str(self.folder), **params), {})

    def state(self, run: Run) -> str:
        return get_run(self.store, self.workspace, run.id).state

    def wait(self, run: Run) -> Run:
        wait_for(lambda: self.state(run) not in ("queued", "running"), PATIENCE, "the end of the run")
        return get_run(self.store, self.workspace, run.id)

    def wait_for_step(self, name: str, times: int = 1) -> None:
        wait_for(lambda: runs(self.folder).count(name) >= times, PATIENCE, f"the begin of {name}")


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    yield made
    for server in made.servers:
        below = psutil.Process(server.pid).children(recursive=True) if server.poll() is None else []
        server.kill()
        server.wait()
        psutil.wait_procs(below, PATIENCE)


def test_after_a_kill_nothing_is_left_and_the_next_server_goes_on(installation: Installation) -> None:
    """kill -9 of the server in the middle of a job: all its processes end, no finished step runs twice."""
    server = installation.serve()
    run = installation.ask(gate="open-1", steps=2)
    installation.wait_for_step("square-1")
    kill_and_see_all_end(server)
    assert installation.state(run) == "running"  # no orderly end that could have marked it failed

    (installation.folder / "open-1").touch()
    server = installation.serve()
    assert installation.wait(run).state == "done"
    finished = installation.ask(gate="open-1", steps=3, salt="one step more")
    assert installation.wait(finished).state == "done"
    assert [runs(installation.folder).count(f"square-{number}") for number in (3, 5, 14)] == [1, 1, 1]
    assert runs(installation.folder).count("square-1") == 2  # once cut off, once finished

    # A step that holds the interpreter of its worker does not outlive the server either.
    blocking = installation.ask(function="blocks_the_interpreter", steps=1)
    installation.wait_for_step("blocks-1")
    kill_and_see_all_end(server)
    assert installation.state(blocking) == "running"


def kill_and_see_all_end(server: subprocess.Popen[bytes]) -> None:
    below = psutil.Process(server.pid).children(recursive=True)
    assert len(below) >= 3  # the runner and two workers
    server.kill()
    server.wait()
    _, alive = psutil.wait_procs(below, PATIENCE)
    assert alive == []


def test_a_runner_that_died_is_started_again_and_its_worker_too(installation: Installation) -> None:
    """kill -9 of the runner alone: another one takes its jobs over, though their lease would last ten minutes."""
    server = installation.serve()
    run = installation.ask(gate="open", steps=2)
    installation.wait_for_step("square-1")
    installation.wait_for_step("square-2")
    (runner,) = list_runners(installation.store)
    psutil.Process(runner.pid).kill()
    installation.wait_for_step("square-1", times=2)
    (another,) = list_runners(installation.store)
    assert another.runner != runner.runner
    (installation.folder / "open").touch()
    assert installation.wait(run).state == "done"
    assert server.poll() is None
    folders = [folder.name for folder in (installation.settings.home / "runners").iterdir()]
    assert folders == [another.runner]


def test_stop_ends_the_runner_and_its_workers_without_an_orderly_end(installation: Installation) -> None:
    """The driving thread would see cancelled tasks and fail the job; instead the job just waits for the next runner."""
    child = RunnerChild(installation.settings, COMMAND)
    run = installation.ask(gate="never", steps=2)
    installation.wait_for_step("square-2")
    below = psutil.Process(child.process.pid).children(recursive=True)
    child.stop()
    assert not child.alive
    _, alive = psutil.wait_procs(below, PATIENCE)
    assert alive == []
    assert installation.state(run) == "running"
    assert child.starts == 1
    logs = installation.settings.home / "logs"
    assert "works with" in (logs / "runner.log").read_text()
    assert "Traceback" not in (logs / "runner-output.log").read_text()


def test_a_runner_of_its_own_goes_on_without_a_parent(installation: Installation) -> None:
    """`python -m core.runner --standalone` does not mind that its input has ended; SIGTERM ends it with its workers."""
    variables = {**os.environ, **environment(installation.settings)}
    command = (sys.executable, "-m", "core.runner", "--standalone")
    runner = subprocess.Popen(command, cwd=ROOT, env=variables, stdin=subprocess.DEVNULL)
    wait_for(lambda: bool(list_runners(installation.store)), PATIENCE, "the entry of the runner")
    below = psutil.Process(runner.pid).children(recursive=True)
    assert runner.poll() is None
    runner.terminate()
    assert runner.wait(PATIENCE) == 0
    _, alive = psutil.wait_procs(below, PATIENCE)
    assert alive == []


def test_the_page_server_imports_no_dask_for_the_runner() -> None:
    """Inside a page process a cluster would run the page again in its workers; so it is a process of its own."""
    loaded = modules_after("import core.runner.child")
    assert not loaded & {"dask", "distributed", "torch", "sklearn", "pandas"}


def test_a_spawned_worker_that_imports_the_entry_starts_nothing() -> None:
    """Workers import the runner's main module under another name."""
    loaded = modules_after("import runpy; runpy.run_module('core.runner.__main__', run_name='__mp_main__')")
    assert not loaded & {"dask", "distributed", "torch"}


def modules_after(code: str) -> set[str]:
    answer = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"], cwd=ROOT, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    return set(answer.stdout.split())


def test_the_child_has_the_settings_of_its_parent(tmp_path: Path) -> None:
    """Also those that the parent did not take from the environment; unset ones stay unset."""
    variables = environment(Settings(home=tmp_path, secret="kept", gpus=None, workers=3))
    assert variables["ASSAY_HOME"] == str(tmp_path)
    assert variables["ASSAY_SECRET"] == "kept"
    assert variables["ASSAY_WORKERS"] == "3"
    assert "ASSAY_GPUS" not in variables


def test_a_scheduler_that_is_refused_ends_the_runner_with_the_sentence(tmp_path: Path) -> None:
    """Status 2 and one line."""
    settings = Settings(home=tmp_path, scheduler="tcp://192.0.2.1:8786")
    variables = {**os.environ, **environment(settings)}
    with subprocess.Popen(
        COMMAND, cwd=ROOT, env=variables, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as runner:
        assert runner.wait(PATIENCE) == 2
        assert runner.stderr is not None
        said = runner.stderr.read()
    assert said.startswith("ASSAY_SCHEDULER=tcp://192.0.2.1:8786 is not accepted: use tls://HOST:PORT")
    assert said.count("\n") == 1
