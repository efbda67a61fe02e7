"""One PostgreSQL, one object store and one Dask cluster with TLS, and an installation on them, for all tests here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sql

from core.analysis import Analysis, Inputs, Params, parse_params
from core.catalog import CATALOG
from core.settings import Settings
from core.sources import open_source
from core.store import Run, Store, get_run, list_runners, new_workspace, open_store, submit
from core.store.database import jobs
from tests.core.runner.sample_analyses import SAMPLE, SampleParams, runs
from tests.services.dask_cluster import DaskCluster, dask_cluster
from tests.services.object_store import ObjectStore, object_store
from tests.services.postgres import Postgres, postgres
from tests.services.runners import RunnerProcess, runner
from tests.workbench import Workbench, wait_for

PATIENCE = 300.0  # seconds; a loaded machine takes long to start anything
LEASE = 4.0
GATE = "open"
SECRET = "the same on every page server"


@dataclass(frozen=True)
class Question:
    """A question that takes a second or two.

    Attributes:
        slug: of the analysis.
        params: what differs from the defaults.
        inputs: slot -> name of something built in.
    """

    slug: str
    params: Mapping[str, Any]
    inputs: Mapping[str, str]

    @property
    def asked(self) -> tuple[Analysis, Params, Inputs]:
        """As `submit` takes it."""
        analysis = next(one for one in CATALOG if one.slug == self.slug)
        params = parse_params(analysis.params, self.params)
        slots = analysis.inputs_of(self.params["mode"])
        return (
            analysis,
            params,
            {slot.slot: open_source(slot.kind, self.inputs[slot.slot]) for slot in slots if slot.slot in self.inputs},
        )


@dataclass
class Installation:
    """A team's Assay: a job table in PostgreSQL, files in an object store, steps on a Dask cluster.

    Every process has a home folder of its own, as on machines that share no disk.

    Attributes:
        path: where all of them lie.
        shared: the variables that all its processes have, those of workers too.
        cluster: where its steps run.
        folder: where the sample steps write down that they ran.
        stack: what is to be ended with it.
        runners: all that were started, the newest last.
        homes: how many home folders there are.
    """

    path: Path
    shared: Mapping[str, str]
    cluster: DaskCluster
    folder: Path
    stack: ExitStack = field(default_factory=ExitStack)
    runners: list[RunnerProcess] = field(default_factory=list)
    homes: int = 0

    def __post_init__(self) -> None:
        self.folder.mkdir()
        named = {name.removeprefix("ASSAY_").lower(): value for name, value in self.variables.items()}
        self.store: Store = open_store(Settings(**{**named, "home": self.new_home()}))
        self.workspace = new_workspace(self.store)

    @property
    def variables(self) -> dict[str, str]:
        """What page servers and runners are started with."""
        return {
            **self.shared,
            "ASSAY_SECRET": SECRET,
            "ASSAY_LEASE_SECONDS": str(LEASE),
            **self.cluster.runner_variables,
        }

    def new_home(self) -> Path:
        """A home folder for one more process."""
        self.homes += 1
        return self.path / f"home-{self.homes}"

    def start_runner(self) -> RunnerProcess:
        """Starts a runner and waits until it is entered in the table with both workers."""
        variables = {**self.variables, "ASSAY_HOME": str(self.new_home())}
        made = self.stack.enter_context(runner(variables, self.path / "runner.log"))
        self.runners.append(made)
        wait_for(lambda: self.knows(made), PATIENCE, "the entry of the runner")
        return made

    def ensure_runner(self) -> RunnerProcess:
        """The newest runner, or a new one where none lives; starting one takes its time."""
        return self.runners[-1] if self.runners and self.runners[-1].alive else self.start_runner()

    def knows(self, made: RunnerProcess) -> bool:
        """Whether a runner is in the table, with both workers. Raises if it has ended."""
        if not made.alive:
            raise RuntimeError(f"the runner ended:\n{made.log.read_text()}")
        rows = {row.pid: row for row in list_runners(self.store)}
        return made.pid in rows and len(rows[made.pid].workers) == 2

    def start_pages(self) -> Workbench:
        """Starts a page server without a runner of its own."""
        made = Workbench(self.new_home(), {**self.variables, "ASSAY_RUNNER": "0"})
        self.stack.callback(made.kill)
        return made.start()

    def ask_question(self, question: Question) -> Run:
        """Asks one of the five questions, of something built in."""
        return submit(self.store, self.workspace, *question.asked)

    @property
    def log(self) -> str:
        """What the runners wrote down."""
        return "".join(path.read_text() for path in self.path.glob("home-*/logs/runner.log"))

    def ask(self, **params: Any) -> Run:
        """Asks for sums of squares."""
        return submit(self.store, self.workspace, SAMPLE, SampleParams(folder=str(self.folder), **params), {})

    def see(self, run: Run) -> Run:
        """The run as it is now."""
        return get_run(self.store, self.workspace, run.id)

    def wait(self, run: Run) -> Run:
        """The run when it has ended, however it ended."""
        wait_for(lambda: self.see(run).state not in ("queued", "running"), PATIENCE, "the end of the run", 0.2)
        return self.see(run)

    def wait_for_step(self, name: str, times: int = 1) -> None:
        """Waits until a step has begun so many times."""
        wait_for(lambda: runs(self.folder).count(name) >= times, PATIENCE, f"the begin of {name}")

    def hold_at_second_step(self, first: int) -> Run:
        """A run that has finished one step, the square of `first`, and is held in its second one until `open`."""
        self.open()
        assert self.wait(self.ask(first=first, steps=1, gate=GATE)).state == "done"
        (self.folder / GATE).unlink()
        run = self.ask(first=first, steps=2, gate=GATE)
        self.wait_for_step(f"square-{first + 1}")
        return run

    def open(self) -> None:
        """Lets the steps go on that are held."""
        (self.folder / GATE).touch()

    def holder(self, run: Run) -> str:
        """Name of the runner that has the job of a run; empty where none has."""
        with self.store.reading() as connection:
            return connection.execute(sql.select(jobs.c.runner).where(jobs.c.key == run.key)).scalar_one() or ""


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    with postgres() as started:
        yield started


@pytest.fixture(scope="session")
def objects() -> Iterator[ObjectStore]:
    with object_store() as started:
        yield started


@pytest.fixture(scope="session")
def shared(server: Postgres, objects: ObjectStore) -> Iterator[dict[str, str]]:
    """The variables by which everybody finds job table and files; this process too, while the tests run."""
    keys = objects.keys()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in keys.items():
            patch.setenv(name, value)
        yield {"ASSAY_DATABASE_URL": server.new_database(), "ASSAY_STORE": objects.address(), **keys}


@pytest.fixture(scope="session")
def cluster(shared: dict[str, str]) -> Iterator[DaskCluster]:
    with dask_cluster(shared) as started:
        yield started


@pytest.fixture(scope="session")
def installation(
    shared: dict[str, str], cluster: DaskCluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    path = tmp_path_factory.mktemp("installation")
    made = Installation(path, shared, cluster, path / "steps")
    with made.stack:
        yield made
    made.store.engine.dispose()
