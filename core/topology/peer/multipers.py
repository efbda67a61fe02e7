"""Asks multipers: rank measures and stable representations at sizes where the engine's own are slow.

It runs in an interpreter of its own (`make multipers`), because some versions of it and of gudhi end the process that
uses both, and because bad input can as well. Whatever happens there is one sentence here.
"""

from __future__ import annotations

import io
import signal
import struct
import subprocess
import tempfile
import threading
import zipfile
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from core.errors import BadInput
from core.settings import settings
from core.topology.engine.measure import SignedMeasure, collect

PROGRAM = Path(__file__).with_name("program.py")
USUAL_PLACE = Path(__file__).parents[3] / ".venv-multipers" / "bin" / "python"
LENGTH = struct.Struct(">Q")
MOST_BYTES = 1 << 30  # of an answer
SECONDS = 600.0  # for one cloud
LINES = 200  # of a module approximation


class Multipers:
    """A running peer; `with Multipers() as peer:` ends it.

    Args:
        command: the program and its arguments; None: `program.py` in the interpreter of the settings.
        seconds: how long an answer may take.

    Raises:
        BadInput: multipers is not installed.
    """

    def __init__(self, command: list[str] | None = None, seconds: float = SECONDS) -> None:
        self.command = command or [str(interpreter()), "-I", str(PROGRAM)]  # -I: nothing here is in its path
        self.seconds = seconds

    def __enter__(self) -> Self:
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.communicate()
        self.errors.close()

    def rectangles(
        self,
        distances: np.ndarray,
        function: np.ndarray,
        degrees: tuple[int, ...],
        radii: np.ndarray,
        levels: np.ndarray,
    ) -> dict[int, SignedMeasure]:
        """The rank measure on a grid, as `core.topology.engine.rank.rank_measure` has it.

        multipers rounds to the nearest value of a grid; the engine lets a cell enter at the first value that is not
        below its own. So lengths and levels are rounded up here, and its grid is that of all values that are left.

        Raises:
            BadInput: the peer fails.
        """
        there = np.flatnonzero(function <= levels[-1])
        if not len(there):
            return {degree: SignedMeasure(np.zeros((0, 4)), np.zeros(0, dtype=np.int64)) for degree in degrees}
        places = np.searchsorted(radii, distances[np.ix_(there, there)])
        lengths = np.append(radii, np.inf)[places]
        np.fill_diagonal(lengths, 0.0)
        answer = self.ask(
            distances=lengths,
            function=levels[np.searchsorted(levels, function[there])],
            degrees=np.array(degrees),
            longest=np.array(radii[-1]),
        )
        measures = {}
        for degree in degrees:
            positions, weights = answer[f"positions_{degree}"], answer[f"weights_{degree}"]
            positions[:, 0] = np.maximum(positions[:, 0], radii[0])  # points enter with the first radius of the grid
            measures[degree] = collect(positions, weights)[0]
        return measures

    def s_cdr(
        self,
        distances: np.ndarray,
        function: np.ndarray,
        degrees: tuple[int, ...],
        axes: tuple[np.ndarray, np.ndarray],
        box: tuple[np.ndarray, np.ndarray],
        delta: float,
        p: float,
    ) -> dict[int, np.ndarray]:
        """Stable representations on a grid in units of the box, as `core.topology.vectorize.SCDR` has them.

        The peer matches bars of neighbouring lines by following the vineyard, the engine by their cells and ends.

        Raises:
            BadInput: the peer fails.
        """
        low, extent = box[0], box[1] - box[0]
        answer = self.ask(
            distances=distances / extent[0],
            function=(function - low[1]) / extent[1],
            degrees=np.array(degrees),
            longest=np.array(2 * distances.max() / extent[0] + 1.0),
            radii=axes[0] / extent[0],
            levels=(axes[1] - low[1]) / extent[1],
            box=np.array([[low[0] / extent[0], 0.0], [low[0] / extent[0] + 1.0, 1.0]]),
            delta=np.array(delta),
            p=np.array(p),
            lines=np.array(LINES),
        )
        return {degree: answer[f"image_{degree}"] for degree in degrees}

    def ask(self, **arrays: np.ndarray) -> dict[str, np.ndarray]:
        """Sends a question, and waits for its answer.

        Raises:
            BadInput: it crashes, takes too long, answers with something else, or can't use the question.
        """
        held = io.BytesIO()
        np.savez(held, allow_pickle=False, **arrays)
        assert self.process.stdin is not None and self.process.stdout is not None
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self.process.kill()

        timer = threading.Timer(self.seconds, give_up)
        timer.start()
        try:
            self.process.stdin.write(LENGTH.pack(held.getbuffer().nbytes) + held.getvalue())
            self.process.stdin.flush()
            head = self.process.stdout.read(LENGTH.size)
            size = LENGTH.unpack(head)[0] if len(head) == LENGTH.size else 0
            content = self.process.stdout.read(size) if 0 < size <= MOST_BYTES else b""
        except BrokenPipeError:
            head, size, content = b"", 0, b""
        finally:
            timer.cancel()
        if late.is_set():
            raise BadInput(
                f"multipers took more than {self.seconds:g} s for one item; use engine=assay, or fewer points."
            )
        if not head or len(content) < size <= MOST_BYTES:
            raise BadInput(self._ended())
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as answer:
                found = dict(answer)
        except (ValueError, OSError, EOFError, zipfile.BadZipFile):
            raise BadInput("multipers answered with something that is no npz; use engine=assay.") from None
        if "error" in found:
            raise BadInput(f"multipers could not use the item ({found['error']}); use engine=assay.")
        return found

    def _ended(self) -> str:
        code = self.process.wait()
        how = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        self.errors.seek(0)
        said = self.errors.read().decode(errors="replace").strip().splitlines()
        last = f": {said[-1][:200]}" if said else ""
        return f"multipers ended without an answer ({how}{last}); use engine=assay, or fewer points."


def interpreter() -> Path:
    """The interpreter that has multipers.

    Raises:
        BadInput: there is none.
    """
    chosen = settings().multipers_python
    place = Path(chosen) if chosen else USUAL_PLACE
    if not place.is_file():
        raise BadInput(
            f"engine=multipers needs multipers 2.3.2 in an interpreter of its own, and {place.name if chosen else 'none'} is "
            "not there: run `make multipers`, or set ASSAY_MULTIPERS_PYTHON; engine=assay needs nothing."
        )
    return place
