"""A store in an empty folder, under a clock that stands still until a test moves it, and a question to ask it."""

from __future__ import annotations

import importlib
import io
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sql

from core.analysis import Analysis, Estimate, Input, Inputs, Params, Result, Scalar, Source, parameter
from core.settings import Settings
from core.store.curves import Curve
from core.store.database import job_curves
from core.store.jobs import claim_job, finish_job
from core.store.results import save_result
from core.store.runs import Run, submit
from core.store.store import Store, open_store
from core.store.uploads import Upload, begin_upload, finish_upload
from core.store.workspaces import new_workspace
from tests.services.postgres import Postgres, postgres

ON_BOTH = ("test_curves", "test_jobs", "test_rights", "test_runs", "test_store")


@dataclass
class Clock:
    """Seconds that pass only when a test says so."""

    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Question(Params):
    mode: Literal["ask"] = "ask"
    n: int = parameter(1, title="Number", description="Any number.", minimum=0)


def _compute(params: Question, inputs: Inputs) -> Generator[list[Any], list[Any], Result]:
    yield []
    return Result(f"It is {params.n}.", {"n": Scalar(params.n, "Number")})


ANALYSIS = Analysis(
    slug="toy",
    title="Toy",
    question="Which number is it?",
    params=(Question,),
    inputs=(Input("dataset", "dataset", "Data set", "Any.", required=False),),
    compute=_compute,
    figures=lambda result: {},
    estimate=lambda params, inputs: Estimate(1.0, 1, 1),
    version=1,
    references=(),
)


def kept_curve(store: Store, key: str) -> Curve | None:
    """What the table of curves holds of a job, whatever its state."""
    with store.reading() as connection:
        row = connection.execute(sql.select(job_curves).where(job_curves.c.key == key)).one_or_none()
    return None if row is None else Curve(row.title, row.axis, tuple((at, value) for at, value in row.points))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    with postgres() as started:
        yield started


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What hangs on the data base itself is tested on both kinds that an installation may have."""
    chosen = any(mark.args[0] == "database_url" for mark in metafunc.definition.iter_markers("parametrize"))
    if "database_url" in metafunc.fixturenames and not chosen:
        both = Path(metafunc.module.__file__).stem in ON_BOTH
        metafunc.parametrize("database_url", ["sqlite", "postgres"] if both else ["sqlite"], indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """Address of an empty data base; empty text: SQLite in the home folder."""
    return request.getfixturevalue("server").new_database() if request.param == "postgres" else ""


@pytest.fixture
def make_store(tmp_path: Path, clock: Clock, database_url: str) -> Iterator[Callable[..., Store]]:
    """A second call with the same home opens the same store."""
    opened: list[Store] = []

    def make(**limits: Any) -> Store:
        opened.append(open_store(Settings(home=tmp_path / "home", database_url=database_url, **limits), clock))
        return opened[-1]

    yield make
    for store in opened:
        store.engine.dispose()


@pytest.fixture
def store(make_store: Callable[..., Store]) -> Store:
    return make_store()


@pytest.fixture
def analysis() -> Analysis:
    return ANALYSIS


@pytest.fixture
def workspace(store: Store) -> str:
    return new_workspace(store)


@pytest.fixture
def stranger(store: Store) -> str:
    return new_workspace(store)


@pytest.fixture
def ask() -> Callable[..., Run]:
    def ask(store: Store, workspace: str, n: int = 1, **inputs: Source) -> Run:
        return submit(store, workspace, ANALYSIS, Question(n=n), inputs)

    return ask


@pytest.fixture
def answer(clock: Clock) -> Callable[..., str]:
    """Plays the runner: claims the next job, stores its result, finishes it; returns the key."""

    def answer(store: Store, size: int = 1) -> str:
        job = claim_job(store, "runner")
        assert job is not None
        params = Question.model_validate(job.params)
        result = Result(
            f"It is {params.n}.",
            {"n": Scalar(params.n, "Number", "things", 0.5, 1.5, "How many.")},
            {"curve": pd.DataFrame({"x": np.arange(size), "y": np.linspace(0, 1, size)})},
            {"a": np.random.default_rng(params.n).normal(size=size)},
            ("Toy.",),
        )
        provenance = {"device": "cpu", "started": clock(), "seconds": 2.0}
        save_result(store, ANALYSIS, params, job.inputs, result, provenance, {"main": {"title": "Figure"}})
        assert finish_job(store, "runner", job.key, "cpu")
        return job.key

    return answer


@pytest.fixture
def npz() -> Callable[..., bytes]:
    def npz(seed: int = 0, rows: int = 20) -> bytes:
        stream = io.BytesIO()
        np.savez(stream, X=np.random.default_rng(seed).normal(size=(rows, 3)), y=np.arange(rows) % 2)
        return stream.getvalue()

    return npz


@pytest.fixture
def bring(npz: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Upload]:
    """Uploads a file. It is read by the real readers, but in this process: starting others takes its time."""

    def read_here(_settings: Settings, _name: str, function: str, *arguments: Any) -> Any:
        module, _, name = function.rpartition(".")
        return getattr(importlib.import_module(module), name)(*arguments)

    def bring(store: Store, workspace: str, content: bytes | None = None, name: str = "data.npz") -> Upload:
        incoming = begin_upload(store, workspace, name)
        incoming.write(npz() if content is None else content)
        return finish_upload(store, incoming)

    monkeypatch.setattr("core.store.uploads.ask", read_here)
    return bring
