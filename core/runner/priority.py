"""A preload of our workers: they leave the processor to the page server when both want it.

Linux keeps a priority for each thread, and a new thread has that of the one that made it. Dask calls `dask_setup` in
the thread of the event loop before any step runs, so that every thread of the worker follows.
"""

from __future__ import annotations

import os

from distributed import Worker

NICENESS = 5  # added to that of the runner; a worker still has an idle processor for itself


def dask_setup(worker: Worker) -> None:
    """Run by Dask in a worker that has just started."""
    os.nice(NICENESS)
