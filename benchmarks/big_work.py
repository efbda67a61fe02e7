"""Big work on a real server: does the memory of page server, runner and scheduler grow with the number of items?

`python -m benchmarks big_work` runs everything; `python -m benchmarks.big_work arrays 250 2000` one case at some sizes.
The cases:

- `arrays`: a calibration population, npz of [models, rows, classes];
- `long`: the same as a table of one row a model and sample;
- `sweep`: a landscape sweep, by the number of its trainings;
- `telemetry`: detection, by the number of parameters, which are the columns of the file.

Each size has a server of its own with two workers and nothing in its store. The file is uploaded over HTTP, an open tab
reruns its page every two seconds while the job runs, and ten times a second the memory (RSS) of every process is read:
page server, runner (the scheduler of the own cluster lives in it) and the larger of the two workers. "Slope" is what
a process needs for 1,000 items more, from the smallest to the largest size.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.sessions import open_session
from core.analysis import Inputs, parse_params
from core.catalog import analysis_by_slug
from core.server.cookies import COOKIE
from core.settings import Settings
from core.sources import open_source
from core.store import (
    Run,
    Store,
    get_run,
    get_upload,
    load_figures,
    new_workspace,
    open_store,
    sign_workspace,
    submit,
    upload_source,
)
from tests.workbench import Workbench

MIB = 1 << 20
SAMPLE_EVERY, RERUN_EVERY = 0.1, 2.0  # seconds
MODEL_ROWS, LONG_ROWS, CLASSES = 100, 40, 10
TEMPERATURES, SEEDS, WIDTH = (0.02, 0.05, 0.1, 0.2, 0.5), 5, 64
TELEMETRY_ROWS = 3000
ROLES = ("page server", "runner", "worker")


@dataclass(frozen=True)
class Case:
    """One kind of work.

    Attributes:
        slug: of the analysis.
        page: of the page server.
        sizes: numbers of items.
        params: of the number of items.
        slot: that the input goes to.
        write: makes the file of so many items in a folder; None for built-in data.
    """

    slug: str
    page: str
    sizes: tuple[int, ...]
    params: Callable[[int], dict[str, Any]]
    slot: str
    write: Callable[[Path, int], Path] | None = None


@dataclass
class Watch:
    """Reads the memory of the server's processes until it is stopped.

    Attributes:
        server: of which all processes are watched.
        peaks: MiB, the most that one process of each role had.
    """

    server: Workbench
    peaks: dict[str, float] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        roles: dict[int, str] = {}
        while not self.ended.wait(SAMPLE_EVERY):
            for process in self.server.descendants():
                with suppress(psutil.NoSuchProcess):
                    role = roles.setdefault(process.pid, role_of(process))
                    self.peaks[role] = max(self.peaks.get(role, 0.0), process.memory_info().rss / MIB)


def role_of(process: psutil.Process) -> str:
    """Which part of the workbench a process is."""
    words = " ".join(process.cmdline())
    if "streamlit" in words:
        return "page server"
    if "core.runner" in words:
        return "runner"
    return "worker" if "spawn_main" in words else "helper"


@dataclass(frozen=True)
class Row:
    """What one size came to."""

    items: int
    seconds: float
    peaks: dict[str, float]
    first_open: float
    opened_again: float
    points: int


def main(*arguments: str) -> None:
    names = [name for name in arguments if name in CASES] or list(CASES)
    sizes = tuple(int(one) for one in arguments if one.isdigit())
    for name in names:
        case = CASES[name]
        print(f"\n{name}: {case.slug}", flush=True)
        print("| items | seconds | page server | runner | worker | first open | again | points of the largest figure |")
        print("|---|---|---|---|---|---|---|---|", flush=True)
        rows = []
        for items in sizes or case.sizes:
            rows.append(measure(case, items))
            tell(rows[-1])
        if len(rows) > 1:
            slopes = [
                1000 * (rows[-1].peaks[role] - rows[0].peaks[role]) / (rows[-1].items - rows[0].items) for role in ROLES
            ]
            print("| slope, MiB per 1,000 | | " + " | ".join(f"{one:+.1f}" for one in slopes) + " | | | |", flush=True)


def tell(row: Row) -> None:
    memory = " | ".join(f"{row.peaks[role]:.0f} MiB" for role in ROLES)
    print(
        f"| {row.items:,} | {row.seconds:.0f} | {memory} | {row.first_open:.2f} s | {row.opened_again:.2f} s | "
        f"{row.points:,} |",
        flush=True,
    )


def measure(case: Case, items: int) -> Row:
    """One size on a server of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = case.write(Path(folder), items) if case.write else None
        server = Workbench(Path(folder) / "home", {"OMP_NUM_THREADS": "1"}).start()
        watch = Watch(server)
        thread = threading.Thread(target=watch.run)
        try:
            store = open_store(Settings(home=server.home))
            workspace = new_workspace(store)
            cookie = f"{COOKIE}={sign_workspace(store, workspace)}"
            thread.start()
            inputs: Inputs = {case.slot: open_source("dataset", "digits")}
            if file is not None:
                inputs = {case.slot: upload_source(get_upload(store, workspace, upload(server, cookie, file)))}
            analysis = analysis_by_slug(case.slug)
            run = submit(store, workspace, analysis, parse_params(analysis.params, case.params(items)), inputs)
            seconds = asyncio.run(until_done(server, store, case, run, cookie))
            first, again = asyncio.run(opened(server, case, run, cookie))
            points = largest_figure(store, get_run(store, workspace, run.id).key)
        finally:
            watch.ended.set()
            if thread.ident:
                thread.join()
            server.stop()
        return Row(items, seconds, watch.peaks, first, again, points)


def upload(server: Workbench, cookie: str, file: Path) -> str:
    """Brings a file as a script does; returns the upload's id."""
    with file.open("rb") as stream:
        reply = httpx.put(
            f"{server.url}/api/uploads/{file.name}", content=stream, headers={"Cookie": cookie}, timeout=600
        )
    assert reply.status_code == 200, reply.text
    return str(reply.json()["id"])


async def until_done(server: Workbench, store: Store, case: Case, run: Run, cookie: str) -> float:
    """Watches the run from an open tab; returns how long it took.

    Raises:
        RuntimeError: the run failed.
    """
    begin = time.perf_counter()
    session = await open_session(server.port, case.page, f"run={run.id}", cookie)
    while (seen := get_run(store, run.workspace, run.id)).state in ("queued", "running"):
        await session.rerun()
        await asyncio.sleep(RERUN_EVERY)
    await session.socket.close()
    if seen.state != "done":
        raise RuntimeError(f"the run is {seen.state}: {seen.error}")
    return time.perf_counter() - begin


async def opened(server: Workbench, case: Case, run: Run, cookie: str) -> tuple[float, float]:
    """Seconds until the result page is drawn in a fresh tab: the first time, and once more."""
    seconds = []
    for _ in range(2):
        begin = time.perf_counter()
        session = await open_session(server.port, case.page, f"run={run.id}", cookie)
        seconds.append(time.perf_counter() - begin)
        await session.socket.close()
    return seconds[0], seconds[1]


def largest_figure(store: Store, key: str) -> int:
    """Points of the figure that has the most."""
    return max(map(points_of, load_figures(store, key).values()), default=0)


def points_of(figure: dict[str, Any]) -> int:
    """How many values its traces draw along x, or as cells."""
    return sum(length(trace.get("z")) or max(map(length, (trace.get("x"), trace.get("y"), trace.get("r")))) for trace in figure["plot"]["data"])  # fmt: skip


def length(values: Any) -> int:
    """How many numbers an array of a figure holds, however it is written."""
    if isinstance(values, dict):
        shape = values.get("shape")
        if shape:
            return int(np.prod([int(one) for one in str(shape).split(",")]))
        return int(len(values["bdata"]) * 3 / 4 / np.dtype(values["dtype"]).itemsize)
    if isinstance(values, list):
        return sum(length(one) if isinstance(one, list) else 1 for one in values)
    return 0


# Files ---------------------------------------------------------------------------------------------------------------


def write_arrays(folder: Path, models: int) -> Path:
    """Logits of models of different strength, one in memory at a time."""
    path = folder / "population.npz"
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLASSES, MODEL_ROWS)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        with archive.open("logits.npy", "w", force_zip64=True) as stream:
            header = {"descr": "<f4", "fortran_order": False, "shape": (models, MODEL_ROWS, CLASSES)}
            np.lib.format.write_array_header_1_0(stream, header)
            for _ in range(models):
                stream.write(logits_of_one(rng, labels).tobytes())
        for name, values in (("labels", labels), ("models", np.array([f"model-{i:05d}" for i in range(models)]))):
            with archive.open(f"{name}.npy", "w") as stream:
                np.lib.format.write_array(stream, values, allow_pickle=False)
    return path


def write_long(folder: Path, models: int) -> Path:
    """The same as a table, one row a model and sample; the models one after the other."""
    path = folder / "population.parquet"
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLASSES, LONG_ROWS)
    writer = None
    for index in range(models):
        scores = np.exp(logits_of_one(rng, labels).astype(np.float64))
        scores /= scores.sum(axis=1, keepdims=True)
        table = pa.table(
            {
                "model": [f"model-{index:05d}"] * LONG_ROWS,
                "sample": [f"s{row:05d}" for row in range(LONG_ROWS)],
                "label": labels,
                **{f"p_{column}": scores[:, column] for column in range(CLASSES)},
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()
    return path


def logits_of_one(rng: np.random.Generator, labels: np.ndarray) -> np.ndarray:
    logits = rng.standard_normal((len(labels), CLASSES), dtype=np.float32)
    logits[np.arange(len(labels)), labels] += np.float32(rng.uniform(2, 5))
    return logits * np.float32(rng.uniform(0.5, 3))


def write_telemetry(folder: Path, parameters: int) -> Path:
    """Parameters that follow one covariate, with noise and now and then a step."""
    path = folder / "telemetry.parquet"
    rng = np.random.default_rng(0)
    phase = np.arange(TELEMETRY_ROWS) / 300
    columns = {
        "time": pa.array(np.arange(TELEMETRY_ROWS) * 60_000).cast(pa.timestamp("ms", "UTC")),
        "HEATER": (np.sin(phase) > 0.3).astype(np.int8),
    }
    for index in range(parameters):
        values = rng.uniform(0.5, 2) * np.sin(phase + rng.uniform(0, 6)) + 0.05 * rng.standard_normal(TELEMETRY_ROWS)
        start = int(rng.integers(TELEMETRY_ROWS // 2, TELEMETRY_ROWS - 60))
        values[start : start + 40] += rng.uniform(0.5, 3) * (index % 3 == 0)
        columns[f"T{index:04d}"] = values.astype(np.float32)
    pq.write_table(pa.table(columns), path)
    return path


def sweep_params(trainings: int) -> dict[str, Any]:
    """Shares of the data as loads, so that all networks have the same size."""
    loads = max(1, round(trainings / (len(TEMPERATURES) * SEEDS)))
    return {
        "mode": "sweep",
        "load": "data",
        "loads": np.linspace(0.2, 1.0, loads).round(4).tolist(),
        "temperatures": list(TEMPERATURES),
        "seeds": SEEDS,
        "width": WIDTH,
        "epochs": 2,
        "most_rows": 500,
        "curve_epochs": 1,
        "curvature_rows": 100,
        "products": 20,
    }


POPULATION = {"mode": "population", "splits": 1, "resamples": 20}
CASES = {
    "arrays": Case(
        "calibration", "calibration", (250, 500, 1000, 2000), lambda items: POPULATION, "population", write_arrays
    ),
    "long": Case(
        "calibration", "calibration", (250, 500, 1000, 2000), lambda items: POPULATION, "population", write_long
    ),
    "sweep": Case("landscape", "landscape", (125, 250, 500, 1000), sweep_params, "dataset"),
    "telemetry": Case(
        "telemetry",
        "telemetry",
        (125, 250, 480, 1000),
        lambda items: {"mode": "detect", "top": 1, "nominal_rows": TELEMETRY_ROWS // 2},
        "telemetry",
        write_telemetry,
    ),
}

if __name__ == "__main__":
    main(*sys.argv[1:])
