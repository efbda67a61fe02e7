"""Small clouds in general position, in the plane and in space."""

from __future__ import annotations

import numpy as np


def cloud(count: int = 18, dimensions: int = 2, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Points about a circle (a sphere) and a function on them."""
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(count, dimensions))
    points = directions / np.linalg.norm(directions, axis=1, keepdims=True) + 0.15 * rng.normal(
        size=(count, dimensions)
    )
    return points, rng.normal(size=count)
