"""A population of 1,000 models streams through the cluster: `python -m benchmarks calibration_population`.

A real store, runner and cluster of two workers; an uncompressed npz of M models x 10,000 rows x 10 classes in float32
(400 MB for 1,000 models), written model by model. What is read off: seconds a model, and the memory of the runner and
of each worker after each quarter of the models, which must not grow with their number. The number of models may be
given as an argument.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path

import numpy as np
import psutil

ROWS, CLASSES, MODELS = 10_000, 10, 1_000
MIB = 1 << 20


def main(models: int = MODELS) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "population.npz"
        write_population(path, models)
        print(f"{models:,} models of {ROWS:,} x {CLASSES}: {path.stat().st_size / MIB:,.0f} MiB on disk", flush=True)
        measure(Path(folder), path, models)


def write_population(path: Path, models: int) -> None:
    """Models whose accuracy and confidence vary, one in memory at a time."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLASSES, ROWS)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        with archive.open("logits.npy", "w", force_zip64=True) as stream:
            header = {"descr": "<f4", "fortran_order": False, "shape": (models, ROWS, CLASSES)}
            np.lib.format.write_array_header_1_0(stream, header)
            for strength, scale in zip(rng.uniform(2, 5, models), rng.uniform(0.5, 3, models), strict=True):
                logits = rng.standard_normal((ROWS, CLASSES), dtype=np.float32)
                logits[np.arange(ROWS), labels] += np.float32(strength)
                stream.write((logits * np.float32(scale)).tobytes())
        for name, values in (("labels", labels), ("models", np.array([f"model-{i:04d}" for i in range(models)]))):
            with archive.open(f"{name}.npy", "w") as stream:
                np.lib.format.write_array(stream, values, allow_pickle=False)


def measure(folder: Path, path: Path, models: int) -> None:
    """Uploads the file, asks, and watches the processes until the answer is there."""
    from core.analysis import parse_params
    from core.catalog import analysis_by_slug
    from core.runner.cluster import open_cluster
    from core.runner.loop import Runner
    from core.settings import Settings
    from core.store import begin_upload, finish_upload, get_run, new_workspace, open_store, submit, upload_source

    settings = Settings(home=folder / "home", workers=2, gpus=0)
    store, analysis = open_store(settings), analysis_by_slug("calibration")
    workspace = new_workspace(store)
    incoming = begin_upload(store, workspace, path.name, path.stat().st_size)
    with path.open("rb") as stream:
        while chunk := stream.read(MIB):
            incoming.write(chunk)
    inputs = {"population": upload_source(finish_upload(store, incoming))}
    params = parse_params(analysis.params, {"mode": "population", "splits": 1})
    estimate = analysis.estimate(params, inputs)
    cluster = open_cluster(settings, folder / "workers")
    runner, ended = Runner(store, [analysis], cluster, "runner", folder / "runner"), threading.Event()
    thread = threading.Thread(target=runner.run, args=(ended,))
    thread.start()
    try:
        start = time.perf_counter()
        run = submit(store, workspace, analysis, params, inputs)
        peaks: dict[str, list[float]] = {}
        quarter, marks = 1, [0.02 + 0.6 * part / 4 for part in (1, 2, 3, 4)]
        while (seen := get_run(store, workspace, run.id)).state in ("queued", "running"):
            watch(peaks)
            if quarter <= 4 and seen.fraction >= marks[quarter - 1]:
                tell(f"{quarter * models // 4:,} models measured", start, peaks)
                quarter += 1
            ended.wait(0.2)
        tell(f"{seen.state}, with all seven questions", start, peaks)
        print(f"estimated: {estimate.seconds:.0f} s on one core, {estimate.memory / MIB:.0f} MiB a step", flush=True)
    finally:
        ended.set()
        thread.join()
        cluster.close()


def watch(peaks: dict[str, list[float]]) -> None:
    """Notes the memory of this process (store, runner, scheduler) and of each worker: now, and the most so far."""
    me = psutil.Process()
    seen = {"runner": me} | {
        f"worker {child.pid}": child
        for child in me.children(recursive=True)
        if "spawn_main" in " ".join(child.cmdline())
    }
    for name, process in seen.items():
        now = process.memory_info().rss / MIB
        peaks.setdefault(name, [now, now])
        peaks[name] = [now, max(now, peaks[name][1])]


def tell(what: str, start: float, peaks: dict[str, list[float]]) -> None:
    memory = ", ".join(f"{name.split()[0]} {now:.0f} (at most {most:.0f})" for name, (now, most) in peaks.items())
    print(f"{time.perf_counter() - start:6.1f} s  {what}: {memory} MiB", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
