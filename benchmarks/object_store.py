"""What an object store costs a step and a result, beside the home folder: the tests' own server, on this machine."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.turns import fastest
from core.settings import Settings
from core.store.shelves import Shelves, open_shelves
from core.store.steps import Steps
from tests.services.object_store import object_store

TURNS = 15
SMALL: Any = {"accuracy": 0.93, "loss": [0.1, 0.2, 0.3]}
LARGE: Any = {"weights": np.random.default_rng(0).normal(size=1 << 20)}  # 8 MiB
FILES = {"result.json": 20_000, "figures.json": 200_000, "arrays.npz": 500_000, "tables/curve.parquet": 50_000}  # bytes


def main() -> None:
    """Prints milliseconds of the folder and of the object store, and their ratio."""
    folder = Path(tempfile.mkdtemp(prefix="assay-bench-"))
    try:
        with object_store() as server:
            os.environ.update(server.keys())
            plain = open_shelves(Settings(home=folder / "plain", store=""))
            address = server.address()
            writer = open_shelves(Settings(home=folder / "writer", store=address))
            reader = open_shelves(Settings(home=folder / "reader", store=address))
            for name, value in (("step of three numbers", SMALL), ("step of 8 MiB", LARGE)):
                compare(f"{name}: keep", steps(plain, value), steps(writer, value))
                key = new_key()
                Steps(plain.steps).put(key, value)
                Steps(writer.steps).put(key, value)
                compare(f"{name}: read", lambda key=key: Steps(plain.steps).get(key), cold(reader, key))  # type: ignore[misc]
                compare(f"{name}: read again", lambda key=key: Steps(plain.steps).get(key), warm(reader, key))  # type: ignore[misc]
            compare("result of 0.8 MB: keep", results(plain), results(writer))
            missing = new_key()
            compare("a step that is not there", lambda: plain.steps.has(missing), lambda: reader.steps.has(missing))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def compare(name: str, ours: Callable[[], Any], theirs: Callable[[], Any]) -> None:
    """Times both in turns and prints one line."""
    times = fastest({"folder": ours, "object store": theirs}, TURNS, time.perf_counter)
    folder, objects = (times[which][0] * 1000 for which in ("folder", "object store"))
    print(f"{name:28} folder {folder:7.1f} ms  object store {objects:7.1f} ms  difference {objects - folder:7.1f} ms")


def new_key() -> str:
    """A key that nothing has yet."""
    return os.urandom(20).hex()


def steps(shelves: Shelves, value: Any) -> Callable[[], None]:
    """Keeps a value as one more step."""
    return lambda: Steps(shelves.steps).put(new_key(), value)


def cold(shelves: Shelves, key: str) -> Callable[[], Any]:
    """Reads a step without a local copy."""

    def read() -> Any:
        shutil.rmtree(shelves.steps.place(key), ignore_errors=True)
        return Steps(shelves.steps).get(key)

    return read


def warm(shelves: Shelves, key: str) -> Callable[[], Any]:
    """Reads a step from the local copy."""
    return lambda: Steps(shelves.steps).get(key)


def results(shelves: Shelves) -> Callable[[], bool]:
    """Keeps files of the sizes of a usual result."""

    def fill(folder: Path) -> None:
        (folder / "tables").mkdir()
        for name, size in FILES.items():
            (folder / name).write_bytes(os.urandom(size))

    return lambda: shelves.results.keep(new_key(), fill)


if __name__ == "__main__":
    main()
