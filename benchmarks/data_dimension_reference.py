"""Writes the values of scikit-dimension that tests compare with: `python -m benchmarks.data_dimension_reference`.

Needs scikit-dimension 0.5.0 (requirements-bench.txt) and nothing of this project but the test manifolds.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import skdim

from tests.core.intrinsic_dimension.data_dimension.manifolds import MANIFOLDS, REFERENCE_POINTS, REFERENCE_SEED

STORED = Path(__file__).parents[1] / "tests/core/intrinsic_dimension/data_dimension/scikit_dimension.json"


def main() -> None:
    values: dict[str, dict[str, float]] = {}
    for name, (draw, _) in MANIFOLDS.items():
        points = draw(REFERENCE_POINTS, REFERENCE_SEED)
        gride = skdim.id.GRIDE(multiscale=True, range_max=128).fit(points)
        values[name] = {
            "2nn": skdim.id.TwoNN(discard_fraction=0, method="mle").fit(points).dimension_,
            "2nn_facco": skdim.id.TwoNN().fit(points).dimension_,
            **{f"mle {k}": skdim.id.MLE().fit(points, n_neighbors=k).dimension_ for k in (5, 10, 20, 50, 100)},
            **{f"gride {n1}": d for n1, d in zip(gride.scales_, gride.dimension_scales_, strict=True)},
            "correlation": skdim.id.CorrInt(k1=5, k2=40).fit(points).dimension_,
        }
    content = {
        "scikit-dimension": version("scikit-dimension"),
        "points": REFERENCE_POINTS,
        "seed": REFERENCE_SEED,
        "values": {
            name: {row: round(float(value), 5) for row, value in found.items()} for name, found in values.items()
        },
    }
    STORED.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
