"""Where the metrics are computed."""

from __future__ import annotations

from core.analysis import Device
from core.device import torch_device

CARD_BYTES, CARD_BYTES_A_VALUE = 2e9, 120  # of a batch with its grids, and of one model that fills a batch by itself


def card_of(device: Device) -> str | None:
    """What torch calls a graphics card; None for the processor, which numpy keeps busier than torch does.

    Raises:
        BadInput: there is no graphics card that torch can use.
    """
    return None if device == "cpu" else torch_device(device)


def memory_on(device: Device, host: float, values: float) -> int:
    """Bytes that a step needs where it runs.

    Args:
        device: of the step.
        host: bytes that it needs on the processor.
        values: rows times classes of one model.
    """
    return int(host if device == "cpu" else CARD_BYTES + CARD_BYTES_A_VALUE * values)
