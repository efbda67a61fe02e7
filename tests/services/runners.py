"""Runners as processes of their own, which know the sample analysis beside the five questions.

`python -m tests.services.runners` is such a runner.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.workbench import ROOT


@dataclass
class RunnerProcess:
    """One runner.

    Attributes:
        variables: its settings, beside what this process has.
        log: where its output goes.
        process: the runner; None before it was started.
    """

    variables: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the runner of this moment."""
        assert self.process is not None
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Whether it is there at this moment."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Starts it; it takes a while until it claims jobs."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.services.runners"],
                cwd=ROOT,
                env={**os.environ, **self.variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """kill -9 of the runner, and of the cluster of its own where it has one."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return
            self.process.wait(60)


@contextmanager
def runner(variables: Mapping[str, str], log: Path) -> Iterator[RunnerProcess]:
    """A running runner; gone at the end of the block."""
    made = RunnerProcess(variables, log)
    made.start()
    try:
        yield made
    finally:
        made.kill()


def main() -> None:
    """Runs until it is killed."""
    from core.catalog import CATALOG
    from core.runner.process import run
    from core.settings import settings
    from tests.core.runner.sample_analyses import SAMPLE

    run(settings(), [*CATALOG, SAMPLE], watch_parent=False)


if __name__ == "__main__":
    main()
