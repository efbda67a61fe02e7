"""The life of the runner's process: it starts, it works, and it ends at once when its parent does.

It is crash-only. Nothing is tidied up at the end, so nothing depends on the end being orderly: the jobs come back
by their leases, or at once when the next runner on this host finds that this one is gone.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import NoReturn

import psutil

from core.analysis import Analysis
from core.errors import BadInput, Unavailable
from core.runner.cluster import open_cluster
from core.runner.loop import Runner, is_alive
from core.runner.workplace import PATIENCE
from core.settings import Settings
from core.store import open_store

log = logging.getLogger(__name__)

LOG_BYTES = 5 << 20  # of one log file; three older ones are kept


def run(settings: Settings, catalog: Sequence[Analysis], *, watch_parent: bool) -> NoReturn:
    """Runs until it is told to end; never returns.

    Args:
        settings: of this installation.
        catalog: the analyses that jobs may ask for.
        watch_parent: end as soon as standard input does, which is a pipe from the parent.
    """
    if watch_parent:
        threading.Thread(target=_leave_with_parent, name="parent watch", daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: leave(0))
    write_logs(settings.home / "logs")
    try:
        store = open_store(settings, patience=PATIENCE)
        name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        folder = _own_folder(settings.home / "runners", name)
        cluster = open_cluster(settings, folder / "workers")
        log.info("runner %s works with %s", name, [worker.row() for worker in cluster.workers])
        Runner(store, catalog, cluster, name, folder).run(threading.Event())
    except Unavailable as error:
        log.error("%s (%s)", error, error.__cause__)
        leave(1)
    except BadInput as error:
        log.error("%s", error)
        print(error, file=sys.stderr, flush=True)
        leave(2)
    except Exception:
        log.exception("the runner ends")
        leave(1)
    leave(0)


def leave(status: int) -> NoReturn:
    """Ends this process and its workers at once, whatever they are doing."""
    for process in psutil.Process().children(recursive=True):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    os._exit(status)


def write_logs(folder: Path) -> None:
    """Sends our log to runner.log and Dask's to dask.log."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, names, level in (
        ("runner.log", ("core",), logging.INFO),
        ("dask.log", ("distributed", "tornado", "asyncio", "bokeh"), logging.WARNING),
    ):
        handler = RotatingFileHandler(folder / file, maxBytes=LOG_BYTES, backupCount=3, delay=True)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        for name in names:
            logger = logging.getLogger(name)
            logger.handlers = [handler]
            logger.setLevel(level)
            logger.propagate = False


def _leave_with_parent() -> None:
    while sys.stdin.buffer.read(1 << 16):
        continue
    leave(0)


def _own_folder(runners: Path, name: str) -> Path:
    """Makes this runner's folder, and removes those that killed runners of this host left behind."""
    host = socket.gethostname()
    ours = re.compile(rf"{re.escape(host)}-(\d+)-[0-9a-f]{{8}}")  # not those of host "web-2", on "web"
    for left in runners.glob("*"):
        if (match := ours.fullmatch(left.name)) and not is_alive(int(match[1])):
            shutil.rmtree(left, ignore_errors=True)
    folder = runners / name
    (folder / "permits").mkdir(parents=True)
    return folder
