"""Writes what dysts says of the flows, for the tests: `python -m benchmarks.telemetry_flows_reference`.

Needs dysts 0.96 (installed with --no-deps; gluonts, which it imports to write data sets, is not needed), numpy, scipy,
pandas, numba and tqdm, and nothing of this project.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np

for name in ("gluonts", "gluonts.dataset", "gluonts.dataset.arrow"):
    sys.modules.setdefault(name, MagicMock())

import dysts.flows

STORED = Path(__file__).parents[1] / "tests/core/telemetry/synthetic/dysts.json"
NAMES = {
    "lorenz": "Lorenz",
    "rossler": "Rossler",
    "aizawa": "Aizawa",
    "rucklidge": "Rucklidge",
    "sprott_b": "SprottB",
    "thomas": "Thomas",
    "halvorsen": "Halvorsen",
    "chen": "Chen",
}


def main() -> None:
    table = json.loads((Path(dysts.flows.__file__).parent / "data" / "chaotic_attractors.json").read_text())
    states = np.random.default_rng(0).uniform(-3, 3, (5, 3)).round(6)
    content = {
        "version": version("dysts"),
        "states": states.tolist(),
        "flows": {
            name: {
                "exponent": table[theirs]["maximum_lyapunov_estimated"],
                "dimension": table[theirs]["kaplan_yorke_dimension"],
                "period": table[theirs]["period"],
                "parameters": table[theirs]["parameters"],
                "rates": [list(map(float, getattr(dysts.flows, theirs)().rhs(state, 0.0))) for state in states],
            }
            for name, theirs in NAMES.items()
        },
    }
    STORED.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
