"""Small analyses whose steps can be held, counted, crashed and fed by a test, through files in a folder."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from core.analysis import (
    Analysis,
    Compute,
    Estimate,
    Figure,
    Inputs,
    Params,
    Result,
    Scalar,
    Step,
    parameter,
    report,
    report_value,
)
from core.errors import BadInput

MIB = 1 << 20


def note(folder: str, name: str) -> None:
    """Appends a line to folder/runs, so that a test can count how often a step ran."""
    with Path(folder, "runs").open("a") as stream:
        stream.write(f"{name} {os.getpid()}\n")


def runs(folder: Path) -> list[str]:
    """Names of the steps in the order in which they began, once for each time that they ran."""
    path = folder / "runs"
    return [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []


def hold(folder: str, gate: str) -> None:
    """Waits until the test makes the file folder/gate."""
    never = threading.Event()
    while not Path(folder, gate).exists():
        never.wait(0.02)


def square(folder: str, number: int, gate: str = "") -> dict[str, Any]:
    note(folder, f"square-{number}")
    if gate:
        report(0.5, f"half of {number}")
        hold(folder, gate)
    return {"square": number * number, "device": os.environ.get("CUDA_VISIBLE_DEVICES"), "pid": os.getpid()}


def chatters(folder: str, number: int) -> dict[str, Any]:
    """Reports a thousand times in a row."""
    for part in range(1000):
        report(part / 1000, f"part {part}")
    return {"square": number * number, "pid": os.getpid()}


def descends(folder: str, number: int) -> dict[str, Any]:
    """Reports a loss a thousand times in a row."""
    for iteration in range(1000):
        report_value(iteration, 1.0 / (1 + iteration), "Loss", "iteration")
    hold(folder, "open")
    return {"square": number * number, "pid": os.getpid()}


def exits(folder: str, number: int) -> None:
    note(folder, f"exits-{number}")
    os._exit(3)


def segfaults(folder: str, number: int) -> None:
    note(folder, f"segfaults-{number}")
    ctypes.string_at(0)


def grows(folder: str, number: int) -> None:
    """Takes memory piece by piece, each touched, until it is stopped."""
    note(folder, f"grows-{number}")
    never = threading.Event()
    kept = []
    while True:
        kept.append(np.ones(8 * MIB // 8))
        never.wait(0.01)


def allocates(folder: str, number: int) -> float:
    """Takes 100 GiB at once."""
    note(folder, f"allocates-{number}")
    return float(np.ones(100 << 27).sum())


def refuses(folder: str, number: int) -> None:
    raise BadInput(f"Column {number} holds no numbers.")


def breaks(folder: str, number: int) -> None:
    raise ZeroDivisionError(f"number {number}")


def returns_an_object(folder: str, number: int) -> object:
    return object()


def blocks_the_interpreter(folder: str, number: int) -> None:
    """Sleeps in C without giving the interpreter's lock back, as some libraries do for minutes."""
    note(folder, f"blocks-{number}")
    ctypes.PyDLL(None).sleep(600)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        square,
        chatters,
        descends,
        exits,
        segfaults,
        grows,
        allocates,
        refuses,
        breaks,
        returns_an_object,
        blocks_the_interpreter,
    )
}


class SampleParams(Params):
    """Which steps to run."""

    mode: Literal["sample"] = "sample"
    folder: str = parameter("", title="Folder", description="Where the steps write.")
    function: str = parameter("square", title="Function", description="Which of the functions above.")
    first: int = parameter(1, title="First", description="Number of the first step.")
    steps: int = parameter(4, title="Steps", description="How many.")
    gate: str = parameter("", title="Gate", description="File that the steps wait for.")
    device: Literal["cpu", "gpu"] = parameter("cpu", title="Device", description="Of the steps.")
    memory: int = parameter(0, title="Memory", description="That the steps say they need.")
    label: str = parameter("square", title="Label", description="Of the steps.")
    salt: str = parameter("", title="Salt", description="Makes two jobs of the same steps.")


def compute(params: SampleParams, inputs: Inputs) -> Compute:
    """One batch of steps, and a last step on their sum."""
    arguments: dict[str, Any] = {"folder": params.folder}
    if params.gate:
        arguments["gate"] = params.gate
    batch = [
        Step(
            FUNCTIONS[params.function],
            {**arguments, "number": number},
            device=params.device,
            label=f"{params.label} {number}",
            share=0.9 / params.steps,
            memory=params.memory,
        )
        for number in range(params.first, params.first + params.steps)
    ]
    values = yield batch
    total = sum(value["square"] for value in values)
    (last,) = yield [Step(square, {"folder": params.folder, "number": total}, label="sum", share=0.1)]
    return Result(
        f"The sum is {total}.", {"total": Scalar(total, "Sum"), "last": Scalar(last["square"], "Square of it")}
    )


def figures(result: Result) -> dict[str, Figure]:
    plot = go.Figure(go.Bar(x=["sum"], y=[result.summary["total"].value]))
    return {"sum": Figure("Sum", plot, "The height is the sum.", "n = 1", "A bar.", "None")}


SAMPLE = Analysis(
    slug="sample",
    title="Sample",
    question="What is the sum of squares?",
    params=(SampleParams,),
    inputs=(),
    compute=compute,
    figures=figures,
    estimate=lambda params, inputs: Estimate(1.0, params.memory, params.steps + 1),
    version=1,
    references=(),
)
