"""Progress on a terminal: one living line; elsewhere plain lines, few enough for a log."""

from __future__ import annotations

import shutil
import time
from types import TracebackType
from typing import Self, TextIO

EVERY = 0.2  # seconds between two states of the living line
LINE_EVERY = 5.0  # seconds between two plain lines of the same step


def in_words(seconds: float) -> str:
    """A duration as people say it.

    >>> in_words(8), in_words(75), in_words(4000)
    ('8 s', '1 min 15 s', '1 h 07 min')
    """
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


class ProgressLine:
    """A reporter that writes fraction, label and time left to a stream."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.living = stream.isatty()
        self.started = time.monotonic()
        self.written = float("-inf")
        self.label = ""
        self.width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.living and self.width:
            self.stream.write("\n" if kind is None else "\r" + " " * self.width + "\r")  # an error stands alone
            self.stream.flush()

    def __call__(self, fraction: float, label: str) -> None:
        """Writes the state, unless it was written a moment ago.

        A plain line says what has been reached: while that is nothing there is none, so that an input which is
        refused when it is first read leaves one sentence alone.
        """
        if not (self.living or fraction > 0):
            return
        now = time.monotonic()
        recent = now - self.written < (EVERY if self.living else LINE_EVERY)
        if recent and fraction < 1.0 and (self.living or label == self.label):
            return
        line = " ".join(self.line(fraction, label, now - self.started).split("\n"))
        if self.living:
            line = line[: shutil.get_terminal_size().columns - 1]
            self.stream.write("\r" + line.ljust(self.width))
        else:
            self.stream.write(line + "\n")
        self.stream.flush()
        self.written, self.label, self.width = now, label, len(line)

    def line(self, fraction: float, label: str, elapsed: float) -> str:
        """`42 %  label  (1 min 05 s left)`; without a guess while there is nothing to guess from."""
        left = ""
        if 0.05 <= fraction < 1.0 and elapsed >= 1.0:
            left = f"  (about {in_words(elapsed / fraction * (1 - fraction))} left)"
        elif fraction >= 1.0:
            left = f"  ({in_words(elapsed)})"
        return f"{fraction:4.0%}  {label}{left}"
