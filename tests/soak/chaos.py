"""kill -9 of one process after the other, and the start of what the product does not start again itself."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

import psutil

from tests.soak.installation import Installation
from tests.soak.ledger import Ledger


class Chaos:
    """Kills at random moments, or when it is told to."""

    def __init__(self, place: Installation, ledger: Ledger, seed: int) -> None:
        self.place, self.ledger = place, ledger
        self.chance = random.Random(seed)

    def rage(self, ended: threading.Event, shortest: float, longest: float) -> None:
        """Kills until the event is set."""
        while not self._quiet(ended, self.chance.uniform(shortest, longest)):
            kills = {self.kill_worker: 8, self.kill_runner: 5, self.kill_server: 5, self.kill_reader: 2}
            if self.place.scheduler is not None:
                kills[self.kill_scheduler] = 4
            (kill,) = self.chance.choices(list(kills), list(kills.values()))
            try:
                self.do(kill)
            except Exception as error:
                self.ledger.fault("error", f"{kill.__name__}: {type(error).__name__}: {error}")

    def _quiet(self, ended: threading.Event, seconds: float) -> bool:
        """Waits; meanwhile what nobody else starts again is kept up. True where all is over."""
        until = time.monotonic() + seconds
        while not ended.wait(1.0):
            if self.place.scheduler is not None:
                self.place.scheduler.keep()
            if time.monotonic() > until:
                return False
        return True

    def do(self, kill: Callable[[], bool]) -> bool:
        """One kill, counted if there was something to kill."""
        name = kill.__name__.removeprefix("kill_")
        self.ledger.note("kill", process=name)
        done = kill()
        if done:
            self.ledger.kills[name] += 1
        self.ledger.note("killed" if done else "nothing to kill", process=name)
        return done

    def kill_worker(self) -> bool:
        """A process that runs steps; its nanny starts another."""
        workers = self.place.workers()
        return bool(workers) and _kill(self.chance.choice(workers))

    def kill_runner(self) -> bool:
        """The runner, and with it the scheduler and the nannies of its own cluster; the page server starts another."""
        runner = self.place.runner()
        if runner is None:
            return False
        below = _below(runner)
        _kill(runner)
        self._all_end(below, "the runner")
        self.place.wait_for_runner()
        return True

    def kill_server(self) -> bool:
        """The page server. Everything below it ends by itself; whoever runs it starts it again."""
        server = self.place.server.process
        assert server is not None
        below = _below(psutil.Process(server.pid))
        self.place.server.kill()
        self._all_end(below, "the page server")
        self.place.start()
        return True

    def kill_reader(self) -> bool:
        """A process that reads an upload."""
        readers = self.place.readers()
        return bool(readers) and _kill(self.chance.choice(readers))

    def kill_scheduler(self) -> bool:
        """The scheduler outside of the runner; whoever runs it starts again what has died."""
        scheduler = self.place.scheduler
        assert scheduler is not None
        _kill(psutil.Process(scheduler.processes["scheduler"].pid))
        scheduler.processes["scheduler"].wait()
        scheduler.keep()
        return True

    def _all_end(self, below: list[psutil.Process], parent: str) -> None:
        for left in self.place.wait_for_the_end_of(below):
            self.ledger.fault("orphan", f"{left} lives on after {parent} was killed")


def _below(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _kill(process: psutil.Process) -> bool:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return False
    return True
