"""Several computations that take turns as one: their steps of a round run in parallel."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from core.analysis import Step
from core.errors import StepFailed

End = TypeVar("End")


@dataclass(frozen=True)
class Failed:
    """A computation that ended without a result, and why."""

    reason: str


def side_by_side(
    computations: Mapping[str, Generator[list[Step], list[Any], End]],
) -> Generator[list[Step], list[Any], dict[str, End | Failed]]:
    """Drives named computations to their ends: yields the next steps of all that are still at work together.

    Steps keep their keys, so what a computation has already finished by itself is not computed again. One that raises
    `StepFailed` while it decides what comes next ends as `Failed` and does not end the others.

    Args:
        computations: name, as the progress line shows it -> generator of steps.

    Returns:
        The ends by name.
    """
    runs = [_Run(name, compute) for name, compute in computations.items()]
    while waiting := [run for run in runs if run.ended is None]:
        results = yield [
            replace(step, label=f"{run.name}: {step.label}", share=step.share / len(runs))
            for run in waiting
            for step in run.asked
        ]
        place = 0
        for run in waiting:
            count = len(run.asked)
            run.advance(results[place : place + count])
            place += count
    return {run.name: run.ended for run in runs if run.ended is not None}


class _Run(Generic[End]):
    """One of the computations: what it asks for now, or how it ended."""

    def __init__(self, name: str, compute: Generator[list[Step], list[Any], End]) -> None:
        self.name = name
        self.compute = compute
        self.asked: list[Step] = []
        self.ended: End | Failed | None = None
        self.advance(None)

    def advance(self, results: list[Any] | None) -> None:
        """Hands over the results of what was asked for, and takes the next steps."""
        try:
            self.asked = next(self.compute) if results is None else self.compute.send(results)
        except StopIteration as stop:
            self.ended = stop.value
        except StepFailed as failure:
            self.ended = Failed(str(failure))
