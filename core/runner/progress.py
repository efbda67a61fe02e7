"""How far a job is, and how long it will still take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

ENOUGH = 0.01  # of the whole, done since the start: before that there is nothing to guess from
SMOOTHING = 0.3  # weight of the newest guess; the steps of a job take unequal times


class Progress:
    """Sums the shares of finished steps and of the running parts.

    Steps that were found in the step store count as done, but not for the speed.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.started = clock()
        self.finished = 0.0
        self.found = 0.0
        self._guess: tuple[float, float] | None = None  # when, and seconds left

    def find(self, share: float) -> None:
        """A step was there already."""
        self.finished += share
        self.found += share

    def finish(self, share: float) -> None:
        """A step was run."""
        self.finished += share

    def fraction(self, running: Iterable[tuple[float, float]] = ()) -> float:
        """Fraction of the whole that is done.

        Args:
            running: share and fraction of each step that runs now.
        """
        return min(self.finished + sum(share * part for share, part in running), 0.99)

    def seconds_left(self, fraction: float) -> float | None:
        """Seconds until the end, smoothed; None while there is too little to guess from."""
        now = self.clock()
        done, elapsed = fraction - self.found, now - self.started
        if done < ENOUGH or elapsed <= 0:
            return None
        left = elapsed / done * (1 - fraction)
        if self._guess is not None:
            then, before = self._guess
            left = SMOOTHING * left + (1 - SMOOTHING) * max(before - (now - then), 0.0)
        self._guess = now, left
        return left
