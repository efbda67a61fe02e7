"""The features of mode `score`: for each training part those that it alone decided on.

A bandwidth that is a share of the diameter becomes a length by the training clouds of each division, and grids of modules
lie between the grades of the training items; what divisions have in common is computed once.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.analysis import Step
from core.errors import BadInput
from core.topology.asked import Asked
from core.topology.score_params import ScoreParams
from core.topology.score_steps import item_ranges_step, module_features_step, rank_measures_step
from core.topology.scoring.packing import packed
from core.topology.vectorize_steps import MODULE_IMAGES, measures_step, with_bandwidth

SMALLEST_CHUNK, MOST_STEPS = 4, 128  # items in a step of features; steps of features in all, if chunks may grow
RANK_GRID = 10  # values on each axis at which rank invariants are computed
OF_BOXES = (*MODULE_IMAGES, "rectangles")  # vectorizations whose features depend on the range of the training part

Feature = dict[str, Any]  # as `classify_step` takes it: chosen, and measures or features
Steps = Generator[list[Step], list[Any], Any]


@dataclass(frozen=True)
class Sets:
    """Of each division the features that are tried.

    Attributes:
        two: of two parameters.
        one: of the first alone; measures are reduced where they are used.
        own_of_one: the vectorizations whose features of one parameter are made here and need no reduction.
        seconds: of computing them, "two" and "one".
        memory: bytes that a classifier may need for them.
    """

    two: list[list[Feature]]
    one: list[list[Feature]]
    own_of_one: tuple[str, ...]
    seconds: Mapping[str, float]
    memory: int


def feature_sets(params: ScoreParams, asked: Asked, found: Mapping[str, Any], memory: int) -> Steps:
    """Yields the steps that make the features, and returns `Sets`.

    Args:
        params: of the run.
        asked: the choices.
        found: of `score_look_step`.
        memory: bytes that a step may need.
    """
    lengths = [bandwidth_lengths(params, found, division) for division in found["divisions"]]
    if params.vectorization in OF_BOXES:
        return (yield from _of_boxes(params, asked, found, lengths, memory))
    distinct = sorted({length for row in lengths for length in row.values()})
    chunks = chunks_of(found["items"], len(distinct))
    steps = [
        Step(
            measures_step,
            {
                "asked": with_bandwidth(asked, length),
                "places": chunk,
                "degrees": list(params.degrees),
                "invariant": params.invariant,
            },
            label=f"Measures of items {chunk[0] + 1:,} to {chunk[-1] + 1:,}",
            share=0.45 / (len(distinct) * len(chunks)),
            memory=memory,
        )
        for length in distinct
        for chunk in chunks
    ]
    made = _by_key(distinct, len(chunks), (yield steps))
    measures = {length: packed([item["measures"] for item in items]) for length, items in made.items()}
    two = [
        [{"chosen": _chosen(found, share), "measures": measures[length]} for share, length in row.items()]
        for row in lengths
    ]
    one = [[{"chosen": {}, "measures": held[0]["measures"]}] for held in two]
    seconds = {length: float(sum(item["seconds"] for item in items)) for length, items in made.items()}
    return Sets(
        two=two,
        one=one,
        own_of_one=(),
        seconds={"two": sum(seconds.values()), "one": sum(seconds[length] for length in _first(lengths))},
        memory=memory,
    )


def bandwidth_lengths(params: ScoreParams, found: Mapping[str, Any], division: Mapping[str, Any]) -> dict[float, float]:
    """Of each bandwidth that is tried the length that it is in a division; itself where it is none of points.

    Raises:
        BadInput: a share of the diameter where all training points are equal.
    """
    diameters = found["diameters"]
    if found["second"] != "codensity":
        return {params.bandwidth: params.bandwidth}
    if diameters is None:
        return {share: share for share in params.bandwidths()}
    seen = diameters if params.is_paper else diameters[division["train"]]
    diameter = float(np.median(seen))
    if not diameter > 0 and min(params.bandwidths()) < 0:
        raise BadInput(
            f"{found['name']}: in most items all points are equal, so a share of their diameter is no bandwidth: give "
            "bandwidths above 0."
        )
    return {share: share if share > 0 else -share * diameter for share in params.bandwidths()}


def chunks_of(items: int, sets: int) -> list[list[int]]:
    """The places of all items in parts, a step each for every set of features.

    >>> [len(part) for part in chunks_of(20, 1)], [len(part) for part in chunks_of(20, 128)]
    ([4, 4, 4, 4, 4], [10, 10])
    """
    size = max(SMALLEST_CHUNK, min(-(-items * sets // MOST_STEPS), -(-items // 2)))
    return [list(range(start, min(start + size, items))) for start in range(0, items, size)]


@dataclass(frozen=True)
class _Boxed:
    """Features on the grid of a training part: the bandwidth, the range, and the transformer's arguments by number."""

    share: float
    length: float
    low: tuple[float, float]
    high: tuple[float, float]
    setting: int
    is_one: bool


def _of_boxes(
    params: ScoreParams,
    asked: Asked,
    found: Mapping[str, Any],
    lengths: Sequence[Mapping[float, float]],
    memory: int,
) -> Steps:
    """Landscapes, stable representations and rectangles: first the ranges of all items, then features on each grid."""
    distinct = sorted({length for row in lengths for length in row.values()})
    chunks = chunks_of(found["items"], len(distinct))
    degrees = list(params.degrees)
    ranged: list[Any] = yield [
        Step(
            item_ranges_step,
            {"asked": with_bandwidth(asked, length), "places": chunk, "degrees": degrees},
            label=f"Range of items {chunk[0] + 1:,} to {chunk[-1] + 1:,}",
            share=0.1 / (len(distinct) * len(chunks)),
            memory=memory,
        )
        for length in distinct
        for chunk in chunks
    ]
    ranges = {
        length: np.concatenate(ranged[number * len(chunks) : (number + 1) * len(chunks)])
        for number, length in enumerate(distinct)
    }
    settings = range(1 if params.vectorization == "rectangles" else len(params.vectorizations()))
    two, one = [], []
    for row, division in zip(lengths, found["divisions"], strict=True):
        boxes = [_boxed(share, length, ranges[length][division["train"]]) for share, length in row.items()]
        two.append([replace(box, setting=number) for box in boxes for number in settings])
        first = boxes[0]
        flat = replace(first, low=(first.low[0], 0.0), high=(first.high[0], 0.0), is_one=True)
        one.append([replace(flat, setting=number) for number in settings])
    wanted = list(dict.fromkeys(box for held in (*two, *one) for box in held))
    chunks = chunks_of(found["items"], len(wanted))
    results = yield [
        _boxed_step(params, asked, box, chunk, 0.35 / (len(wanted) * len(chunks)), memory)
        for box in wanted
        for chunk in chunks
    ]
    parts = {box: results[number * len(chunks) : (number + 1) * len(chunks)] for number, box in enumerate(wanted)}
    made = {box: _joined(params, held) for box, held in parts.items()}
    seconds = {box: _seconds(held) for box, held in parts.items()}
    return Sets(
        two=[[_feature(params, found, box, made[box]) for box in held] for held in two],
        one=[[_feature(params, found, box, made[box]) for box in held] for held in one],
        own_of_one=OF_BOXES,
        seconds={
            "two": sum(spent for box, spent in seconds.items() if not box.is_one),
            "one": sum(spent for box, spent in seconds.items() if box.is_one),
        },
        memory=memory,
    )


def _boxed(share: float, length: float, ranges: np.ndarray) -> _Boxed:
    low, high = ranges[:, 0].min(axis=0), ranges[:, 1].max(axis=0)
    return _Boxed(share, length, (float(low[0]), float(low[1])), (float(high[0]), float(high[1])), 0, False)


def _boxed_step(params: ScoreParams, asked: Asked, box: _Boxed, chunk: list[int], share: float, memory: int) -> Step:
    arguments = {
        "asked": with_bandwidth(asked, box.length),
        "places": chunk,
        "degrees": list(params.degrees),
        "one_parameter": box.is_one,
    }
    what = f"items {chunk[0] + 1:,} to {chunk[-1] + 1:,}{' by one parameter' if box.is_one else ''}"
    low, high = np.array(box.low), np.array(box.high)
    if params.vectorization == "rectangles":
        radii, levels = (np.unique(np.linspace(low[axis], high[axis], RANK_GRID)) for axis in range(2))
        arguments |= {"radii": radii, "levels": levels}
        return Step(rank_measures_step, arguments, label=f"Rank measures of {what}", share=share, memory=memory)
    arguments |= {
        "vectorization": params.vectorization,
        "settings": params.vectorizations()[box.setting],
        "low": low,
        "high": high,
    }
    return Step(module_features_step, arguments, label=f"Images of {what}", share=share, memory=memory)


def _joined(params: ScoreParams, parts: Sequence[Any]) -> Feature:
    if params.vectorization == "rectangles":
        return {"measures": packed([item["measures"] for part in parts for item in part])}
    return {"features": np.concatenate([part["features"] for part in parts])}


def _seconds(parts: Sequence[Any]) -> float:
    return float(
        sum(
            part["seconds"].sum() if isinstance(part, Mapping) else sum(item["seconds"] for item in part)
            for part in parts
        )
    )


def _feature(params: ScoreParams, found: Mapping[str, Any], box: _Boxed, made: Feature) -> Feature:
    chosen = {} if box.is_one else _chosen(found, box.share)
    if params.vectorization == "s_cdr":
        chosen["kernel_bandwidth"] = params.vectorizations()[box.setting]["delta"]
    return {"chosen": chosen, **made}


def _chosen(found: Mapping[str, Any], share: float) -> dict[str, Any]:
    return {"bandwidth": share} if found["second"] == "codensity" else {}


def _first(lengths: Sequence[Mapping[float, float]]) -> set[float]:
    """The length of the first bandwidth of each division: what one parameter is taken from."""
    return {next(iter(row.values())) for row in lengths}


def _by_key(keys: Sequence[float], chunks: int, results: Sequence[Any]) -> dict[float, list[Any]]:
    """The items of all parts, by the key of their steps."""
    return {
        key: [item for part in results[number * chunks : (number + 1) * chunks] for item in part]
        for number, key in enumerate(keys)
    }
