"""Writes the peers' values that tests of the topology engine compare with: `python -m benchmarks.topology_reference`.

Needs multipers 2.3.2 with gudhi 3.12.0 (`pip install --only-binary multipers multipers==2.3.2 gudhi==3.12.0
torch==2.13.0`) and nothing of this project but the generated clouds.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import multipers as mp
import multipers.filtrations as filtrations
import numpy as np
from multipers.ml.signed_measures import SignedMeasure2Convolution
from multipers.ml.sliced_wasserstein import SlicedWassersteinDistance

from tests.core.topology.engine.cases import LINES, clouds, grid, zero_mass_measures

STORED = Path(__file__).parents[1] / "tests/core/topology/engine/peers.json"
EVERYTHING = 1e6  # a threshold that no edge reaches: the default one cuts classes of sparse levels


def main() -> None:
    content = {
        "versions": {package: version(package) for package in ("multipers", "gudhi")},
        "hilbert": {name: hilbert(*cloud) for name, cloud in clouds().items()},
        "measure": measure(*clouds()["high"]),
        "rectangles": rectangles(*(part[:14] for part in clouds()["circle"])),
        "lines": [line(*clouds()["circle"], *along) for along in LINES],
        "landscape": landscape(*clouds()["circle"]),
        "s_cdr": s_cdr(*clouds()["circle"]),
        "convolution": convolution(*clouds()["circle"]),
        "sliced_wasserstein": sliced_wasserstein(),
    }
    STORED.write_text(json.dumps(content) + "\n")


def simplex_tree(points: np.ndarray, function: np.ndarray) -> Any:
    tree = filtrations.RipsLowerstar(points=points, function=function, threshold_radius=EVERYTHING)
    tree.collapse_edges(-1)
    tree.expansion(2)
    return tree


def measures(points: np.ndarray, function: np.ndarray, invariant: str = "hilbert") -> Any:
    squeezed = simplex_tree(points, function).grid_squeeze(strategy="exact")
    return mp.signed_measure(squeezed, degrees=[0, 1], invariant=invariant)


def hilbert(points: np.ndarray, function: np.ndarray) -> list[Any]:
    radii, levels = grid(points, function, 15, 10)
    tables = []
    for positions, weights in measures(points, function):
        there = (positions[:, 0, None, None] <= radii[:, None]) & (positions[:, 1, None, None] <= levels)
        tables.append((weights[:, None, None] * there).sum(axis=0).tolist())
    return tables


def measure(points: np.ndarray, function: np.ndarray) -> list[Any]:
    return [{"positions": p.tolist(), "weights": w.tolist()} for p, w in measures(points, function)]


def rectangles(points: np.ndarray, function: np.ndarray) -> list[Any]:
    return [{"positions": p.tolist(), "weights": w.tolist()} for p, w in measures(points, function, "rank")]


def line(points: np.ndarray, function: np.ndarray, start: tuple[float, float], slope: tuple[float, float]) -> list[Any]:
    slicer = mp.Slicer(simplex_tree(points, function))
    diagrams = [np.asarray(bars) for bars in slicer.persistence_on_line(np.array(start), np.array(slope))[:2]]
    return [sorted(bars[bars[:, 1] > bars[:, 0]].tolist()) for bars in diagrams]


def landscape(points: np.ndarray, function: np.ndarray) -> dict[str, Any]:
    module = mp.module_approximation(simplex_tree(points, function), nlines=2000, ignore_warnings=True)
    box, shape = [[0.2, 1.0], [2.0, 3.2]], [10, 12]
    values = [module.landscapes(degree=degree, ks=[0, 1], resolution=shape, box=box) for degree in (0, 1)]
    steps = [(box[1][i] - box[0][i]) / shape[i] for i in (0, 1)]  # the right end is left out
    axes = [(box[0][i] + np.arange(shape[i]) * steps[i]).tolist() for i in (0, 1)]
    return {"radii": axes[0], "levels": axes[1], "values": [value.tolist() for value in values]}


def s_cdr(points: np.ndarray, function: np.ndarray) -> dict[str, Any]:
    module = mp.module_approximation(simplex_tree(points, function), nlines=2000, ignore_warnings=True)
    radii, levels = np.linspace(0.2, 2.0, 10), np.linspace(1.0, 3.2, 12)
    box = [[0.2, 1.0], [2.0, 3.2]]
    images = {}
    for p in (0.0, 1.0, 2.0, np.inf):
        image = module.representation(
            degrees=[1], bandwidth=0.3, kernel="linear", p=p, normalize=True, box=box, grid=[radii, levels]
        )
        images[str(p)] = np.asarray(image).reshape(len(levels), len(radii)).T.tolist()  # it is level-major
    return {"radii": radii.tolist(), "levels": levels.tolist(), "box": box, "delta": 0.3, "images": images}


def convolution(points: np.ndarray, function: np.ndarray) -> dict[str, Any]:
    radii, levels = np.linspace(0.0, 2.0, 7), np.linspace(1.0, 3.5, 9)
    found = measures(points, function)
    images = []
    for one in found:
        smooth = SignedMeasure2Convolution(filtration_grid=[radii, levels], bandwidth=0.2, flatten=False)
        image = smooth.fit_transform([[one]])[0]
        images.append((np.asarray(image).reshape(len(radii), len(levels)) * len(one[1])).tolist())  # it is a mean
    return {"radii": radii.tolist(), "levels": levels.tolist(), "bandwidth": 0.2, "images": images}


def sliced_wasserstein() -> float:
    first, second = zero_mass_measures()
    return float(SlicedWassersteinDistance(num_directions=50)(first, second))


if __name__ == "__main__":
    main()
