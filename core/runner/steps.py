"""The worker's side: runs one step, keeps its value in the step store and returns only the key."""

from __future__ import annotations

import platform
import resource
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from typing import Any

from distributed import get_worker

from core.analysis import LivePoint, Step, opening_with, recording_to, reporting_to
from core.errors import BadInput, StepFailed
from core.provenance import ASSAY, library_versions
from core.runner.patience import patiently
from core.runner.permits import Permit
from core.runner.row_permits import RowPermit
from core.runner.step_name import step_name
from core.runner.workplace import Workplace, unpacked
from core.sizes import in_bytes
from core.store.faults import fault_of
from core.store.steps import Steps

REPORTS = "assay-reports"  # topic of the progress from inside steps
REPORT_EVERY = 0.2  # seconds between two reports of one step
MOST_POINTS = 20  # of the live curve, in one report


class StepError(Exception):
    """Why a step has no value. Its arguments are plain text, so it travels between processes.

    Attributes:
        sentence: what a person reads; empty where the error was not expected.
        trace: the traceback of an unexpected error, for the log.
    """

    def __init__(self, sentence: str, trace: str = "") -> None:
        super().__init__(sentence, trace)
        self.sentence, self.trace = sentence, trace


@dataclass(frozen=True)
class Order:
    """What travels to a worker.

    Attributes:
        key: the step's content key, under which its value is kept.
        label: what the step does, for sentences.
        step: the pickled `Step`; opened by the worker only, so the scheduler needs to import no analysis.
        place: where its files are, and where its value is kept.
        permit: says that the step is wanted.
        versions: of the runner; a worker with others may give other numbers.
    """

    key: str
    label: str
    step: bytes
    place: Workplace
    permit: Permit | RowPermit
    versions: dict[str, str]


@cache
def versions() -> dict[str, str]:
    """What must be the same on the runner and on every worker."""
    libraries = {name: version.split("+")[0] for name, version in library_versions().items()}  # "2.13.0+cpu"
    python = ".".join(platform.python_version_tuple()[:2])
    return {"assay": ASSAY, "python": python, "distributed": metadata.version("distributed"), **libraries}


def run_step(order: Order) -> str:
    """Runs a step unless its value is there already, and keeps the value.

    Returns:
        The key under which the value is kept.

    Raises:
        StepError: with a sentence where the cause is known, else with a traceback.
    """
    worker = get_worker()
    _check_worker(order, worker.address)
    try:
        store = order.place.steps()
        if order.permit.begin(worker.address) and not patiently(lambda: store.has(order.key)):
            _run(order, store)
    except (BadInput, StepFailed) as error:
        raise StepError(str(error)) from None
    except Exception as error:
        raise _explained(error, order, worker.memory_manager.memory_limit) from None
    return order.key


def _run(order: Order, store: Steps) -> None:
    with unpacked(order.step, order.place) as step:
        _run_here(step, order, store)


def _run_here(step: Step, order: Order, store: Steps) -> None:
    bound = get_worker().memory_manager.memory_limit if step.device == "cpu" else None
    reports = _Reports(order.permit.name)
    with (
        reporting_to(reports.progress),
        recording_to(reports.point),
        opening_with(store.get),
        at_most_memory(bound),
    ):
        value = step.run()
        reports.flush()
        patiently(lambda: store.put(order.key, value), partial(reports.progress, 1.0))


def _check_worker(order: Order, address: str) -> None:
    if isinstance(order.permit, Permit) and not order.permit.path.parent.is_dir():
        raise StepError(
            f"The worker {address} does not see the folder {order.permit.path.parent}: "
            "runner and workers need the same ASSAY_HOME on a shared disk, or the same ASSAY_STORE."
        )
    ours = versions()
    for name, wanted in order.versions.items():
        if ours.get(name) != wanted:
            raise StepError(
                f"The worker {address} has {name} {ours.get(name, '(missing)')}, the runner {wanted}: "
                "install the same versions on every machine."
            )


class _Reports:
    """What a step says of itself, sent now and then: how far it is, and the points of the live curve since the last time."""

    def __init__(self, task: str) -> None:
        self.worker = get_worker()
        self.task = task
        self.fraction, self.message = 0.0, ""
        self.points: list[LivePoint] = []
        self._told = float("-inf")
        self._send()  # it has begun
        self._told = float("-inf")

    def progress(self, fraction: float, message: str) -> None:
        self.fraction, self.message = float(fraction), str(message)
        self._send_now_and_then()

    def point(self, point: LivePoint) -> None:
        self.points.append(point)
        if len(self.points) > MOST_POINTS:
            del self.points[-3::-2]  # every second one, but not the last
        self._send_now_and_then()

    def flush(self) -> None:
        """Sends the points that are left."""
        if self.points:
            self._send()

    def _send_now_and_then(self) -> None:
        if time.monotonic() - self._told >= REPORT_EVERY:
            self._send()

    def _send(self) -> None:
        self._told = time.monotonic()
        event: dict[str, Any] = {"task": self.task, "fraction": self.fraction, "message": self.message}
        if self.points:
            event["points"] = [asdict(point) for point in self.points]
            self.points = []
        self.worker.log_event(REPORTS, event)


@contextmanager
def at_most_memory(allowed: int | None) -> Iterator[None]:
    """Within this block, an allocation that takes the process more than `allowed` bytes further raises MemoryError.

    The nanny only samples memory; one big allocation would be past the limit before it looks, and could take the
    whole machine with it. Only Linux counts this, elsewhere the nanny is alone.
    """
    status = Path("/proc/self/statm")
    if allowed is None or not status.exists():
        yield
        return
    held = int(status.read_text().split()[5]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (held + allowed, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def _explained(error: Exception, order: Order, limit: int | None) -> StepError:
    step = step_name(order.label)
    if type(error).__name__ in ("OutOfMemoryError", "CudaOutOfMemoryError"):  # torch's
        return StepError(
            f"{step} needs more memory than the graphics card has. Use a smaller input or a smaller network."
        )
    fault = fault_of(error)
    if fault is not None:
        return StepError(str(fault))
    if isinstance(error, MemoryError) or "DefaultCPUAllocator" in str(error):
        return StepError(out_of_memory(step, limit))
    return StepError("", "".join(traceback.format_exception(error)))


def out_of_memory(step: str, limit: int | None) -> str:
    """What a person reads when a step wanted more than it may have."""
    allowed = f"the {in_bytes(limit)} that one step may use" if limit else "this machine has"
    return f"{step} needs more memory than {allowed}. Use a smaller input, or raise ASSAY_JOB_MEMORY."
