"""The runner as a child process: started beside the page server, started again when it dies, gone with its parent."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from pydantic import SecretStr

from core.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = (sys.executable, "-m", "core.runner")
FIRST_PAUSE = 1.0  # seconds before a runner that died is started again; doubled each time
LONGEST_PAUSE = 30.0
STEADY = 60.0  # a runner that lived so long starts again with the first pause
PATIENCE = 5.0  # seconds that a runner has to end by itself


class RunnerChild:
    """Keeps one runner alive. The pipe to its standard input ends with this process, and the runner with the pipe.

    Attributes:
        process: the runner of this moment.
        starts: how often one was started.
    """

    def __init__(self, settings: Settings, command: Sequence[str] = COMMAND, first_pause: float = FIRST_PAUSE) -> None:
        self.settings = settings
        self.command = tuple(command)
        self.first_pause = first_pause
        self.starts = 0
        self._ending = threading.Event()
        self.process = self._start()
        self._keeper = threading.Thread(target=self._keep, name="runner keeper", daemon=True)
        self._keeper.start()

    @property
    def alive(self) -> bool:
        """Whether a runner is there at this moment."""
        return self.process.poll() is None

    def stop(self) -> None:
        """Ends the runner and its workers, and starts no other."""
        self._ending.set()
        end(self.process)
        self._keeper.join()
        end(self.process)  # one that the keeper had just started

    def _start(self) -> subprocess.Popen[bytes]:
        self.starts += 1
        return spawn(self.settings, self.command)

    def _keep(self) -> None:
        pause = self.first_pause
        while not self._ending.is_set():
            began = time.monotonic()
            self.process.wait()
            if time.monotonic() - began > STEADY:
                pause = self.first_pause
            if self._ending.wait(pause):
                return
            pause = min(2 * pause, LONGEST_PAUSE)
            self.process = self._start()


def start_runner(settings: Settings) -> RunnerChild:
    """Starts a runner with these settings and keeps it alive until `stop`, or until this process ends."""
    return RunnerChild(settings)


def spawn(settings: Settings, command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Starts one runner process; what it prints goes to runner-output.log."""
    with _output(settings.home / "logs") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd=ROOT,
            env={**os.environ, **environment(settings)},
            start_new_session=True,  # Ctrl-C is for the server; the runner follows by the pipe
        )


def _output(logs: Path) -> BinaryIO:
    """Where a runner prints to; nowhere while the disk is full or read-only, since the runner itself waits for it."""
    try:
        logs.mkdir(parents=True, exist_ok=True)
        return (logs / "runner-output.log").open("ab")
    except OSError:
        return Path(os.devnull).open("ab")


def end(process: subprocess.Popen[bytes]) -> None:
    """Closes the pipe, and waits until the runner is gone."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def environment(settings: Settings) -> dict[str, str]:
    """The settings as variables, so that the child has those of its parent and not of the shell."""
    plain = {name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in settings}
    return {f"ASSAY_{name.upper()}": str(value) for name, value in plain.items() if value is not None}
