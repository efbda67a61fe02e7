"""A stream of steps on a real runner and cluster: what a step of a MiB leaves behind in runner and scheduler.

`python -m benchmarks big_work_steps`, or `python -m benchmarks.big_work_steps 100 400`. The runner and the scheduler of its
own cluster are this process, the workers two others. Each stream of N steps ends in one that goes through all of them; once
their values stay in the step store, once they are sent back to the analysis.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Literal

import numpy as np
import psutil

from core.analysis import Analysis, Compute, Estimate, Inputs, Params, Result, Scalar, Step, Stored
from core.runner.cluster import open_cluster
from core.runner.loop import Runner
from core.settings import Settings
from core.store import Store, get_run, new_workspace, open_store, submit

MIB = 1 << 20
SIZES = (100, 400)


def large(number: int, salt: str) -> np.ndarray:
    return np.full(MIB // 8, float(number))


def total(parts: list[Stored | float]) -> float:
    return sum(float(part.load()[0]) if isinstance(part, Stored) else part for part in parts)


class StreamParams(Params):
    """How many steps, and where their values go."""

    mode: Literal["stream"] = "stream"
    steps: int = 100
    stored: bool = True


def stream(params: StreamParams, inputs: Inputs) -> Compute:
    """Steps of a MiB each, and a last one on all of them."""
    salt = f"{params.steps} {params.stored}"
    parts = yield [
        Step(large, {"number": number, "salt": salt}, share=0.9 / params.steps, stored=params.stored)
        for number in range(params.steps)
    ]
    (found,) = yield [Step(total, {"parts": [part if params.stored else float(part[0]) for part in parts]}, share=0.1)]
    return Result(f"{found:g}", {"total": Scalar(found, "Total")})


STREAM = Analysis(
    slug="stream",
    title="Stream",
    question="How much is it?",
    params=(StreamParams,),
    inputs=(),
    compute=stream,
    figures=lambda result: {},
    estimate=lambda params, inputs: Estimate(1.0, MIB, params.steps + 1),
    version=1,
    references=(),
)


def main(*sizes: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(home=folder / "home", workers=2, gpus=0)
        store, cluster = open_store(settings), open_cluster(settings, folder / "workers")
        runner, ended = Runner(store, [STREAM], cluster, "runner", folder / "runner"), threading.Event()
        thread = threading.Thread(target=runner.run, args=(ended,))
        thread.start()
        try:
            workspace = new_workspace(store)
            measure(store, workspace, 20, stored=True, ended=ended)  # warm
            print("| steps | values | seconds | CPU ms a step | runner at most | more than before | prefixes kept |")
            print("|---|---|---|---|---|---|---|")
            for stored in (True, False):
                for steps in sizes or SIZES:
                    row = measure(store, workspace, steps, stored=stored, ended=ended)
                    assert cluster.own is not None and cluster.own.scheduler is not None
                    kept = len(cluster.own.scheduler.task_prefixes)
                    print(f"| {steps:,} | {'stored' if stored else 'sent back'} | {row} | {kept} |", flush=True)
        finally:
            ended.set()
            thread.join()
            cluster.close()


def measure(store: Store, workspace: str, steps: int, *, stored: bool, ended: threading.Event) -> str:
    """One stream: seconds, CPU of the runner, its memory at most, and how much that is more than before."""
    gc.collect()
    me, begin = psutil.Process(), time.perf_counter()
    before, cpu = me.memory_info().rss, time.process_time()
    run, peak = submit(store, workspace, STREAM, StreamParams(steps=steps, stored=stored), {}), before
    while (seen := get_run(store, workspace, run.id)).state in ("queued", "running"):
        peak = max(peak, me.memory_info().rss)
        ended.wait(0.1)
    assert seen.state == "done", seen.error
    spent = 1000 * (time.process_time() - cpu) / steps
    seconds = time.perf_counter() - begin
    return f"{seconds:.0f} | {spent:.0f} | {peak / MIB:.0f} MiB | {(peak - before) / MIB:+.0f} MiB"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
