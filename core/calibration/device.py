"""Where the metrics are computed."""

from __future__ import annotations

from core.analysis import Device
from core.errors import BadInput

CARD_BYTES, CARD_BYTES_A_VALUE = 2e9, 120  # of a batch with its grids, and of one model that fills a batch by itself


def torch_device(device: Device) -> str | None:
    """What torch calls a graphics card; None for the processor, which numpy keeps busier than torch does.

    Raises:
        BadInput: there is no graphics card that torch can use.
    """
    if device == "cpu":
        return None
    import torch

    if not torch.cuda.is_available():
        raise BadInput("Device gpu: this machine has no graphics card that can be used; choose cpu.")
    return "cuda"


def memory_on(device: Device, host: float, values: float) -> int:
    """Bytes that a step needs where it runs.

    Args:
        device: of the step.
        host: bytes that it needs on the processor.
        values: rows times classes of one model.
    """
    return int(host if device == "cpu" else CARD_BYTES + CARD_BYTES_A_VALUE * values)
