"""Times that can be compared on a busy machine: the programs take turns, and the fastest turn of each counts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TypeVar

Value = TypeVar("Value")


def fastest(
    programs: Mapping[str, Callable[[], Value]], turns: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, tuple[float, Value]]:
    """Calls all programs in alternation.

    Args:
        programs: what is timed, by name.
        turns: how often each is called, at least once.
        clock: of the wall, or time.process_time for programs of one thread on a machine that is busy throughout.

    Returns:
        Seconds of the fastest turn, and what the last one returned, by name.
    """
    best: dict[str, tuple[float, Value]] = {}
    for _ in range(turns):
        for name, program in programs.items():
            started = clock()
            value = program()
            seconds = clock() - started
            best[name] = min(seconds, best[name][0]) if name in best else seconds, value
    return best
