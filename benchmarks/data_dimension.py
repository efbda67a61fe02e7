"""Data dimension beside its peers: `python -m benchmarks data_dimension`.

Each line is the fastest of several turns that the programs take in alternation, in one process and on one thread,
so the ratios hold on a busy machine as well. scikit-dimension takes part where it is installed
(requirements-bench.txt). `python -m benchmarks.data_dimension train-images-idx3-ubyte.gz` takes the first 10,000 images of
MNIST instead of generated points.
"""

from __future__ import annotations

import gzip
import importlib.util
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from sklearn.neighbors import NearestNeighbors

from benchmarks.turns import fastest
from core.intrinsic_dimension.data_dimension.correlation_dimension import correlation_dimension
from core.intrinsic_dimension.data_dimension.estimate import estimate_data_dimension, neighbour_estimates
from core.intrinsic_dimension.data_dimension.neighbours import nearest_neighbours

TURNS = 3
SIZES = ((10_000, 784), (10_000, 20))  # points, coordinates


def main(images: Path | None = None) -> None:
    torch.set_num_threads(1)
    clouds = (
        {f"{n:,} points of a 12-dimensional manifold with noise in {p} coordinates": _manifold(n, p) for n, p in SIZES}
        if images is None
        else {"the first 10,000 images of MNIST": _mnist(images)}
    )
    for name, points in clouds.items():
        print(f"\n{name}, one thread")
        for title, entrants in _contests(points):
            _race(title, entrants)


def _contests(points: np.ndarray) -> list[tuple[str, dict[str, Callable[[], str]]]]:
    contests: list[tuple[str, dict[str, Callable[[], str]]]] = []
    for k in (2, 20, 128):
        search: dict[str, Callable[[], str]] = {
            "ours": lambda k=k: f"mean {nearest_neighbours(points, k).distances.mean():.6f}",
            "scikit-learn": lambda k=k: (
                f"mean {NearestNeighbors(n_neighbors=k).fit(points).kneighbors()[0].mean(dtype=np.float64):.6f}"
            ),
        }
        contests.append((f"{k} nearest neighbours", search))
    contests.append(
        ("2NN + MLE x 5 + Gride x 7", {"ours": lambda: f"2NN {neighbour_estimates(points, 128).two_nn.dimension:.3f}"})
    )
    contests.append(("correlation dimension", {"ours": lambda: f"{correlation_dimension(points).dimension:.3f}"}))
    contests.append(("the whole table", {"ours": lambda: f"{len(estimate_data_dimension(points))} rows"}))
    if importlib.util.find_spec("skdim"):
        import skdim

        contests[1][1]["scikit-dimension MLE"] = lambda: (
            f"d {skdim.id.MLE().fit(points, n_neighbors=20).dimension_:.3f}"
        )
        contests[3][1]["scikit-dimension 2NN alone"] = lambda: f"2NN {skdim.id.TwoNN().fit(points).dimension_:.3f}"
        contests[3][1]["scikit-dimension Gride alone"] = lambda: (
            f"2NN {skdim.id.GRIDE(multiscale=True, range_max=128).fit(points).dimension_:.3f}"
        )
        contests[4][1]["scikit-dimension"] = lambda: f"{skdim.id.CorrInt(k1=5, k2=40).fit(points).dimension_:.3f}"
    return contests


def _race(title: str, entrants: dict[str, Callable[[], str]]) -> None:
    with warnings.catch_warnings(action="ignore"):
        best = fastest(entrants, TURNS)
    ours = best["ours"][0]
    for name, (seconds, said) in best.items():
        print(f"  {title:28} {name:30} {seconds:7.2f} s  {seconds / ours:5.2f} x ours   {said}", flush=True)


def _manifold(n: int, p: int) -> np.ndarray:
    generator = np.random.default_rng(0)
    inner = generator.normal(size=(n, 12))
    points = np.tanh(inner @ generator.normal(size=(12, p)) / 4) + 0.01 * generator.normal(size=(n, p))
    return points.astype(np.float32)


def _mnist(path: Path) -> np.ndarray:
    """The first images of an idx file, pixels from 0 to 1, duplicates left out."""
    content = gzip.decompress(path.read_bytes())
    pixels = np.frombuffer(content, np.uint8, offset=16, count=10_000 * 784).reshape(10_000, 784)
    return np.unique(pixels, axis=0).astype(np.float32) / 255


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:2]))
