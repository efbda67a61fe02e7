"""How a result was made: versions, platform, device and time, kept with every result."""

from __future__ import annotations

import platform
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

ASSAY = "0.1.0"  # as in pyproject.toml; a checkout is not an installed distribution
LIBRARIES = ("torch", "numpy", "scipy", "pandas", "pyarrow", "scikit-learn", "plotly", "xgboost", "shap", "gudhi")


@cache
def library_versions() -> dict[str, str]:
    """Version of each installed library that numbers or pictures depend on; nothing is imported for it."""
    versions = {}
    for name in LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


@cache
def platform_name() -> str:
    """System, architecture and processor: other processors round differently in the last digit."""
    kind = f"{platform.system()} {platform.machine()}"
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return kind
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{kind}, {models[0]}" if models else kind


def provenance(device: str, started: float, seconds: float) -> dict[str, Any]:
    """The provenance of a result.

    Args:
        device: what the steps ran on: "cpu" or the name of the graphics card.
        started: seconds since the epoch (UTC).
        seconds: from start to end, as a clock on the wall has them.
    """
    return {
        "assay": ASSAY,
        "device": device,
        "libraries": dict(library_versions()),
        "python": platform.python_version(),
        "platform": platform_name(),
        "started": started,
        "seconds": round(seconds, 3),
    }
