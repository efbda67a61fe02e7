"""What large values cost the process that drives an analysis: a name."""

from __future__ import annotations

import gc
import pickle
import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from core.analysis import (
    Analysis,
    Compute,
    Estimate,
    Inputs,
    Params,
    Result,
    Scalar,
    Source,
    Step,
    Stored,
    opening_with,
    parse_params,
    report,
)
from core.calibration.analysis import ANALYSIS as CALIBRATION
from core.errors import StepFailed
from core.landscape.analysis import ANALYSIS as LANDSCAPE
from core.serial import serially
from core.store.steps import StepFolder
from core.telemetry.analysis import ANALYSIS as TELEMETRY

MIB = 1 << 20
RAN: list[int] = []


def large(number: int) -> dict[str, np.ndarray]:
    RAN.append(number)
    return {"values": np.full(MIB // 8, float(number))}


def total(parts: list[Stored]) -> float:
    """Goes through the parts, one after the other."""
    found = 0.0
    for place, part in enumerate(parts):
        found += float(part.load()["values"].sum())
        report((place + 1) / len(parts))
    return found


class StreamParams(Params):
    """How many parts."""

    mode: Literal["stream"] = "stream"
    parts: int = 4


def stream(params: StreamParams, inputs: Inputs) -> Compute:
    """Parts of a MiB each, and their sum."""
    parts = yield [
        Step(large, {"number": number}, share=0.5 / params.parts, stored=True) for number in range(params.parts)
    ]
    (found,) = yield [Step(total, {"parts": parts}, share=0.5)]
    return Result(f"{found:g}", {"total": Scalar(found, "Total")}, notes=tuple(type(part).__name__ for part in parts))


STREAM = Analysis(
    slug="stream",
    title="Stream",
    question="How much is it?",
    params=(StreamParams,),
    inputs=(),
    compute=stream,
    figures=lambda result: {},
    estimate=lambda params, inputs: Estimate(1.0, MIB, params.parts + 1),
    version=1,
    references=(),
)


def test_what_is_stored_is_sent_by_name_and_opened_by_a_later_step(tmp_path: Path) -> None:
    """The analysis sees names alone; the sum is that of the values, with a cache and without one."""
    for cache in (None, StepFolder(tmp_path)):
        found = serially(STREAM, StreamParams(parts=3), {}, cache=cache)
        assert found.notes == ("Stored",) * 3
        assert found.summary["total"].value == (0 + 1 + 2) * MIB / 8


def test_what_is_stored_is_not_made_again(tmp_path: Path) -> None:
    """A longer stream goes on behind the parts that an earlier one left in the cache."""
    serially(STREAM, StreamParams(parts=2), {}, cache=StepFolder(tmp_path))
    RAN.clear()
    serially(STREAM, StreamParams(parts=4), {}, cache=StepFolder(tmp_path))
    assert RAN == [2, 3]


def test_the_key_of_a_step_covers_what_it_will_open() -> None:
    """Two steps that open different values have different keys; a name costs as much as another, whatever it names."""
    one, other = (Step(total, {"parts": [Stored(key)]}) for key in ("a" * 40, "b" * 40))
    assert one.key != other.key
    assert one.key == Step(total, {"parts": [Stored("a" * 40)]}, stored=True).key


def test_a_value_that_is_gone_is_said_in_a_sentence() -> None:
    """What was evicted meanwhile ends the run with what to do; outside of a step nothing can be opened."""
    nothing: dict[str, object] = {}
    with (
        opening_with(nothing.__getitem__),
        pytest.raises(StepFailed, match=r"gone from the step store.*ASSAY_STEP_BYTES"),
    ):
        Stored("a" * 40).load()
    with pytest.raises(RuntimeError, match="opened by later steps"):
        Stored("a" * 40).load()


def peak(parts: int, folder: Path) -> int:
    """Bytes that a run of so many parts of a MiB takes at most."""
    gc.collect()
    tracemalloc.start()
    try:
        serially(STREAM, StreamParams(parts=parts), {}, cache=StepFolder(folder))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_stream_of_four_times_the_parts_takes_no_more_memory(tmp_path: Path) -> None:
    """One part is held at a time, of six as of twenty-four."""
    peak(1, tmp_path / "first")  # what is imported on the way
    few, many = peak(6, tmp_path / "few"), peak(24, tmp_path / "many")
    assert many - few < MIB // 2
    assert many < 6 * MIB


# The three analyses whose parts are many: what they hold and send does not grow with the values ------------------------


def batches(compute: Compute, answers: Mapping[str, Any], most: int) -> list[list[Step]]:
    """The first batches of an analysis whose steps are not run: what is stored is answered by name, the rest as told."""
    found, batch = [], next(compute)
    while True:
        found.append(batch)
        if len(found) == most:
            return found
        batch = compute.send([Stored(step.key) if step.stored else answers[step.function.__name__] for step in batch])


def bytes_of(steps: list[Step]) -> int:
    """Of the largest of some steps, as it travels to a worker."""
    return max(len(pickle.dumps(step)) for step in steps)


@pytest.mark.parametrize("models", [500, 2000])
def test_models_of_a_population_go_by_name(models: int) -> None:
    """Each part is stored, one step gathers the names, and the questions get one name: as many bytes for any number."""
    source = Source("population", "p.npz", "d" * 40, "p.npz", {"models": models, "rows": 10_000, "classes": 10})
    census = {"form": "arrays", "models": models, "datasets": [""], "rows": {"": 10_000}, "classes": {"": 10}}
    params = parse_params(CALIBRATION.params, {"mode": "population"})
    first, parts, gather, questions = batches(
        CALIBRATION.compute(params, {"population": source}), {"census_step": census}, 4
    )
    assert len(first) == len(gather) == 1 and len(parts) == models // 200 + (models % 200 > 0)
    assert all(step.stored for step in (*parts, *gather))
    assert all(step.arguments["measured"] == Stored(gather[0].key) for step in questions)
    assert bytes_of(questions) < 2000


@pytest.mark.parametrize("cells", [4, 16])
def test_weights_of_a_sweep_go_by_name(cells: int) -> None:
    """Each training is stored and each measurement gets one name, however many networks and weights there are."""
    source = Source("dataset", "digits", "d" * 40, "builtin:digits", {"rows": 1797, "features": 64, "classes": 10})
    params = parse_params(
        LANDSCAPE.params, {"mode": "sweep", "architecture": "cnn", "loads": [64], "temperatures": [0.01 * (1 + cell) for cell in range(cells)]}
    )  # fmt: skip
    shaped = Source(**{**vars(source), "details": {**source.details, "shape": [1, 8, 8]}})
    trained, measured = batches(LANDSCAPE.compute(params, {"dataset": shaped}), {}, 2)
    assert len(trained) == len(measured) == cells
    assert all(step.stored for step in trained)
    assert [step.arguments["trained"].key for step in measured] == [step.key for step in trained]
    assert bytes_of(measured) < 2000


@pytest.mark.parametrize("parameters", [250, 1000])
def test_series_of_telemetry_go_by_name(parameters: int) -> None:
    """Sixteen parameters are a part, each part is stored, and the step that puts them together gets a name of each."""
    source = Source("telemetry", "t.parquet", "d" * 40, "t.parquet", {"rows": 1000, "column_count": parameters + 2})
    names = [f"T{number}" for number in range(parameters)]
    facts = {
        "name": "t.parquet",
        "times": np.arange(1000) * 60_000,
        "step": 60.0,
        "join": 3,
        "targets": names,
        "covariates": ["HEATER"],
        "label_columns": ["anomaly"],
    }
    params = parse_params(TELEMETRY.params, {"mode": "detect"})
    compute = TELEMETRY.compute(params, {"telemetry": source})
    _, parts, together = batches(compute, {"read_step": facts}, 3)
    assert len(parts) == -(-parameters // 16)
    assert all(step.stored for step in parts)
    assert parts[0].arguments["read"].ingest["columns"] == [*names[:16], "HEATER", "anomaly"]
    assert bytes_of(parts) < 4000
    assert bytes_of(together) < 2000 + 100 * len(parts)
