"""The machines that do the work: a cluster of our own on this one, or a running Dask scheduler."""

from __future__ import annotations

import ipaddress
import logging
import os
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dask
from distributed import Client, Nanny, Scheduler, SpecCluster
from distributed.security import Security

from core.analysis import Device, Step
from core.errors import BadInput, TooLarge
from core.runner import priority
from core.runner.gpus import card_of_worker, name_of_processor, visible_gpus
from core.runner.step_name import step_name
from core.settings import Settings
from core.sizes import in_bytes

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
PAUSED_TOO_LONG = 15.0  # seconds that a worker may wait for memory that nothing gives back
MISSED_AFTER = 60.0  # seconds that a worker is still counted on after it was seen last: it may be restarting
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
DASK: dict[str, Any] = {
    "distributed.scheduler.allowed-failures": 1,  # 0 would also fail tasks that only wait on a worker that died
    "distributed.scheduler.worker-ttl": None,  # a step may block its interpreter for longer than any limit
    "distributed.deploy.lost-worker-timeout": "365 days",  # else a worker that dies twice within 15 s is given up
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.memory.target": False,  # tasks return keys only: nothing to spill
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    "distributed.diagnostics.nvml": False,  # asks for the cards of the machine, and a card that is not there ends the start
    "distributed.worker.profile.enabled": False,  # it keeps an hour of call stacks: 0.2 MiB a second in every busy worker
}


@dataclass(frozen=True)
class Worker:
    """What a worker offers.

    Attributes:
        device: "cpu" or "gpu".
        name: of the processor or the graphics card.
        memory: bytes that one step may use, of the card where it has one.
        threads: steps at the same time.
    """

    device: Device
    name: str
    memory: int
    threads: int

    def row(self) -> dict[str, Any]:
        """As the table of runners has it."""
        return asdict(self)


class Cluster:
    """A client of the scheduler, what its workers offer, and how to stop one of them.

    Attributes:
        client: of the scheduler.
        own: the cluster that was started for this runner; None where it joined one.
        seen: worker name -> when it was there last (monotonic seconds), and what it offers.
        paused: address of a worker that takes no steps and runs none -> since when.
    """

    def __init__(self, client: Client, own: SpecCluster | None = None) -> None:
        self.client = client
        self.own = own
        self.seen: dict[str, tuple[float, Worker]] = {}
        self.paused: dict[str, float] = {}
        self._looked = time.monotonic()

    @property
    def alive(self) -> bool:
        """Whether the scheduler still answers."""
        return bool(self.client.status == "running")

    @property
    def workers(self) -> tuple[Worker, ...]:
        """The workers of the last look, and those that were there a minute ago."""
        return tuple(worker for _, worker in self.seen.values() if worker.threads > 0)

    def look(self) -> None:
        """Looks which workers there are; a worker keeps its name when its nanny starts it again.

        Raises:
            ConnectionError: a worker of our own cluster did not come back.
        """
        now = time.monotonic()
        if now - self._looked > MISSED_AFTER:  # the whole machine stood still: nobody was missed meanwhile
            self.seen = {name: (now, worker) for name, (_, worker) in self.seen.items()}
        self._looked = now
        workers = self.client.scheduler_info()["workers"]
        self._wake(workers, now)
        for address, info in workers.items():
            name = str(info["name"])
            if name in self.seen:
                self.seen[name] = now, self.seen[name][1]
            elif (offer := self._ask(address, info)) is not None:
                self.seen[name] = now, offer
        gone = [name for name, (seen, _) in self.seen.items() if now - seen > MISSED_AFTER]
        if gone and self.own is not None:
            raise ConnectionError(f"the workers {', '.join(gone)} of our own cluster were not started again")
        for name in gone:
            del self.seen[name]

    def _wake(self, workers: dict[str, dict[str, Any]], now: float) -> None:
        """Starts a worker anew that its memory has paused while it runs nothing: the steps it was given would wait for ever."""
        idle = {address for address, info in workers.items() if info["status"] == "paused" and not _executing(info)}
        self.paused = {address: self.paused.get(address, now) for address in idle}
        for address, since in self.paused.items():
            if now - since > PAUSED_TOO_LONG:
                log.error(
                    "The worker %s pauses because its memory is full, and is started anew; a worker with the "
                    "configuration deploy/dask.yaml never pauses.",
                    address,
                )
                self.stop_worker(address)

    def _ask(self, address: str, info: dict[str, Any]) -> Worker | None:
        """What a new worker offers; None where it did not answer."""
        device: Device = "gpu" if info["resources"].get("GPU") else "cpu"
        threads = int(info["nthreads"])
        if device == "cpu" and not info["resources"].get("CPU"):
            log.error("The worker %s offers neither CPU=1 nor GPU=1; start it with --resources.", address)
            threads = 0
        ask = card_of_worker if device == "gpu" else name_of_processor
        answers = self.client.run(ask, workers=[address], on_error="ignore")
        if address not in answers:
            return None
        if answers[address] is None:
            log.error("The worker %s is left out: torch finds no graphics card there.", address)
            return Worker(device, "none", 0, 0)
        name, memory = answers[address] if device == "gpu" else (answers[address], info["memory_limit"] or 0)
        return Worker(device, name, memory, threads)

    def name_at(self, address: str) -> str:
        """Name of the processor or graphics card of the worker at an address; empty where none is there any more."""
        info = self.client.scheduler_info()["workers"].get(address)
        seen = self.seen.get(str(info["name"])) if info is not None else None
        return seen[1].name if seen is not None else ""

    def count(self, device: Device) -> int:
        """Steps of this device that can run at the same time."""
        return sum(worker.threads for worker in self.workers if worker.device == device)

    def check(self, step: Step) -> None:
        """Refuses a step that would wait for ever or be stopped for its memory.

        Raises:
            BadInput: no worker has the device.
            TooLarge: no worker has the memory.
        """
        fitting = [worker for worker in self.workers if worker.device == step.device]
        if not fitting and step.device == "gpu":
            raise BadInput(
                f"{step_name(step.label)} needs a graphics card, and no worker has one. Run it on the CPU instead."
            )
        if not fitting:
            raise BadInput(
                f"{step_name(step.label)} needs a processor, and all workers are kept for the graphics cards."
            )
        most = max(worker.memory or step.memory for worker in fitting)
        if step.memory > most:
            remedy = "Use a smaller input" + (", or raise ASSAY_JOB_MEMORY." if step.device == "cpu" else ".")
            raise TooLarge(
                f"{step_name(step.label)} needs about {in_bytes(step.memory)}; "
                f"the largest worker has {in_bytes(most)}. {remedy}"
            )

    def stop_worker(self, address: str) -> None:
        """Kills the process of a worker, whatever it is doing; its nanny starts a fresh one."""
        try:
            self.client.run(kill_worker, address, workers=[address], nanny=True, on_error="ignore")
        except KeyError:  # the scheduler does not know it any more: it has died by itself
            log.info("the worker %s had ended before it was stopped", address)

    def close(self) -> None:
        """Ends client and own cluster in good order (a runner that is stopped does not wait for this)."""
        self.client.close()
        if self.own is not None:
            self.own.close()


def _executing(info: dict[str, Any]) -> int:
    """How many steps a worker runs at this moment, by its last heartbeat."""
    return int(info["metrics"].get("task_counts", {}).get("executing", 0))


def kill_worker(address: str, dask_worker: Nanny) -> None:
    """Run in a worker's nanny, which answers even while a step blocks the interpreter of the worker.

    A worker that was started again in the meantime has another address, and is left alone.
    """
    if dask_worker.worker_address == address and dask_worker.pid is not None:
        os.kill(dask_worker.pid, signal.SIGKILL)


def open_cluster(settings: Settings, folder: Path) -> Cluster:
    """Starts a cluster of our own, or joins the scheduler that the settings name.

    Args:
        settings: workers, memory, graphics cards, scheduler.
        folder: where the workers of our own cluster may write.
    """
    dask.config.set(DASK)
    cluster = join_cluster(settings) if settings.scheduler else start_cluster(settings, folder)
    cluster.look()
    return cluster


def start_cluster(settings: Settings, folder: Path) -> Cluster:
    """A scheduler in this process and worker processes of one thread each, on the loopback interface, over TLS."""
    dask.config.set({"temporary-directory": str(folder)})
    os.environ.update(ONE_THREAD)  # a worker must inherit them: they count before numpy is imported
    security = Security.temporary()
    cards = visible_gpus()[: settings.gpus]
    if settings.gpus is not None and len(cards) < settings.gpus:
        log.error("ASSAY_GPUS asks for %d graphics cards; %d found.", settings.gpus, len(cards))
    common = {
        "host": LOOPBACK,
        "protocol": "tls://",
        "security": security,
        "nthreads": 1,
        "memory_limit": settings.job_memory,
        "local_directory": str(folder),
        "preload": [priority.__name__],
        "dashboard": False,
        "dashboard_address": f"{LOOPBACK}:0",
        "silence_logs": logging.CRITICAL,  # what fails is told through the job
    }
    workers = {
        f"cpu-{place}": {
            "cls": Nanny,
            "options": {**common, "resources": {"CPU": 1}, "env": {"CUDA_VISIBLE_DEVICES": ""}},
        }
        for place in range(settings.workers)
    }
    for place, card in enumerate(cards):
        options = {**common, "resources": {"GPU": 1}, "env": {"CUDA_VISIBLE_DEVICES": card}}
        workers[f"gpu-{place}"] = {"cls": Nanny, "options": options}
    scheduler = {
        "cls": Scheduler,
        "options": {
            "host": LOOPBACK,
            "port": 0,
            "protocol": "tls://",
            "security": security,
            "dashboard": False,
            "dashboard_address": f"{LOOPBACK}:0",
        },
    }
    own = SpecCluster(workers=workers, scheduler=scheduler, security=security, silence_logs=False)
    return Cluster(Client(own, security=security, set_as_default=False), own)


def join_cluster(settings: Settings) -> Cluster:
    """A client of a running scheduler.

    Raises:
        BadInput: the address or the certificates would let anybody on the network run code.
    """
    address = urlsplit(settings.scheduler)
    if address.scheme == "tls":
        missing = [
            f"ASSAY_{name.upper()}"
            for name in ("scheduler_ca", "scheduler_certificate", "scheduler_key")
            if not getattr(settings, name)
        ]
        if missing:
            raise BadInput(f"ASSAY_SCHEDULER={settings.scheduler} needs certificates: set {', '.join(missing)}.")
        security = Security(
            tls_ca_file=settings.scheduler_ca,
            tls_client_cert=settings.scheduler_certificate,
            tls_client_key=settings.scheduler_key,
            require_encryption=True,
        )
        return Cluster(Client(settings.scheduler, security=security, set_as_default=False))
    if address.scheme == "tcp" and _is_loopback(address.hostname or ""):
        return Cluster(Client(settings.scheduler, set_as_default=False))
    raise BadInput(
        f"ASSAY_SCHEDULER={settings.scheduler} is not accepted: use tls://HOST:PORT with certificates; "
        "tcp:// lets everybody who reaches the port run code, so it is taken on 127.0.0.1 only."
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
