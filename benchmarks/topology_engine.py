"""The topology engine beside multipers: `python -m benchmarks topology_engine`.

In an environment that has both (multipers 2.3.2 with gudhi 3.12.0, see `topology_reference`); where multipers is not
installed our own times are printed alone. Everything runs in one process on one thread
(OMP_NUM_THREADS=1), in turns, and both sides see the same clouds: a noisy circle with a fifth of clutter and its
codensity. CPU seconds of the fastest turn; the first calls, which compile, are left out on both sides.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np

from core.topology import convolve, hilbert_function, signed_measure
from core.topology.bifiltrations.bifiltration import of_cloud
from core.topology.engine.bifiltration import bifiltration
from core.topology.engine.collapse import collapsed_edges
from core.topology.engine.convolve import convolve_all
from core.topology.engine.line_barcode import bars_on_line
from core.topology.engine.mass import complete_mass
from core.topology.engine.measure import SignedMeasure
from core.topology.engine.rank import rank_on_grid
from core.topology.engine.sliced_wasserstein import checked_directions, sliced_wasserstein_matrix
from core.topology.vectorize import SCDR
from tests.core.topology.engine.cases import codensity, noisy_circle

TURNS = 3
EVERYTHING = 1e6
PEER = find_spec("multipers") is not None
GRID = 20


def main() -> None:
    print("beside multipers" if PEER else "multipers is not installed here: ours alone")
    _hilbert(100, ours_only=False, quiet=True)
    for n in (100, 300, 500):
        _hilbert(n, ours_only=False)
    for n in (1000, 2000):
        _hilbert(n, ours_only=True)
    for n, dimension in ((500, 2), (2000, 2), (2000, 3)):
        _alpha(n, dimension)
    _rank(300)
    for n in (60, 100):
        _stable_representation(n)
    _lines()
    _convolution()
    _sliced_wasserstein()


def cloud(n: int, dimension: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n)
    points = noisy_circle(n, rng)
    if dimension > 2:
        points = np.hstack([points, 0.1 * rng.normal(size=(n, dimension - 2))])
    return points, codensity(points, 0.2)


def peer_tree(points: np.ndarray, function: np.ndarray) -> Any:
    import multipers.filtrations as filtrations

    tree = filtrations.RipsLowerstar(points=points, function=function, threshold_radius=EVERYTHING)
    tree.collapse_edges(-1)
    tree.expansion(2)
    return tree


def peer_measures(points: np.ndarray, function: np.ndarray, radii: np.ndarray, levels: np.ndarray) -> Any:
    import multipers as mp

    squeezed = peer_tree(points, function).grid_squeeze([radii, levels])
    return mp.signed_measure(squeezed, degrees=[0, 1], invariant="hilbert", n_jobs=1)


def _hilbert(n: int, *, ours_only: bool, quiet: bool = False) -> None:
    points, function = cloud(n)
    radii = np.linspace(0.0, 3.0, GRID)
    levels = np.quantile(function, np.linspace(0.0, 1.0, GRID))
    programs: dict[str, Callable[[], Any]] = {
        "ours, 20 levels": lambda: signed_measure(points, function, levels=levels),
        "ours, all levels": lambda: signed_measure(points, function),
        "ours, 20 x 20 Hilbert functions": lambda: hilbert_function(points, function, radii, levels),
    }
    if PEER and not ours_only:
        programs["multipers, 20 x 20"] = lambda: peer_measures(points, function, radii, levels)
    seconds = cpu_seconds(programs)
    if not quiet:
        _table(f"Rips H0 + H1, n = {n}", seconds, "multipers, 20 x 20", "ours, 20 levels")


def _alpha(n: int, dimension: int) -> None:
    points, function = cloud(n, dimension)
    levels = np.quantile(function, np.linspace(0.05, 1.0, GRID))
    program = {"ours, 20 levels": lambda: signed_measure(points, function, filtration="alpha", levels=levels)}
    _table(f"alpha H0 + H1, n = {n}, {dimension}-D", cpu_seconds(program))


def _rank(n: int) -> None:
    points, function = cloud(n)
    radii = np.linspace(0.0, 3.0, GRID)
    levels = np.quantile(function, np.linspace(0.0, 1.0, GRID))
    filtered = bifiltration(points, function, (0, 1))
    programs: dict[str, Callable[[], Any]] = {"ours": lambda: rank_on_grid(filtered, radii, levels, (0, 1))}
    if PEER:
        import multipers as mp

        squeezed = peer_tree(points, function).grid_squeeze([radii, levels])
        programs["multipers"] = lambda: mp.signed_measure(squeezed, degrees=[0, 1], invariant="rank", n_jobs=1)
    _table(f"rank on 20 x 20, both prepared, n = {n}", cpu_seconds(programs), "multipers", "ours")


def _stable_representation(n: int) -> None:
    """On a 20 x 20 grid in units of the box, from a prepared complex and from a collapsed tree: 200 lines each."""
    points, function = cloud(n)
    item = of_cloud(points, function, "rips", None)
    images = SCDR(GRID, delta=0.1, p=1.0, lines=200).fit([item])
    programs: dict[str, Callable[[], Any]] = {"ours": lambda: images.transform([item])}
    if PEER:
        import multipers as mp

        low, extent = images.box_.low, images.box_.extent
        tree = peer_tree(points / extent[0], (function - low[1]) / extent[1])
        box = [[low[0] / extent[0], 0.0], [low[0] / extent[0] + 1.0, 1.0]]
        grid = [np.linspace(box[0][axis], box[1][axis], GRID) for axis in range(2)]

        def peers() -> Any:
            module = mp.module_approximation(tree, nlines=200, ignore_warnings=True)
            return [
                module.representation(
                    degrees=[degree], bandwidth=0.1, kernel="linear", p=1.0, normalize=True, box=box, grid=grid
                )
                for degree in (0, 1)
            ]

        programs["multipers"] = peers
        theirs = [np.asarray(image).reshape(GRID, GRID).T for image in peers()]
        gap = np.abs(images.transform([item])[0].reshape(2, GRID, GRID) - theirs).max()
        print(
            f"\nstable representations, n = {n}: largest difference {gap:.2g} (matched by cells and ends, or by vineyard)"
        )
    _table(f"stable representation 20 x 20, p = 1, n = {n}", cpu_seconds(programs), "multipers", "ours")


def _lines() -> None:
    for n in (60, 100, 300, 500, 1000):
        points, function = cloud(n)
        filtered = bifiltration(points, function, (0, 1))
        distances = np.sqrt(((points[:, None] - points[None, :]) ** 2).sum(axis=2))
        seconds = cpu_seconds(
            {
                "preparation": partial(bifiltration, points, function, (0, 1)),
                "one line": partial(bars_on_line, filtered, (0.0, 0.0), (1.0, 1.0), (0, 1)),
                "strong edge collapse, for degree 2": partial(collapsed_edges, distances, function),
            }
        )
        _table(f"dragged line, n = {n}, {filtered.size()} cells", seconds)


def _convolution() -> None:
    rng = np.random.default_rng(0)
    measures = [
        [(rng.uniform(size=(m, 2)), rng.choice([-1, 1], m)) for m in (60, 10)] for _ in range(200)
    ]  # sizes as they are seen in GunPoint
    for resolution in (20, 50, 100):
        axes = (np.linspace(0.0, 1.0, resolution),) * 2

        def one_by_one(axes: tuple[np.ndarray, ...] = axes) -> Any:
            return [[convolve(*degree, axes, 0.1) for degree in measure] for measure in measures]

        def at_once(axes: tuple[np.ndarray, ...] = axes) -> Any:
            return [convolve_all([SignedMeasure(*measure[d]) for measure in measures], axes, 0.1) for d in (0, 1)]

        programs: dict[str, Callable[[], Any]] = {"ours, one by one": one_by_one, "ours": at_once}
        if PEER:
            from multipers.ml.signed_measures import SignedMeasure2Convolution

            smooth = SignedMeasure2Convolution(filtration_grid=list(axes), bandwidth=0.1, flatten=True)
            programs["multipers (pykeops)"] = partial(smooth.fit_transform, measures)
        title = f"convolution, 200 measures x 2 degrees, {resolution} x {resolution}"
        _table(title, cpu_seconds(programs), "multipers (pykeops)", "ours")


def _sliced_wasserstein() -> None:
    rng = np.random.default_rng(0)
    measures = []
    for _ in range(200):
        positions = rng.uniform(size=(40, 2))
        measures.append(complete_mass(positions, rng.choice([-1, 1, 1], 40), (1.1, 1.1)))
    rays = checked_directions(50, 2)

    programs: dict[str, Callable[[], Any]] = {"ours": lambda: sliced_wasserstein_matrix(measures, directions=rays)}
    if PEER:
        from multipers.ml.sliced_wasserstein import SlicedWassersteinDistance

        distance = SlicedWassersteinDistance(num_directions=50, n_jobs=1)
        programs["multipers"] = lambda: distance.fit(measures).transform(measures)
    _table("sliced Wasserstein, 200 measures, 50 directions", cpu_seconds(programs), "multipers", "ours")


def cpu_seconds(programs: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """CPU seconds of the fastest of some turns, the first of all left out."""
    best = dict.fromkeys(programs, np.inf)
    for turn in range(TURNS + 1):
        for name, program in programs.items():
            started = time.process_time()
            program()
            if turn:
                best[name] = min(best[name], time.process_time() - started)
    return best


def _table(title: str, seconds: dict[str, float], peer: str = "", ours: str = "") -> None:
    print(f"\n{title}")
    for name, value in seconds.items():
        print(f"  {name:36s} {value:9.4f} s")
    if peer in seconds:
        print(f"  {seconds[peer] / seconds[ours]:.1f} x", flush=True)


if __name__ == "__main__":
    main()
