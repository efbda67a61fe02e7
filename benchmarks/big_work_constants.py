"""Constants of docs/scale.md that need no server: bytes of a step, of a model, of a parameter; seconds of the step store.

`python -m benchmarks big_work_constants`. Bytes are exact and the same on every machine; seconds are CPU seconds.
"""

from __future__ import annotations

import pickle
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.big_work import CLASSES, MODEL_ROWS, write_arrays
from core.analysis import Source, Step, Stored, opening_with, parse_params
from core.calibration.population_steps import gather_step, measure_step
from core.landscape.analysis import ANALYSIS as LANDSCAPE
from core.landscape.sweep.train_step import train_cells
from core.landscape.sweep_mode import sweep_of
from core.sources import open_source
from core.store.folders import place_of, size_of
from core.store.steps import StepFolder

MODELS, PARTS = 40, 4
STEPS = 10_000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        population(Path(folder))
        networks(Path(folder))
        series(Path(folder))
    steps()


def population(folder: Path) -> None:
    """Bytes of a model in the step store and in memory, and seconds of measuring it."""
    source = open_source("population", str(write_arrays(folder, MODELS)))
    store = StepFolder(folder / "population")
    how = {"convention": "study", "temperature": "likelihood", "fit_share": 0.2, "splits": 3, "seed": 0}
    parts, begin = [], time.process_time()
    for start in range(0, MODELS, MODELS // PARTS):
        part = {"start": start, "stop": start + MODELS // PARTS, "dataset": "", "scores": "auto"}
        step = Step(measure_step, {"source": source, **part, **how})
        store.put(step.key, step.run())
        parts.append(Stored(step.key))
    seconds = (time.process_time() - begin) / MODELS
    print(f"a model of {MODEL_ROWS} x {CLASSES}, 3 halvings: {1000 * seconds:.0f} ms to measure")
    on_disk = sum(size_of(place_of(store.path, part.key)) for part in parts)
    print(f"a model in the step store, as measured: {on_disk / MODELS / 1024:.1f} KiB")
    with opening_with(store.get):
        tables = gather_step(parts)
    numbers = sum(column.nbytes for columns in tables.values() for column in columns.values())
    print(f"a model in memory, where all are together: {numbers / MODELS / 1024:.1f} KiB")
    bare = sum(column.nbytes for column in tables["metrics"].values())
    print(f"a model in the result's table: {bare / MODELS / 1024:.1f} KiB")


def networks(folder: Path) -> None:
    """Bytes of a trained network in the step store."""
    params: Any = parse_params(LANDSCAPE.params, {"mode": "sweep", "width": 64, "epochs": 1, "most_rows": 200})
    sweep = sweep_of(params, {"dataset": open_source("dataset", "digits")}, "data")
    store = StepFolder(folder / "networks")
    found = train_cells(sweep, 1.0, [0.05], [0, 1, 2])
    store.put("0" * 40, found)
    dimension = np.asarray(found["weights"]).shape[-1]
    print(
        f"a network of D = {dimension:,}: {size_of(place_of(store.path, '0' * 40)) / 3 / dimension:.2f} bytes a weight"
    )


def series(folder: Path) -> None:
    """Bytes and seconds of a part of sixteen parameters in the step store."""
    rows, together, store = 100_000, 16, StepFolder(folder / "series")
    value: dict[str, Any] = {name: np.zeros((rows, together), np.float32) for name in ("values", "predicted", "residual")}  # fmt: skip
    value |= {"nominal": np.zeros((rows, together), bool), "sizes": {"total": np.zeros(rows), "count": np.zeros(rows, int), "largest": np.zeros((rows, 3))}}  # fmt: skip
    written, read = timed(lambda: store.put("1" * 40, value)), timed(lambda: store.get("1" * 40))
    size = size_of(place_of(store.path, "1" * 40))
    print(f"telemetry in the step store: {size / rows / together:.1f} bytes a row and parameter")
    print(f"step store: {size / written / 2**20:.0f} MiB a CPU second written, {size / read / 2**20:.0f} read")
    small = {"value": 1.0}
    count = 100

    def keep() -> None:
        for place in range(count):
            store.put(f"{place:040d}", small)

    put = timed(keep)
    get = timed(lambda: [store.get(f"{place:040d}") for place in range(count)])
    print(f"a small step: {1000 * put / count:.1f} ms of CPU to keep, {1000 * get / count:.1f} ms to read")


def steps() -> None:
    """What a step costs the process that drives its job, before and after it has run."""
    source = Source("population", "p", "d" * 40, "p", {"models": 1})
    tracemalloc.start()
    batch = [
        Step(
            measure_step, {"source": source, "start": place, "stop": place + 1, "dataset": ""}, label=f"Models {place}"
        )
        for place in range(STEPS)
    ]
    made, _ = tracemalloc.get_traced_memory()
    begin = time.process_time()
    keys = [step.key for step in batch]
    seconds = time.process_time() - begin
    by_key = dict(zip(keys, batch, strict=True))
    shares = dict.fromkeys(by_key, 0.0)
    found = {key: Stored(key) for key in by_key}
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found) == len(shares) == STEPS
    print(f"a step in a batch: {made / STEPS:.0f} bytes; with key, share and name: {held / STEPS:.0f} bytes")
    print(f"a step's key: {1e6 * seconds / STEPS:.0f} us of CPU; as it travels: {len(pickle.dumps(batch[0]))} bytes")


def timed(act: Callable[[], object]) -> float:
    """CPU seconds."""
    begin = time.process_time()
    act()
    return time.process_time() - begin


if __name__ == "__main__":
    main()
