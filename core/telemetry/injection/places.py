"""Where an event may be injected."""

from __future__ import annotations

import itertools

import numpy as np


def admissible_starts(usable: np.ndarray, length: int, margin: int) -> np.ndarray:
    """First rows at which an event of some length lies in usable rows, with a margin on either side.

    Args:
        usable: [rows] bool: scored, not in a gap, not in an event that is there already, not in the nominal part.
        length: of the event, its after-effects included, in rows.
        margin: rows on either side that must be usable too.
    """
    width = length + 2 * margin
    if width > len(usable):
        return np.empty(0, dtype=np.int64)
    blocked = np.concatenate([[0], np.cumsum(~usable)])
    return np.flatnonzero(blocked[width:] == blocked[:-width]) + margin


def draw_places(starts: np.ndarray, repeats: int, rng: np.random.Generator) -> np.ndarray:
    """[repeats] of the starts, spread evenly: one at random from each of as many stretches of equally many starts.

    Fewer where there are fewer starts than that.
    """
    edges = np.linspace(0, len(starts), min(repeats, len(starts)) + 1).astype(int)
    drawn = [rng.integers(first, after) for first, after in itertools.pairwise(edges)]
    return starts[np.array(drawn, dtype=np.int64)]


def widened(mask: np.ndarray, rows: int) -> np.ndarray:
    """The true rows of a mask and all rows up to `rows` away from one."""
    edges = np.diff(np.concatenate([[0], mask.astype(np.int8), [0]]))
    result = np.zeros(len(mask), dtype=bool)
    for first, after in zip(np.flatnonzero(edges > 0), np.flatnonzero(edges < 0), strict=True):
        result[max(0, first - rows) : after + rows] = True
    return result
