"""Measures of many items in three arrays, the form in which steps hand them on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from core.topology.engine.measure import SignedMeasure

Packed = dict[str, dict[str, np.ndarray]]


def packed(measures: Sequence[Mapping[str, tuple[np.ndarray, np.ndarray]]]) -> Packed:
    """Of each degree the positions [m, c] and weights [m] of all items one after the other, and where each item starts.

    Args:
        measures: of each item the text of a degree or "euler" -> positions, weights.
    """
    found: Packed = {}
    for key in measures[0]:
        counts = [len(item[key][1]) for item in measures]
        found[key] = {
            "positions": np.concatenate([np.asarray(item[key][0], dtype=np.float64) for item in measures]),
            "weights": np.concatenate([np.asarray(item[key][1]) for item in measures]),
            "starts": np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        }
    return found


def unpacked(measures: Packed) -> list[dict[int | str, SignedMeasure]]:
    """The measures of each item again, as transformers take them."""
    from core.topology.engine.measure import SignedMeasure

    items = len(next(iter(measures.values()))["starts"]) - 1
    found: list[dict[int | str, SignedMeasure]] = [{} for _ in range(items)]
    for key, parts in measures.items():
        name = int(key) if key.isdigit() else key
        for place, item in enumerate(found):
            own = slice(parts["starts"][place], parts["starts"][place + 1])
            item[name] = SignedMeasure(parts["positions"][own], parts["weights"][own])
    return found
