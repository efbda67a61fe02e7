"""The contract between an analysis and everything that stores, runs and shows it.

An analysis is a generator: it yields batches of steps, is sent their results in order, may yield again
from what it learned, and returns a `Result`. A step is a pure function with plain arguments, so it has a
content key: a sweep that was interrupted goes on where it stopped. What is large goes from step to step by name
(`Stored`), so that no process ever holds the results of all steps.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np

from core.errors import BadInput
from core.keys import content_key
from core.parameters import ParameterField, Params, mode_of, parameter, parameter_fields, parse_params
from core.stored import Stored, opening_with

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

__all__ = [
    "BUILTIN",
    "Analysis",
    "Compute",
    "Estimate",
    "Figure",
    "Input",
    "Inputs",
    "LivePoint",
    "ParameterField",
    "Params",
    "Reference",
    "Result",
    "Scalar",
    "Source",
    "Step",
    "Stored",
    "by_mode",
    "mode_of",
    "opening_with",
    "parameter",
    "parameter_fields",
    "parse_params",
    "recording_to",
    "report",
    "report_value",
    "reporting_to",
    "result_key",
]

Kind = Literal[
    "dataset", "model", "table", "predictions", "population", "telemetry", "booster", "shapes", "checkpoints", "zoo"
]
BUILTIN = "builtin:"  # begins the location of what comes with the workbench
Device = Literal["cpu", "gpu"]


@dataclass(frozen=True)
class Source:
    """What a person put into a slot: a built-in or a stored file. Only its digest counts in keys.

    Attributes:
        kind: one of `Kind`.
        name: what the person calls it; shown, never used as a path.
        digest: content digest (of a built-in: of its name and version).
        location: "builtin:NAME" or the path of the stored file.
        details: what the inspection found (rows, features, classes, ...), for estimates and captions.
    """

    kind: Kind
    name: str
    digest: str
    location: str
    details: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def builtin(self) -> str | None:
        """The name of what comes with the workbench; None for a stored file."""
        return self.location.removeprefix(BUILTIN) if self.location.startswith(BUILTIN) else None

    def canonical(self) -> dict[str, str]:
        """What of it goes into a key."""
        return {"digest": self.digest}


Inputs = Mapping[str, Source]
Found = TypeVar("Found")


@dataclass(frozen=True)
class Input:
    """A slot that a person fills: its name, the kinds that it accepts, and when it is needed."""

    slot: str
    kind: Kind
    title: str
    description: str
    required: bool = True
    modes: tuple[str, ...] = ()  # the modes that take it; empty: all


@dataclass(frozen=True)
class Reference:
    """A paper that a method follows, with the place in it."""

    authors: str
    year: int
    title: str
    where: str  # "arXiv:1804.08838, section 2"


@dataclass(frozen=True)
class Estimate:
    """What a run is expected to cost on one CPU core, said before it starts."""

    seconds: float
    memory: int  # bytes, of the largest step
    steps: int


@dataclass(frozen=True)
class Step:
    """A pure top-level function with plain arguments, which a worker runs.

    Attributes:
        function: importable by name; its attribute `version` (default 1) is raised when its numbers change.
        arguments: numbers, text, lists, dicts, numpy arrays, `Source`s, and what earlier steps left `Stored`.
        device: "gpu" waits for a worker that has one; the function receives nothing but its arguments.
        label: what is being done, in a few words, for the progress line.
        share: the part of the whole run that this step is expected to be, from 0 to 1.
        memory: bytes that it needs at its peak; refused up front where no worker has them.
        stored: its value stays where finished steps are kept, and the analysis is sent a `Stored` in its place: for
            values that are large, or many, and that only later steps open.
    """

    function: Callable[..., Any]
    arguments: Mapping[str, Any]
    device: Device = "cpu"
    label: str = ""
    share: float = 0.0
    memory: int = 0
    stored: bool = False

    @property
    def key(self) -> str:
        """Content key of function, version, arguments and device."""
        name = f"{self.function.__module__}.{self.function.__qualname__}"
        return content_key(name, getattr(self.function, "version", 1), dict(self.arguments), self.device)

    def run(self) -> Any:
        """Calls the function."""
        return self.function(**self.arguments)


@dataclass(frozen=True)
class Scalar:
    """A named number of the answer, with unit and, where the method gives one, an interval."""

    value: float | int | str | None
    title: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    description: str = ""


@dataclass(frozen=True)
class Result:
    """What an analysis found, as data: it can be drawn, compared, exported and checked from its files alone.

    `answer` is the one sentence that the page shows first; `notes` is what the reader must know besides
    (did not converge, too few samples, rows dropped).
    """

    answer: str
    summary: Mapping[str, Scalar]
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def values(self) -> dict[str, float | int | str | None]:
        """The summary as a flat mapping; an interval adds `NAME_low` and `NAME_high`."""
        flat: dict[str, float | int | str | None] = {}
        for name, scalar in self.summary.items():
            flat[name] = scalar.value
            if scalar.low is not None or scalar.high is not None:
                flat[f"{name}_low"], flat[f"{name}_high"] = scalar.low, scalar.high
        return flat


@dataclass(frozen=True)
class Figure:
    """A picture of a result with the words that belong to it. The template comes from the page's theme."""

    title: str
    plot: go.Figure
    reading: str  # one sentence: how to read it, and what would be worrying
    caption: str  # n, seeds, interval
    alt: str  # text alternative with the main number
    reference: str  # paper and equation
    group: str = ""  # neighbours of one group share a tab; empty: the figure stands by itself


Compute = Generator[list[Step], list[Any], Result]


@dataclass(frozen=True)
class Analysis:
    """One of the questions: what it needs, how it is computed, how it is drawn.

    Attributes:
        slug: name in addresses and on the command line.
        title: name on pages.
        question: the one sentence that the page opens with.
        params: one model a mode; the first is the default.
        inputs: what the person hands in.
        compute: (params, inputs) -> generator of steps.
        figures: result -> figures in the order in which they are read.
        estimate: (params, inputs) -> cost, from the inputs' details alone (no data are read).
        version: part of every key; raised whenever numbers may change, so that no older result answers. Finished
            steps have keys of their own: the `version` of a step function is raised when its value may change.
        references: the papers.
    """

    slug: str
    title: str
    question: str
    params: tuple[type[Params], ...]
    inputs: tuple[Input, ...]
    compute: Callable[[Any, Inputs], Compute]
    figures: Callable[[Result], dict[str, Figure]]
    estimate: Callable[[Any, Inputs], Estimate]
    version: int
    references: tuple[Reference, ...]

    def inputs_of(self, mode: str) -> tuple[Input, ...]:
        """The slots that a mode takes."""
        return tuple(slot for slot in self.inputs if not slot.modes or mode in slot.modes)

    def check_inputs(self, params: Params, inputs: Inputs) -> None:
        """Refuses missing, unknown and wrongly filled slots.

        Raises:
            BadInput: names the slot and what it takes.
        """
        slots = {slot.slot: slot for slot in self.inputs_of(params.mode)}
        for name, source in inputs.items():
            if name not in slots:
                raise BadInput(f"Mode {params.mode} has no input {name!r}; it takes {', '.join(slots)}.")
            if source.kind != slots[name].kind:
                raise BadInput(f"Input {name}: {source.name} is a {source.kind}; a {slots[name].kind} is expected.")
        for slot in slots.values():
            if slot.required and slot.slot not in inputs:
                raise BadInput(f"Input {slot.slot} is missing: {slot.description}")


def by_mode(**functions: Callable[[Any, Inputs], Found]) -> Callable[[Any, Inputs], Found]:
    """One function of parameters and inputs out of one for each mode."""
    return lambda params, inputs: functions[params.mode](params, inputs)


def result_key(analysis: Analysis, params: Params, inputs: Inputs) -> str:
    """The key of a question: slug, version, parameters with defaults filled in, digest of each input."""
    return content_key(analysis.slug, analysis.version, params, {slot: inputs[slot].digest for slot in inputs})


Reporter = Callable[[float, str], None]
_reporter: contextvars.ContextVar[Reporter | None] = contextvars.ContextVar("reporter", default=None)


def report(fraction: float, message: str = "") -> None:
    """Says from inside a long step how far it is (0 to 1). Costs nothing where nobody listens."""
    reporter = _reporter.get()
    if reporter is not None:
        reporter(min(max(fraction, 0.0), 1.0), message)


@contextmanager
def reporting_to(reporter: Reporter) -> Iterator[None]:
    """Within this block `report` calls the reporter."""
    token = _reporter.set(reporter)
    try:
        yield
    finally:
        _reporter.reset(token)


@dataclass(frozen=True)
class LivePoint:
    """A point of the curve that is drawn while a job runs.

    Attributes:
        at: place on the axis, such as the number of an iteration.
        value: what was measured there.
        title: of the value.
        axis: what `at` counts.
    """

    at: float
    value: float
    title: str
    axis: str


Recorder = Callable[[LivePoint], None]
_recorder: contextvars.ContextVar[Recorder | None] = contextvars.ContextVar("recorder", default=None)


def report_value(at: float, value: float, title: str, axis: str) -> None:
    """Adds a point to the live curve of the job, such as the loss of an iteration. A later point at the same place counts.

    A job has one curve, which goes on over its steps; title and axis are those of its last point. It is only watched:
    what belongs to the result is returned by the step. Costs nothing where nobody listens.
    """
    recorder = _recorder.get()
    if recorder is not None:
        recorder(LivePoint(float(at), float(value), title, axis))


@contextmanager
def recording_to(recorder: Recorder) -> Iterator[None]:
    """Within this block `report_value` calls the recorder."""
    token = _recorder.set(recorder)
    try:
        yield
    finally:
        _recorder.reset(token)
