"""The page server under load: start, memory, 200 sessions that tick while 20 more open a result, large uploads."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

import httpx
import numpy as np
import psutil

from benchmarks.sessions import Session, open_session, open_watcher, tick
from core.catalog import analysis_by_slug
from core.parameters import parse_params
from core.server.cookies import COOKIE
from core.settings import Settings
from core.sources import open_source
from core.store import Run, Store, get_run, new_workspace, open_store, sign_workspace, submit
from tests.workbench import Workbench, wait_for

MIB = 1 << 20
PAGE = "intrinsic_dimension"
SESSIONS, ROUNDS = 200, 20  # a tick a second
VISITORS = 20  # who open a result page meanwhile
RERUNS = 20
UPLOAD = 150_000_000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = Workbench(Path(folder) / "home")
        begin = time.perf_counter()
        server.start()
        print(f"start until the health route answers: {time.perf_counter() - begin:.2f} s")
        try:
            measure(server)
        finally:
            server.stop()


def measure(server: Workbench) -> None:
    assert server.process is not None
    process = psutil.Process(server.process.pid)
    store = open_store(Settings(home=server.home))
    workspace = new_workspace(store)
    cookie = f"{COOKIE}={sign_workspace(store, workspace)}"

    finished = ask(store, workspace, {"mode": "data"})
    wait_for(lambda: get_run(store, workspace, finished.id).state == "done", 120, "a result in mode data")
    study = ask(store, workspace, {"mode": "objective", "seed": 1})  # seed 0 comes with the workbench
    begin = time.perf_counter()
    wait_for(lambda: get_run(store, workspace, study.id).state == "done", 180, "the digits example")
    print(f"digits example, from click to result: {time.perf_counter() - begin:.1f} s")

    for name, run in (("data", finished), ("objective", study)):
        asyncio.run(result_page(server, process, cookie, run, name))
    upload(server, process, cookie)

    busy = ask(store, workspace, {"mode": "objective", "epochs": 1000})
    wait_for(lambda: get_run(store, workspace, busy.id).state == "running", 60, "a running job")
    asyncio.run(ticks(server, process, cookie, busy, finished))
    assert get_run(store, workspace, busy.id).state == "running", "the job ended before the measurement did"


def ask(store: Store, workspace: str, values: dict[str, object]) -> Run:
    """Asks for the intrinsic dimension of the digits."""
    analysis = analysis_by_slug("intrinsic-dimension")
    source = open_source("dataset", "digits")
    return submit(store, workspace, analysis, parse_params(analysis.params, values), {"dataset": source})


async def result_page(server: Workbench, process: psutil.Process, cookie: str, run: Run, name: str) -> None:
    sessions = [await open_session(server.port, PAGE, f"run={run.id}", cookie) for _ in range(10)]
    print(f"memory with ten sessions on the result page ({name}): {process.memory_info().rss / MIB:.0f} MiB")
    before = cpu_seconds(process)
    for _ in range(RERUNS):
        await sessions[0].rerun()
    print(
        f"rerun of the finished result page ({name}): {1000 * (cpu_seconds(process) - before) / RERUNS:.0f} ms of CPU"
    )
    await close(sessions)


async def ticks(server: Workbench, process: psutil.Process, cookie: str, run: Run, finished: Run) -> None:
    sessions = [await open_session(server.port, PAGE, f"run={run.id}", cookie) for _ in range(SESSIONS)]
    watchers = [await open_watcher(server.port, run.id, cookie) for _ in range(SESSIONS)]
    before, begin = cpu_seconds(process), time.perf_counter()
    opened = asyncio.gather(*(visit(server, cookie, finished, place) for place in range(VISITORS)))
    found = await asyncio.gather(*(tick(watcher, ROUNDS, place / SESSIONS) for place, watcher in enumerate(watchers)))
    latencies = np.array([latency for one in found for latency in one])
    share = (cpu_seconds(process) - before) / (time.perf_counter() - begin)
    p50, p95 = 1000 * np.quantile(latencies, (0.5, 0.95))
    print(
        f"{SESSIONS} sessions, a tick a second, a job running: p50 {p50:.0f} ms, p95 {p95:.0f} ms "
        f"({len(latencies)} ticks, {100 * share:.0f} % of one core, {process.memory_info().rss / MIB:.0f} MiB)"
    )
    seconds = np.array(await opened)
    print(
        f"{VISITORS} others open a finished result meanwhile: p50 {np.quantile(seconds, 0.5):.2f} s, "
        f"p95 {np.quantile(seconds, 0.95):.2f} s until all of the page is there"
    )
    for watcher in watchers:
        await watcher.close()
    await close(sessions)


async def visit(server: Workbench, cookie: str, run: Run, place: int) -> float:
    """Opens a result page at a moment of its own; returns the seconds until its script has finished."""
    await asyncio.sleep(1 + place * (ROUNDS - 4) / VISITORS)
    begin = time.perf_counter()
    session = await open_session(server.port, PAGE, f"run={run.id}", cookie)
    took = time.perf_counter() - begin
    await close([session])
    return took


def upload(server: Workbench, process: psutil.Process, cookie: str) -> None:
    before = process.memory_info().rss
    peak = before
    for seed in range(3):
        points = np.random.default_rng(seed).standard_normal((UPLOAD // 400, 100), dtype=np.float32)
        with tempfile.TemporaryFile() as stream:
            np.save(stream, points)
            stream.seek(0)
            reply = httpx.put(
                f"{server.url}/api/uploads/points{seed}.npy", content=stream, headers={"Cookie": cookie}, timeout=120
            )
        assert reply.status_code == 200, reply.text
        peak = max(peak, process.memory_info().rss)
    print(f"three uploads of 150 MB: memory {before / MIB:.0f} -> {peak / MIB:.0f} MiB")


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def close(sessions: list[Session]) -> None:
    for session in sessions:
        await session.socket.close()


if __name__ == "__main__":
    main()
