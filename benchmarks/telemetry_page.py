"""Zooming a telemetry result: a real page server, a session that asks for one stretch of time after the other."""

from __future__ import annotations

import asyncio
import dataclasses
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from benchmarks.page_server import MIB, cpu_seconds
from benchmarks.sessions import Session, open_session
from core.analysis import Result, parse_params
from core.catalog import analysis_by_slug
from core.export.figures import figures_json
from core.provenance import provenance
from core.server.cookies import COOKIE
from core.settings import Settings
from core.sources import open_source
from core.store import Run, Store, new_workspace, open_store, save_result, sign_workspace, submit
from pages.parts.telemetry_address import write_moment
from tests.core.telemetry.figures.sample import detect_result
from tests.workbench import Workbench

SIZES = ((17_280, 11), (52_416, 11), (1_570_000, 11))  # rows, parameters
ZOOMS = 20
GOAL = 300  # milliseconds


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = Workbench(Path(folder) / "home").start()
        try:
            store = open_store(Settings(home=server.home))
            workspace = new_workspace(store)
            cookie = f"{COOKIE}={sign_workspace(store, workspace)}"
            for seed, (rows, targets) in enumerate(SIZES):
                result = grown(detect_result(), rows, targets)
                run = keep(store, workspace, result, seed)
                asyncio.run(zooms(server, cookie, run, result, f"{rows:,} rows x {targets}"))
        finally:
            server.stop()


def grown(result: Result, rows: int, targets: int) -> Result:
    """A result of the small one's layout with random walks of the size of an archive, a gap in each."""
    rng = np.random.default_rng(0)
    names = np.array([f"P{place}" for place in range(targets)])
    values = rng.normal(size=(rows, targets)).astype(np.float32).cumsum(axis=0)
    values[rows // 3 : rows // 3 + rows // 100] = np.nan
    noise = rng.normal(size=(rows, targets)).astype(np.float32)
    step = int(result.arrays["time"][1] - result.arrays["time"][0])
    arrays = {
        **result.arrays,
        "time": result.arrays["time"][0] + step * np.arange(rows),
        "values": values,
        "predicted": values + noise,
        "residual": noise,
        "score": np.abs(noise).mean(axis=1),
        "nominal": np.arange(rows) < rows // 3,
        "covariates": np.resize(result.arrays["covariates"], (rows, result.arrays["covariates"].shape[1])),
        "shap": np.resize(result.arrays["shap"], (targets, *result.arrays["shap"].shape[1:])),
        "target_names": names,
    }
    tables = dict(result.tables)
    of_old = dict(zip(result.arrays["target_names"], names, strict=False))
    for name in ("events", "attributions", "attribution_features", "waterfall", "incidents", "previous"):
        tables[name] = tables[name].assign(parameter=tables[name].parameter.map(of_old))
    tables["parameters"] = pd.DataFrame(
        {"parameter": names, "unit": "K", "scale": 1.0, "threshold": 6.0, "threshold_rule": "none: random walks"}
    )
    return dataclasses.replace(result, arrays=arrays, tables=tables)


def keep(store: Store, workspace: str, result: Result, seed: int) -> Run:
    """A finished run with this result; which question it stands for does not matter here."""
    analysis = analysis_by_slug("telemetry")
    params = parse_params(analysis.params, {"mode": "detect", "seed": seed})
    inputs = {"telemetry": open_source("telemetry", "euclid-like-short")}
    drawn = figures_json(analysis, result)
    save_result(store, analysis, params, inputs, result, provenance("cpu", time.time(), 1.0), drawn)
    return submit(store, workspace, analysis, params, inputs)


async def zooms(server: Workbench, cookie: str, run: Run, result: Result, size: str) -> None:
    assert server.process is not None
    process = psutil.Process(server.process.pid)
    begin = time.perf_counter()
    session = await open_session(server.port, "telemetry", f"run={run.id}", cookie)
    opened = time.perf_counter() - begin
    fragment = next(part for chart, part in session.charts.items() if "timeline" in chart)
    before, received = cpu_seconds(process), session.received
    took = [await zoom(session, run, fragment, result.arrays["time"], place) for place in range(ZOOMS)]
    cost = (cpu_seconds(process) - before) / ZOOMS
    print(
        f"{size}: page opened in {1000 * opened:.0f} ms, zoom p50 {np.quantile(took, 0.5):.0f} ms, largest {max(took):.0f} ms "
        f"(goal {GOAL} ms), {1000 * cost:.0f} ms of CPU and {(session.received - received) / ZOOMS / 1024:.0f} KiB a zoom, "
        f"server {process.memory_info().rss / MIB:.0f} MiB"
    )
    await session.socket.close()


async def zoom(session: Session, run: Run, fragment: str, times: np.ndarray, place: int) -> float:
    """One stretch of time, another each call: from the whole record down to a hundredth. Milliseconds until it is drawn."""
    share = 10 ** (-2 * place / (ZOOMS - 1))
    rows = max(int(share * (len(times) - 1)), 10)
    first = (len(times) - 1 - rows) * place // ZOOMS
    edges = f"from={write_moment(int(times[first]))}&to={write_moment(int(times[first + rows]))}"
    session.query = f"run={run.id}&parameter=P{place % 3}&{edges}"
    return 1000 * await session.rerun(fragment)


if __name__ == "__main__":
    main()
