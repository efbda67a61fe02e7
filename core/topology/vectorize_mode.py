"""Mode `vectorize`: features of every item that a classifier can use."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.analysis import Compute, Estimate, Inputs, Step
from core.topology.costs import BASE_MEMORY, item_cost
from core.topology.vectorize_params import VectorizeParams
from core.topology.vectorize_peer_steps import peer_images_step, peer_measures_step
from core.topology.vectorize_steps import (
    MODULE_IMAGES,
    features_step,
    images_step,
    look_step,
    measures_step,
    range_step,
    with_bandwidth,
)

MOST_CHUNKS, SMALLEST_CHUNK = 64, 4  # steps, and items in one of them
SECONDS_OF_LINE = 2e-6  # of a barcode on one line, for each point
RANK_SECONDS = 2e-6  # of a place of the rank invariant's grid, for each point
PEER_SECONDS, PEER_POINT_SECONDS = 1.0, 2e-5  # of an item in multipers, its start shared; for each point squared
INTERVAL_SECONDS = 3e-4  # of a candidate decomposition and its image, for each point


def compute_vectorize(params: VectorizeParams, inputs: Inputs) -> Compute:
    """Looks at all items, vectorizes them in parts, and puts these together."""
    asked, memory = params.asked(inputs), estimate_vectorize(params, inputs).memory
    (found,) = yield [Step(look_step, {"asked": asked}, label="Reading the items", share=0.05, memory=memory)]
    asked = with_bandwidth(asked, found["bandwidth"])
    degrees, train = list(params.degrees), found["train"]
    name, settings = params.vectorization, params.transformer_settings()
    chunks = chunks_of(found["items"])
    modules, by_peer = name in MODULE_IMAGES, params.engine == "multipers"
    shared: dict[str, np.ndarray] = {}
    if modules or name == "rectangles":
        parts = [[place for place in chunk if train[place]] for chunk in chunks]
        ranges: list[Any] = yield [
            Step(
                range_step,
                {"asked": asked, "places": part, "degrees": degrees},
                label=f"Range of {_items(part)}",
                share=0.15 / len(chunks),
                memory=memory,
            )
            for part in parts
            if part
        ]
        shared = {
            "low": np.min([low for low, _ in ranges], axis=0),
            "high": np.max([high for _, high in ranges], axis=0),
        }
    if modules:
        images: list[Any] = yield [
            Step(
                peer_images_step if by_peer else images_step,
                {
                    "asked": asked,
                    "places": chunk,
                    "degrees": degrees,
                    **({} if by_peer else {"vectorization": name}),
                    "settings": settings,
                    **shared,
                },
                label=f"Images of {_items(chunk)}",
                share=0.8 / len(chunks),
                memory=memory,
            )
            for chunk in chunks
        ]
        items = [item for part in images for item in part]
        from core.topology.vectorize_report import modules_made, vectorize_result

        return vectorize_result(params, found, items, modules_made(params, settings, items, **shared))
    axes = _axes(shared, params.rank_grid) if shared else {}
    kind = {} if by_peer else {"invariant": params.invariant}
    measured: list[Any] = yield [
        Step(
            peer_measures_step if by_peer else measures_step,
            {"asked": asked, "places": chunk, "degrees": degrees, **kind, **axes},
            label=f"Measures of {_items(chunk)}",
            share=(0.85 - 0.15 * bool(axes)) / len(chunks),
            memory=memory,
        )
        for chunk in chunks
    ]
    items = [item for part in measured for item in part]
    (made,) = yield [
        Step(
            features_step,
            {
                "measures": [{"measures": item["measures"]} for item in items],
                "train": train,
                "vectorization": name,
                "settings": settings,
            },
            label="Features of all items",
            share=0.1,
            memory=memory,
        )
    ]
    from core.topology.vectorize_report import vectorize_result

    return vectorize_result(params, found, items, made)


def chunks_of(items: int) -> list[list[int]]:
    """The places of all items in parts, a step each.

    >>> chunks_of(5)
    [[0, 1, 2, 3], [4]]
    """
    size = max(SMALLEST_CHUNK, -(-items // MOST_CHUNKS))
    return [list(range(start, min(start + size, items))) for start in range(0, items, size)]


def estimate_vectorize(params: VectorizeParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the numbers of items and points alone."""
    outlined, cost = item_cost(params, inputs)
    each = cost.seconds + 2e-3
    if params.engine == "multipers":
        each += PEER_SECONDS + PEER_POINT_SECONDS * outlined.points**2
    elif params.vectorization == "s_cdr":
        each += 8e-3 + INTERVAL_SECONDS * outlined.points
    elif params.vectorization == "landscape":
        each += 2 * params.grid() * (1e-4 + SECONDS_OF_LINE * outlined.points)
    elif params.vectorization == "rectangles":
        each += params.rank_grid**2 * (1e-4 + RANK_SECONDS * outlined.points)
    features = params.grid() ** (4 if params.vectorization == "rectangles" else 2) * len(params.degrees)
    memory = BASE_MEMORY + cost.memory + 24 * features * outlined.items
    chunks = len(chunks_of(outlined.items))
    rounds = 2 if params.vectorization in (*MODULE_IMAGES, "rectangles") else 1
    seconds = 1.5 + outlined.items * (each + (rounds - 1) * cost.seconds)
    return Estimate(seconds=seconds, memory=memory, steps=2 + rounds * chunks)


def _axes(shared: dict[str, np.ndarray], values: int) -> dict[str, np.ndarray]:
    """The grid of rank invariants between the lowest and the highest grade of the training part."""
    low, high = shared["low"], shared["high"]
    radii, levels = (np.unique(np.linspace(low[axis], high[axis], values)) for axis in range(2))
    return {"radii": radii, "levels": levels}


def _items(places: list[int]) -> str:
    return f"item {places[0] + 1:,}" if len(places) == 1 else f"items {places[0] + 1:,} to {places[-1] + 1:,}"
