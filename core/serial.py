"""An analysis in this process, one step after the other; the runner does the same on workers."""

from __future__ import annotations

from typing import Any, Protocol

from core.analysis import Analysis, Inputs, Params, Reporter, Result, Step, reporting_to
from core.stored import Stored, opening_with


class StepCache(Protocol):
    """Where finished steps are kept. `get` raises KeyError for a step that is not there."""

    def get(self, key: str) -> Any:
        """The value that the step returned."""
        ...

    def put(self, key: str, value: Any) -> None:
        """Keeps the value of a step that has finished."""
        ...


def serially(
    analysis: Analysis,
    params: Params,
    inputs: Inputs,
    *,
    cache: StepCache | None = None,
    progress: Reporter | None = None,
) -> Result:
    """Runs an analysis in this process, one step after the other.

    Args:
        analysis: one of the catalog.
        params: validated parameters.
        inputs: a source for each slot.
        cache: finished steps are taken from it and put into it; without one, what is `stored` is held until the end.
        progress: is told the fraction done (0 to 1) and what is being done.
    """
    analysis.check_inputs(params, inputs)
    listen = progress or (lambda fraction, message: None)
    done = 0.0
    generator = analysis.compute(params, inputs)
    results: list[Any] | None = None
    held: dict[str, Any] = {}
    try:
        while True:
            batch = next(generator) if results is None else generator.send(results)
            results = []
            for step in batch:
                listen(min(done, 0.99), step.label)
                with (
                    reporting_to(_scaled(listen, done, step)),
                    opening_with(held.__getitem__ if cache is None else cache.get),
                ):
                    results.append(_run_once(step, cache, held))
                done += step.share
    except StopIteration as stop:
        listen(1.0, "done")
        result: Result = stop.value
        return result


def _scaled(listen: Reporter, done: float, step: Step) -> Reporter:
    """What a step says of itself, as a part of the whole run."""
    return lambda part, message: listen(min(done + part * step.share, 0.99), message or step.label)


def _run_once(step: Step, cache: StepCache | None, held: dict[str, Any]) -> Any:
    """The value of a step, or its name where it is `stored`: in the cache, or else among what is held."""
    if cache is None:
        value = step.run()
        if not step.stored:
            return value
        held[step.key] = value
        return Stored(step.key)
    key = step.key
    try:
        value = cache.get(key)
    except KeyError:
        value = step.run()
        cache.put(key, value)
    return Stored(key) if step.stored else value
