"""Every analysis in every mode: where the time of its example goes, by its steps and by the functions of the project.

`python -m benchmarks analyses`, or `python -m benchmarks.analyses landscape.sweep topology.score` for some of them. Each
question runs once in this process, on one thread and without a cache. The functions are those that were topmost on the
stack of the project's own, the libraries below them included, in a hundred looks a second.
"""

from __future__ import annotations

import io
import sys
import tempfile
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pandas as pd
import torch
import xgboost

from core.analysis import Analysis, Inputs, Result, Stored, opening_with, parse_params
from core.catalog import CATALOG
from core.data.builtin_loaders import load_builtin
from core.examples import EXAMPLES, MODE_EXAMPLES, example_inputs
from core.models.architectures import Mlp
from core.models.networks import build
from core.sources import open_source
from tests.core.landscape.phase_map.maps import published

LOOK_EVERY = 0.01  # seconds
SHOWN = 3
CORE = str(Path(__file__).resolve().parents[1] / "core") + "/"


@dataclass(frozen=True)
class Case:
    """A question to ask."""

    name: str
    analysis: Analysis
    params: Mapping[str, object]
    inputs: Inputs


@dataclass(frozen=True)
class Profile:
    """Seconds of a whole run, of its parts and of the functions of the project."""

    seconds: float
    parts: Counter[str]
    functions: Counter[str]


def main(names: tuple[str, ...] = ()) -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        cases = [case for case in every_case(Path(folder)) if not names or case.name in names]
        print("| mode | seconds | where they go | functions |\n| --- | --- | --- | --- |")
        for case in cases:
            print(row(case.name, profile(case)), flush=True)


def every_case(folder: Path) -> Iterator[Case]:
    """The examples of the pages, and the modes that need files of one's own."""
    for analysis in CATALOG:
        main_example = EXAMPLES[analysis.slug]
        named = {str(main_example.params["mode"]): main_example} | dict(MODE_EXAMPLES.get(analysis.slug, {}))
        for name, example in named.items():
            yield Case(f"{analysis.slug}.{name}", analysis, example.params, example_inputs(analysis, example))
        for name, inputs in with_files(analysis.slug, folder).items():
            yield Case(f"{analysis.slug}.{name}", analysis, {"mode": name}, inputs)


def with_files(slug: str, folder: Path) -> Mapping[str, Inputs]:
    """Modes without an example: what a person would bring is made here."""
    if slug == "landscape":
        table, _ = published()
        table.to_csv(folder / "metrics.csv", index=False)
        return {
            "checkpoints": {
                "checkpoints": open_source("checkpoints", str(digits_checkpoints(folder / "runs.zip"))),
                "dataset": open_source("dataset", "digits"),
            },
            "metrics": {"table": open_source("table", str(folder / "metrics.csv"))},
        }
    if slug == "telemetry":
        model, rows = boosted_trees(folder)
        return {
            "explain_model": {
                "telemetry": open_source("telemetry", str(rows)),
                "model": open_source("booster", str(model)),
            }
        }
    return {}


def digits_checkpoints(path: Path) -> Path:
    """Three seeds of a 64-32-32-10 network on digits."""
    data = load_builtin("digits")
    X, y = torch.from_numpy(data.X.copy()), torch.from_numpy(data.labels().copy())
    with zipfile.ZipFile(path, "w") as archive:
        for seed in range(3):
            torch.manual_seed(seed)
            network = build(Mlp(inputs=64, hidden=(32, 32), classes=10))
            optimiser = torch.optim.Adam(network.parameters(), 0.01)
            for _ in range(200):
                optimiser.zero_grad()
                torch.nn.functional.cross_entropy(network(X), y).backward()
                optimiser.step()
            stream = io.BytesIO()
            torch.save(network.state_dict(), stream)
            archive.writestr(f"run{seed}.pt", stream.getvalue())
    return path


def boosted_trees(folder: Path) -> tuple[Path, Path]:
    """200 trees of depth 6 on 20 columns, and the 5,000 rows that they learned."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.standard_normal((5000, 20)), columns=[f"channel {number}" for number in range(20)])
    y = 4 * X["channel 0"] + 2 * X["channel 1"] * X["channel 2"] + rng.standard_normal(len(X))
    booster = xgboost.train({"nthread": 1, "max_depth": 6}, xgboost.DMatrix(X, y, nthread=1), 200)
    booster.save_model(folder / "model.json")
    X.to_parquet(folder / "rows.parquet")
    return folder / "model.json", folder / "rows.parquet"


def profile(case: Case) -> Profile:
    """Asks it, one step after the other, and draws its figures."""
    seconds: Counter[str] = Counter()
    with looks() as functions:
        begin = time.perf_counter()
        result = answered(case, seconds)
        end = time.perf_counter()
        case.analysis.figures(result)
    drawn = time.perf_counter() - end
    seconds["between the steps"] = end - begin - sum(seconds.values())
    seconds["figures"] = drawn
    return Profile(end - begin + drawn, seconds, functions)


def answered(case: Case, seconds: Counter[str]) -> Result:
    """The result; seconds by the function of each step."""
    params = parse_params(case.analysis.params, case.params)
    case.analysis.check_inputs(params, case.inputs)
    generator = case.analysis.compute(params, case.inputs)
    held: dict[str, Any] = {}
    values: list[Any] | None = None
    try:
        while True:
            steps = next(generator) if values is None else generator.send(values)
            values = []
            for step in steps:
                begin = time.perf_counter()
                with opening_with(held.__getitem__):
                    value = step.run()
                seconds[step.function.__name__] += time.perf_counter() - begin
                if step.stored:
                    held[step.key] = value
                values.append(Stored(step.key) if step.stored else value)
    except StopIteration as stop:
        return stop.value


@contextmanager
def looks() -> Iterator[Counter[str]]:
    """Seconds by function of the project, of what this thread does meanwhile."""
    found: Counter[str] = Counter()
    watched, ended = threading.get_ident(), threading.Event()

    def look() -> None:
        before = time.perf_counter()
        while not ended.wait(LOOK_EVERY):
            frame, now = sys._current_frames().get(watched), time.perf_counter()
            found[owner(frame)] += now - before  # longer where a library held the lock
            before = now

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield found
    finally:
        ended.set()
        watcher.join()


def owner(frame: FrameType | None) -> str:
    """The innermost function of the project on a stack."""
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(CORE):
            return f"{Path(file).stem}.{frame.f_code.co_qualname.replace('.<locals>', '')}"
        frame = frame.f_back
    return "outside"


def row(name: str, found: Profile) -> str:
    """One line of the table."""
    parts, functions = (
        ", ".join(
            f"`{what}` {took / found.seconds:.0%}"
            for what, took in counted.most_common(SHOWN)
            if took > 0.02 * found.seconds
        )
        for counted in (found.parts, found.functions)
    )
    return f"| {name} | {found.seconds:.1f} | {parts} | {functions} |"


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
