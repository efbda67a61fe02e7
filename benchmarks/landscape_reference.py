"""Writes the values of other libraries that tests compare with: `python -m benchmarks.landscape_reference`.

Needs arviz-stats 0.8.0 (with arviz-base, xarray and xarray-einstats, all without their dependencies), and nothing of
this project but the generated chains of the tests.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

from arviz_stats.base import array_stats

from tests.core.landscape.degeneracy.chains import CHAINS

STORED = Path(__file__).parents[1] / "tests" / "core" / "landscape" / "degeneracy" / "peers.json"


def main() -> None:
    content = {
        "versions": {name: version(name) for name in ("arviz-stats",)},
        "r_hat": {name: float(array_stats.rhat(make(), method="split")) for name, make in CHAINS.items()},
        "effective_draws": {name: float(array_stats.ess(make(), method="mean")) for name, make in CHAINS.items()},
    }
    STORED.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
