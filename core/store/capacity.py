"""What the living runners offer, so that what can't run is refused before it is queued."""

from __future__ import annotations

from dataclasses import dataclass

from core.analysis import Device, Estimate
from core.errors import BadInput, TooLarge
from core.sizes import in_bytes
from core.store.jobs import is_heard, list_runners
from core.store.store import Store


@dataclass(frozen=True)
class Offer:
    """One worker of a living runner: device, name of the processor or card, bytes that a step may use."""

    device: Device
    name: str
    memory: int


def offers(store: Store) -> tuple[Offer, ...]:
    """The workers of every runner that was seen within two leases; none while a runner is starting."""
    return tuple(
        Offer(worker["device"], str(worker["name"]), int(worker["memory"]))
        for runner in list_runners(store)
        if is_heard(store, runner)
        for worker in runner.workers
    )


def check_capacity(offered: tuple[Offer, ...], estimate: Estimate, device: Device) -> None:
    """Refuses what no worker could run. Where no worker is known yet, nothing is refused.

    Raises:
        BadInput: it asks for a graphics card, and no worker has one.
        TooLarge: its largest step needs more memory than any worker has.
    """
    fitting = [offer for offer in offered if offer.device == device]
    if offered and not fitting:
        raise BadInput(f"No worker has a {'graphics card' if device == 'gpu' else 'processor'}; choose another device.")
    most = max((offer.memory for offer in fitting), default=0)
    if 0 < most < estimate.memory:  # a worker without a limit says 0
        raise TooLarge(
            f"This needs about {in_bytes(estimate.memory)} of memory, and the largest worker has {in_bytes(most)}; "
            "use fewer rows or smaller settings" + (", or raise ASSAY_JOB_MEMORY." if device == "cpu" else ".")
        )


def in_words(offered: tuple[Offer, ...], device: Device) -> str:
    """What such a run would run on: "2 workers (AMD EPYC)"; empty while no runner is known."""
    names = [offer.name for offer in offered if offer.device == device]
    kind = "graphics card" if device == "gpu" else "worker"
    return f"{len(names)} {kind}{'s' if len(names) != 1 else ''} ({', '.join(sorted(set(names)))})" if names else ""
