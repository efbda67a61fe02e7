"""The progress line."""

from __future__ import annotations

import io

import pytest

from core import progress
from core.progress import ProgressLine, in_words


class Terminal(io.StringIO):
    """A stream that says that a person looks at it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that the test sets."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_time_left_follows_from_the_fraction_done(clock: list[float]):
    """After 30 s at 25 % another 90 s are left; at the end the time taken is told."""
    stream = io.StringIO()
    line = ProgressLine(stream)
    line(0.0, "start")
    clock[0] += 30
    line(0.25, "train")
    clock[0] += 90
    line(1.0, "done")
    assert stream.getvalue().splitlines() == [
        " 25%  train  (about 1 min 30 s left)",
        "100%  done  (2 min 00 s)",
    ]


def test_a_log_gets_few_lines(clock: list[float]):
    """Away from a terminal the same step is told at most every five seconds, a new one at once."""
    stream = io.StringIO()
    line = ProgressLine(stream)
    for second in range(12):
        clock[0] = 100.0 + second
        line((second + 1) / 100, "train")
    line(0.5, "evaluate")
    assert [text.split()[1] for text in stream.getvalue().splitlines()] == ["train", "train", "train", "evaluate"]


def test_a_terminal_gets_one_living_line(clock: list[float]):
    """On a terminal each state overwrites the one before, cut to one line, and the line is ended on leaving."""
    stream = Terminal()
    with ProgressLine(stream) as line:
        line(0.0, "a long label")
        clock[0] += 0.05
        line(0.5, "unseen")
        clock[0] += 0.3
        line(0.6, "b\nc " * 200)
    states = stream.getvalue().split("\r")
    assert states[1] == "  0%  a long label" and "unseen" not in stream.getvalue()
    assert stream.getvalue().endswith("\n") and stream.getvalue().count("\n") == 1
    assert len(states[2].rstrip("\n")) < 80


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (3599.9, "1 h 00 min"), (7500, "2 h 05 min")],
)
def test_durations_are_in_words(seconds: float, words: str):
    """Seconds, minutes and hours, whichever fit."""
    assert in_words(seconds) == words


def test_nothing_reached_is_no_line_of_a_log(clock: list[float]):
    """An input that is refused when it is first read leaves its sentence alone on a stream that nobody looks at."""
    stream = io.StringIO()
    with pytest.raises(ValueError), ProgressLine(stream) as line:
        line(0.0, "read")
        raise ValueError
    assert stream.getvalue() == ""


def test_an_error_wipes_the_living_line(clock: list[float]):
    """On a terminal the line is wiped when an error leaves, so that the error stands alone."""
    stream = Terminal()
    with pytest.raises(ValueError), ProgressLine(stream) as line:
        line(0.0, "read")
        raise ValueError
    assert stream.getvalue() == "\r  0%  read\r          \r"
