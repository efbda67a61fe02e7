"""What a threshold on edge lengths cuts off."""

from __future__ import annotations

import numpy as np


def cone_radii(distances: np.ndarray, function: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From which radius on the Vietoris-Rips complex of each level is a cone, so that nothing happens any more.

    The smallest over the points of a level of the distance to the furthest one. It does not grow with the level: a
    sparse level may need longer edges than all points together, whose radius is the usual threshold.

    Args:
        distances: [n, n] symmetric.
        function: [n] level at which a point enters.

    Returns:
        Distinct levels [m], increasing, and their radii [m].
    """
    order = np.argsort(function, kind="stable")
    furthest = np.zeros(len(order))  # of each point that is there, in their order
    levels, radii = [], []
    for place, point in enumerate(order):
        row = distances[point, order[: place + 1]]
        furthest[: place + 1] = np.maximum(furthest[: place + 1], row)
        furthest[place] = row.max()
        if place + 1 == len(order) or function[order[place + 1]] > function[point]:
            levels.append(function[point])
            radii.append(furthest[: place + 1].min())
    return np.array(levels), np.array(radii)


def threshold_note(distances: np.ndarray, function: np.ndarray, threshold: float) -> str:
    """One sentence on the levels at which a threshold may cut classes; empty if there are none.

    Args:
        distances: [n, n] symmetric.
        function: [n] level at which a point enters.
        threshold: edges longer than this are left out.
    """
    levels, radii = cone_radii(distances, function)
    cut = radii > threshold
    if not cut.any():
        return ""
    return (
        f"Edges longer than {threshold:.4g} are left out, and at {cut.sum()} of {len(levels)} levels (from "
        f"{levels[cut].min():.4g} to {levels[cut].max():.4g}) the complex is not a cone by then: their classes may seem to "
        f"live for ever. A threshold of {radii.max():.4g}, or none, has the full range."
    )
