"""The steps of mode `score`: a look at items and labels, features, classifiers, and what is simple."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis import report
from core.topology.asked import Asked
from core.topology.vectorize_steps import module_images

if TYPE_CHECKING:
    from core.topology.bifiltrations.bifiltration import Bifiltration
    from core.topology.scoring.tuning import Answer, Candidate


def score_look_step(asked: Asked, split: str, folds: int, repeats: int, seed: int) -> dict[str, Any]:
    """What there is, and the divisions into training and test items.

    Args:
        asked: the choices.
        split: "auto", "given" or "folds".
        folds: of the cross-validation.
        repeats: of the cross-validation.
        seed: of the dealing into folds.

    Returns:
        `name`, `form`, `items`, `sizes` (fewest and most points), `labels` [items] text, `y` [items] class numbers,
        `classes`, `split` ("given" or "folds"), `divisions` (repeat, fold, train, test of each), `filtration`, `second`,
        `diameters` [items] where bandwidths may be shares of them, else None, `alike` (can items be compared value by
        value), `notes`.

    Raises:
        BadInput: data or choices that can't be used, or labels that no score can be had from.
    """
    from core.data.shapes import item_size
    from core.errors import BadInput
    from core.topology.functions.kde import diameter_of
    from core.topology.items import POINT_FORMS, filtering_of, ready
    from core.topology.scoring.splits import check_classes, given_split, stratified_folds

    shapes = asked.shapes()
    if shapes.y is None:
        raise BadInput(
            f"{shapes.name} has no labels, and a score compares predicted with true classes: bring a table with one label for "
            "each item in the slot for labels."
        )
    if split == "given" and shapes.train is None:
        raise BadInput(f"{shapes.name} names no training and test part; choose split=folds.")
    used = shapes.train if shapes.train is not None and split != "folds" else None
    labels = [shapes.classes[number] for number in shapes.y]
    check_classes(labels, used, folds, shapes.name)
    classes = sorted(set(labels), key=shapes.classes.index)
    y = np.array([classes.index(label) for label in labels], dtype=np.int64)
    divisions = given_split(used) if used is not None else stratified_folds(y, folds, repeats, seed)
    filtering = filtering_of(asked, shapes.form)
    diameters = None
    if filtering.second == "codensity" and shapes.form in (*POINT_FORMS, "series"):
        embedded = ready(asked, range(len(shapes)))
        are_distances = shapes.form == "distances"
        diameters = np.array(
            [diameter_of(item, are_distances=are_distances) for item in embedded.items if isinstance(item, np.ndarray)]
        )
    arrays = [item for item in shapes.items if isinstance(item, np.ndarray)]
    sizes = [item_size(shapes.form, item) for item in shapes.items]
    return {
        "name": shapes.name,
        "form": shapes.form,
        "items": len(shapes),
        "sizes": (min(sizes), max(sizes)),
        "labels": labels,
        "y": y,
        "classes": classes,
        "split": "folds" if used is None else "given",
        "divisions": [
            {"repeat": one.repeat, "fold": one.fold, "train": one.train, "test": one.test} for one in divisions
        ],
        "filtration": filtering.filtration,
        "second": filtering.second,
        "diameters": diameters,
        "alike": len({item.shape for item in arrays}) == 1,
        "notes": list(shapes.notes),
    }


def item_ranges_step(asked: Asked, places: Sequence[int], degrees: Sequence[int]) -> np.ndarray:
    """[places, 2, 2] of each item the lowest and the highest (radius, level) at which vertices and edges enter."""
    found = np.empty((len(places), 2, 2))
    for row, place in zip(found, places, strict=True):
        grades = [cells.grades for cells in _bifiltration(asked, place).complex(degrees).cells[:2] if len(cells)]
        together = np.concatenate(grades)
        row[0], row[1] = together.min(axis=0), together.max(axis=0)
    return found


def module_features_step(
    asked: Asked,
    places: Sequence[int],
    degrees: Sequence[int],
    vectorization: str,
    settings: Mapping[str, Any],
    low: np.ndarray,
    high: np.ndarray,
    *,
    one_parameter: bool,
) -> dict[str, Any]:
    """Landscapes or stable representations of some items on the grid of a training part.

    Args:
        asked: the choices; the bandwidth is a length.
        places: of the items, from 0.
        degrees: of homology.
        vectorization: "landscape" or "s_cdr".
        settings: arguments of the transformer.
        low: [2] lowest (radius, level) of the training part.
        high: [2] the highest.
        one_parameter: whether the second parameter is left out.

    Returns:
        `features` [places, features] and `seconds` of each.
    """
    from core.topology.vectorize import without_second

    transformer = module_images(vectorization, settings, degrees, low, high)
    rows, seconds = [], []
    for done, place in enumerate(places):
        started = time.perf_counter()
        item = _bifiltration(asked, place)
        rows.append(transformer.transform([without_second(item) if one_parameter else item])[0])
        seconds.append(time.perf_counter() - started)
        report((done + 1) / len(places), f"item {place + 1:,}")
    return {"features": np.array(rows), "seconds": np.array(seconds)}


def rank_measures_step(
    asked: Asked,
    places: Sequence[int],
    degrees: Sequence[int],
    radii: np.ndarray,
    levels: np.ndarray,
    *,
    one_parameter: bool,
) -> list[dict[str, Any]]:
    """Rank measures of some items on the grid of a training part, as `measures_step` has them.

    With one parameter all points are there from the start: the grid has a single level.
    """
    from core.topology.vectorize import without_second

    found = []
    for done, place in enumerate(places):
        started = time.perf_counter()
        item = _bifiltration(asked, place)
        if one_parameter:
            item, levels = without_second(item), np.zeros(1)
        measures = item.measures(degrees, "rank", levels, radii)
        found.append(
            {
                "measures": {str(key): (measure.positions, measure.weights) for key, measure in measures.items()},
                "seconds": time.perf_counter() - started,
            }
        )
        report((done + 1) / len(places), f"item {place + 1:,}")
    return found


def classify_step(
    sets: Sequence[Mapping[str, Any]],
    vectorization: str,
    settings: Sequence[Mapping[str, Any]],
    y: np.ndarray,
    train: np.ndarray,
    test: np.ndarray,
    classifier: str,
    folds: int,
    seed: int,
    *,
    one_parameter: bool,
    fitted_to_all: bool,
) -> dict[str, Any]:
    """Chooses among features and settings in the training part, and predicts the test part.

    Args:
        sets: the features that are tried: `chosen` (what they depend on, by name), and `measures` (packed) of all items or
            `features` [items, features].
        vectorization: of the measures; not used of features.
        settings: arguments of the transformers that are tried on each of the measures.
        y: [items] class numbers.
        train: places of the training items.
        test: places of the test items.
        classifier: its name.
        folds: of the training part, by which is chosen.
        seed: of the folds, and of classifiers that draw at random.
        one_parameter: whether measures of two parameters are reduced to the first.
        fitted_to_all: "paper mode": the grid has seen the test items too.

    Returns:
        `predicted` [test] class numbers, `chosen`, `tuning_accuracy`, `seconds`.
    """
    from core.topology.scoring.tuning import classified

    started = time.perf_counter()
    candidates = _candidates(sets, vectorization, settings, train, test, one_parameter, fitted_to_all)
    answer = classified(candidates, y[train], classifier, folds, seed)
    return _said(answer, started)


def classify_simple_step(
    asked: Asked, y: np.ndarray, train: np.ndarray, test: np.ndarray, classifier: str, folds: int, seed: int
) -> dict[str, Any]:
    """The same from degrees and sizes of graphs, or sizes and extents of clouds, as `classify_step` returns it."""
    from core.topology.scoring.simple_features import simple_features
    from core.topology.scoring.tuning import Candidate, classified

    shapes = asked.shapes()
    started = time.perf_counter()
    features = simple_features(shapes)
    answer = classified([Candidate({}, features[train], features[test])], y[train], classifier, folds, seed)
    return _said(answer, started)


def euclid_step(asked: Asked, y: np.ndarray, train: np.ndarray, test: np.ndarray) -> dict[str, Any]:
    """The class of the training item that is nearest to each test item, value by value, as `classify_step` returns it."""
    from core.topology.scoring.neighbours import nearest_by_distance

    shapes = asked.shapes()
    started = time.perf_counter()
    table = np.array([item.reshape(-1) for item in shapes.items if isinstance(item, np.ndarray)])
    found = nearest_by_distance(table, train, test)
    return {
        "predicted": y[found],
        "chosen": {},
        "tuning_accuracy": float("nan"),
        "seconds": time.perf_counter() - started,
    }


def warping_step(asked: Asked, y: np.ndarray, train: np.ndarray, test: np.ndarray, *, windowed: bool) -> dict[str, Any]:
    """The same by dynamic time warping.

    Args:
        asked: the choices.
        y: [items] class numbers.
        train: places of the training items.
        test: places of the test items.
        windowed: whether a window is chosen in the training part.
    """
    from core.topology.scoring.neighbours import chosen_window, nearest_by_warping

    items = [item for item in asked.shapes().items if isinstance(item, np.ndarray)]
    started = time.perf_counter()
    window, share = chosen_window(items, y, train) if windowed else (None, float("nan"))
    found = nearest_by_warping(items, train, test, window)
    return {
        "predicted": y[found],
        "chosen": {"window": "none" if window is None else window},
        "tuning_accuracy": share,
        "seconds": time.perf_counter() - started,
    }


def _said(answer: Answer, started: float) -> dict[str, Any]:
    return {
        "predicted": answer.predicted,
        "chosen": answer.chosen,
        "tuning_accuracy": answer.tuning_accuracy,
        "seconds": time.perf_counter() - started,
    }


def _candidates(
    sets: Sequence[Mapping[str, Any]],
    vectorization: str,
    settings: Sequence[Mapping[str, Any]],
    train: np.ndarray,
    test: np.ndarray,
    one_parameter: bool,
    fitted_to_all: bool,
) -> Iterator[Candidate]:
    """The features that are tried, one after the other so that one table is held at a time."""
    from core.topology.scoring.packing import unpacked
    from core.topology.scoring.tuning import Candidate
    from core.topology.vectorize import radius_measures
    from core.topology.vectorize_steps import transformer_of

    total = sum(1 if "features" in one else len(settings) for one in sets)
    done = 0
    for one in sets:
        if "features" in one:
            yield Candidate(one["chosen"], one["features"][train], one["features"][test])
            done += 1
            report(done / total)
            continue
        measures = unpacked(one["measures"])
        if one_parameter:
            measures = [radius_measures(item) for item in measures]
        learned, asked_about = [measures[place] for place in train], [measures[place] for place in test]
        for arguments in settings:
            transformer = transformer_of(vectorization, arguments)
            transformer.fit([*learned, *asked_about] if fitted_to_all else learned)
            chosen = {**one["chosen"], **_named(arguments)}
            yield Candidate(chosen, transformer.transform(learned), transformer.transform(asked_about))
            done += 1
            report(done / total)


def _named(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What is tried of a transformer, under the name of the parameter."""
    return {"kernel_bandwidth": arguments["bandwidth"]} if "bandwidth" in arguments else {}


def _bifiltration(asked: Asked, place: int) -> Bifiltration:
    from core.topology.items import filtered, filtering_of, ready

    shapes = ready(asked, [place])
    return filtered(shapes, 0, place + 1, asked, filtering_of(asked, shapes.form)).bifiltration
