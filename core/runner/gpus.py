"""Which graphics cards there are, found without torch: the runner itself never touches one."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path


def visible_gpus() -> list[str]:
    """What to put into CUDA_VISIBLE_DEVICES for each card that this process may use, in the driver's order."""
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None:
        return [device.strip() for device in chosen.split(",") if device.strip() not in ("", "-1")]
    driver = shutil.which("nvidia-smi")
    if driver is None:
        return []
    answer = subprocess.run(
        [driver, "--query-gpu=index", "--format=csv,noheader"], capture_output=True, text=True, timeout=60
    )
    return answer.stdout.split() if answer.returncode == 0 else []


def card_of_worker() -> tuple[str, int] | None:
    """Run on a worker: name and bytes of its graphics card, or None where torch can't use one."""
    import torch

    if not torch.cuda.is_available():
        return None
    card = torch.cuda.get_device_properties(0)
    return card.name, card.total_memory


def name_of_processor() -> str:
    """Run on a worker: the processor's name, or the kind of machine where the system does not tell."""
    table = Path("/proc/cpuinfo")
    lines = table.read_text().splitlines() if table.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
