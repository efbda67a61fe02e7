"""How a result was made: versions, platform, device and time, kept with every result."""

from __future__ import annotations

import platform
from functools import cache
from importlib import metadata
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
        "platform": f"{platform.system()} {platform.machine()}",
        "started": started,
        "seconds": round(seconds, 3),
    }
