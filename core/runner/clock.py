"""Whether the clock on the wall was set, or the machine slept, since somebody looked last."""

from __future__ import annotations

import time
from collections.abc import Callable

NOTICED = 1.0  # seconds; a clock that is only adjusted drifts by far less between two looks


class Jumps:
    """How far a clock has jumped, measured against one that nobody can set and that stands still during sleep."""

    def __init__(self, clock: Callable[[], float], steady: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.steady = steady
        self._offset = clock() - steady()

    def __call__(self) -> float:
        """Seconds that the clock has jumped since the last look, backward negative; 0 where it went on as it should."""
        offset = self.clock() - self.steady()
        jump, self._offset = offset - self._offset, offset
        return jump if abs(jump) > NOTICED else 0.0
