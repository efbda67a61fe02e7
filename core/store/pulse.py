"""What is live at this moment, read once for everybody who watches: all runs under way, their curves, the runners."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.errors import NotFound
from core.store.curves import Curve, list_curves
from core.store.jobs import is_heard, list_runners
from core.store.runs import Run, get_run, list_live_runs
from core.store.store import Store

EVERY = 0.5  # seconds that a reading serves


@dataclass(frozen=True)
class Reading:
    """One look at the tables.

    Attributes:
        runs: id -> run, of all workspaces, whose job waits or runs and that was not cancelled.
        curves: key of a job -> its live curve.
        runner_heard: whether any runner is alive.
    """

    runs: Mapping[str, Run]
    curves: Mapping[str, Curve]
    runner_heard: bool


class Pulse:
    """Answers any number of watchers with two readings a second, so that two hundred open tabs ask no more than one.

    Attributes:
        store: that is read.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self.store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._last: tuple[float, Reading] | None = None

    def reading(self) -> Reading:
        """The last reading, or a new one where that is older than half a second."""
        with self._lock:
            now = self._clock()
            if self._last is None or now - self._last[0] >= EVERY:
                self._last = now, _read(self.store)
            return self._last[1]

    def run(self, workspace: str, id: str) -> Run:
        """A run of a workspace: as it was half a second ago while it is under way, as it is once it has ended.

        Raises:
            NotFound: this workspace has none of that id.
        """
        live = self.reading().runs.get(id)
        if live is None:
            return get_run(self.store, workspace, id)
        if live.workspace != workspace:
            raise NotFound()
        return live


def _read(store: Store) -> Reading:
    heard = any(is_heard(store, runner) for runner in list_runners(store))
    return Reading({run.id: run for run in list_live_runs(store)}, list_curves(store), heard)
