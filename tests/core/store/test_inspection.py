"""A file that crashes its reader, or wants too much, costs its sender one sentence and nobody else anything."""

from __future__ import annotations

import pytest

from core.errors import BadInput
from core.settings import MIB, Settings
from core.store.inspection import ask

SETTINGS = Settings(job_memory=64 * MIB)


def test_answer_comes_back():
    """What the function returns is the answer, whatever it prints."""
    assert ask(SETTINGS, "a.csv", "builtins.sorted", [2, 1]) == [1, 2]
    assert None is ask(SETTINGS, "a.csv", "builtins.print", "noise")


@pytest.mark.parametrize(
    ("function", "arguments", "sentence"),
    [
        ("os.abort", [], "crash"),
        ("ctypes.string_at", [0], "crash"),
        ("signal.raise_signal", [9], "too much"),
        ("os._exit", [3], "can't be read"),
        ("os._exit", [0], "can't be read"),
        ("json.loads", ["not json"], "can't be read"),
        ("builtins.bytearray", [3 << 30], "more memory"),
        ("numpy.ones", [1 << 29], "more memory"),
        ("core.data.formats.format_of", ["a.pkl"], "a.pkl is not read here"),
    ],
)
def test_each_bad_end_is_one_sentence(function, arguments, sentence):
    """Crash, kill, exit, unexpected error, memory and plain refusal all become a sentence without a traceback."""
    with pytest.raises(BadInput, match=sentence) as error:
        ask(SETTINGS, "a.csv", function, *arguments)
    assert "\n" not in str(error.value)
    assert "Traceback" not in str(error.value)


def test_reader_that_waits_is_ended():
    """A reader that neither works nor ends is killed when its time on the clock is over."""
    with pytest.raises(BadInput, match="longer than"):
        ask(SETTINGS, "a.csv", "signal.pause", seconds=1)


def test_reader_that_loops_is_ended():
    """A reader that uses up its processor time is stopped, however busy the machine is."""
    with pytest.raises(BadInput, match="too much time"):
        ask(SETTINGS, "a.csv", "builtins.pow", 7, 10**8, seconds=1, patience=100)


def test_reader_knows_no_secret(monkeypatch):
    """The reading process has neither the cookie's secret nor the data base's address, but it has the limits."""
    monkeypatch.setenv("ASSAY_SECRET", "s")
    monkeypatch.setenv("ASSAY_DATABASE_URL", "postgresql://u:p@h/d")
    assert None is ask(SETTINGS, "a.csv", "os.getenv", "ASSAY_SECRET")
    assert None is ask(SETTINGS, "a.csv", "os.getenv", "ASSAY_DATABASE_URL")
    assert str(SETTINGS.max_rows) == ask(SETTINGS, "a.csv", "os.getenv", "ASSAY_MAX_ROWS")
