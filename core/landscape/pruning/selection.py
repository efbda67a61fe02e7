"""Choosing what to prune by its retrained twins, as the case studies of Zhou et al. 2023 (arXiv:2305.18383) do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.landscape.pruning.confirmation import TURNS


def best_by_twins(lmc: np.ndarray, cka: np.ndarray, barrier: np.ndarray) -> int | None:
    """Of several candidates the one whose twins are connected and most alike; where none are, the least divided one.

    Example:
        >>> best_by_twins(np.array([-9.0, -0.5, -0.2]), np.array([0.99, 0.98, 0.95]), np.full(3, 1.75))
        1

    Args:
        lmc: linear mode connectivity between twins in points, [candidates]; NaN where it is not measured.
        cka: between their outputs.
        barrier: points below zero from which on `lmc` counts as a barrier.

    Returns:
        Its position; None where nothing is measured.
    """
    connected = (lmc >= -barrier) & np.isfinite(cka)
    if connected.any():
        return int(np.where(connected, cka, -np.inf).argmax())
    return int(np.nanargmax(lmc)) if np.isfinite(lmc).any() else None


def followed(regimes: Sequence[str], start: int) -> list[int]:
    """Where the advice leads, one value after the other.

    In regime I the next hotter value is tried, in II-A the next colder one, until II-B or the last value is reached.
    Where the advice turns round, the transition lies between two values, and the path ends at the connected one.

    Example:
        >>> followed(["I", "I", "II-A"], 0)
        [0, 1, 2]

    Args:
        regimes: of the values of the temperature, from cold to hot.
        start: position of the present one.

    Returns:
        The positions in the order in which they are tried, the present one first, the last one where to stay.
    """
    path = [start]
    while turn := TURNS.get(regimes[path[-1]]):
        step = path[-1] + (1 if turn == "raise" else -1)
        if not 0 <= step < len(regimes):
            break
        if step in path:
            if turn == "raise":
                path.append(step)
            break
        path.append(step)
    return path
