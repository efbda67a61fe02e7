"""What becomes of the faults of a peer in a process of its own. A stand-in commits them; multipers is not needed."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import BadInput
from core.settings import settings
from core.topology.peer import program
from core.topology.peer.multipers import Multipers
from tests.core.topology.running import ask

START = f"""
import sys
sys.path.insert(0, {str(Path(program.__file__).parent)!r})
import numpy as np, os, time
from program import read_frame, write_frame
question = read_frame(sys.stdin.buffer)
"""
FAULTS = {
    "abort": ("os.abort()", r"multipers ended without an answer \(SIGABRT\); use engine=assay, or fewer points\."),
    "word": ("sys.exit('out of memory')", r"ended without an answer \(exit status 1: out of memory\)"),
    "garbage": (
        "sys.stdout.buffer.write(b'\\0' * 7 + b'\\5' + b'hello'); sys.stdout.flush(); time.sleep(60)",
        "answered with something that is no npz",
    ),
    "half": ("sys.stdout.buffer.write(b'\\0' * 7 + b'\\5' + b'hi'); sys.stdout.flush(); os.abort()", "SIGABRT"),
    "endless": (
        "sys.stdout.buffer.write(b'\\x7f' * 8); sys.stdout.flush(); time.sleep(60)",
        "answered with something that is no npz",
    ),
    "refusal": (
        "write_frame(sys.stdout.buffer, {'error': np.array('ValueError: no')})",
        r"could not use the item \(ValueError: no\); use engine=assay",
    ),
}


def stand_in(body: str, seconds: float = 60.0) -> Multipers:
    """A peer that reads a question and then does something."""
    return Multipers([sys.executable, "-c", START + body], seconds)


@pytest.mark.parametrize(("body", "sentence"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_one_sentence(body: str, sentence: str) -> None:
    """A crash, noise in place of an answer, half of one, a refusal: this process goes on."""
    with stand_in(body) as peer, pytest.raises(BadInput, match=sentence):
        peer.ask(value=np.zeros(3))
    assert peer.process.poll() is not None


def test_an_answer_that_does_not_come_is_not_waited_for() -> None:
    """The limit ends the peer."""
    with (
        stand_in("time.sleep(600)", 0.2) as peer,
        pytest.raises(BadInput, match=r"took more than 0\.2 s for one item; use engine=assay, or fewer points"),
    ):
        peer.ask(value=np.zeros(3))


def test_questions_and_answers_are_arrays() -> None:
    """Several in turn to one process, and what it prints goes nowhere."""
    body = "print('noise', file=sys.stderr)\nwhile question:\n    write_frame(sys.stdout.buffer, question)\n    question = read_frame(sys.stdin.buffer)"
    with stand_in(body) as peer:
        for values in (np.arange(5), np.eye(200)):
            assert peer.ask(value=values)["value"].tolist() == values.tolist()


def test_lengths_and_levels_are_rounded_up_to_the_grid() -> None:
    """As the engine has it: a cell enters at the first value that is not below its own, a point beyond the last never."""
    body = "lengths, levels = question['distances'], question['function']\nwrite_frame(sys.stdout.buffer, {'error': np.array(str([lengths.tolist(), levels.tolist(), float(question['longest'])]))})"
    distances = np.array([[0.0, 0.3, 2.5], [0.3, 0.0, 1.0], [2.5, 1.0, 0.0]])
    with stand_in(body) as peer, pytest.raises(BadInput) as raised:
        peer.rectangles(distances, np.array([0.5, 1.0, 3.0]), (0,), np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0]))
    assert "[[[0.0, 1.0], [1.0, 0.0]], [1.0, 1.0], 2.0]" in str(raised.value)


def test_without_an_installation_the_command_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Before anything is computed by it; the engine of the workbench needs nothing."""
    monkeypatch.setenv("ASSAY_MULTIPERS_PYTHON", str(tmp_path / "python"))
    settings.cache_clear()
    with pytest.raises(BadInput, match=r"run `make multipers`, or set ASSAY_MULTIPERS_PYTHON; engine=assay needs"):
        ask("two-shapes", mode="vectorize", vectorization="s_cdr", engine="multipers", most_points="5")
    settings.cache_clear()


def test_what_it_does_not_compute_is_refused_beforehand() -> None:
    """Images of Hilbert measures are the engine's own."""
    with pytest.raises(BadInput, match="multipers computes vectorization=s_cdr or rectangles, not convolution"):
        ask("two-shapes", mode="vectorize", engine="multipers")
