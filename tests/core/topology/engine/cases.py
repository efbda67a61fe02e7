"""Clouds that tests and stored reference values share. Nothing but numpy, so that peers' environments can import it."""

from __future__ import annotations

import numpy as np

LINES = (((0.0, -1.0), (1.0, 1.0)), ((0.1, 0.0), (1.0, 0.4)), ((-0.5, -2.0), (0.3, 1.7)), ((0.0, -0.9), (0.2, 1.0)))
SEED_OF_PEER_DIRECTIONS = 42  # multipers draws its directions from numpy's global generator with this seed


def clouds() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Points and a function on them: two clouds in the plane, one in space, one of four coordinates."""
    rng = np.random.default_rng(2024)
    circle = noisy_circle(60, rng)
    uniform = rng.uniform(-1.0, 1.0, (120, 2))
    ball = rng.normal(size=(60, 3))
    high = rng.normal(size=(30, 4))
    return {
        "circle": (circle, codensity(circle, 0.3)),
        "uniform": (uniform, uniform[:, 0] * uniform[:, 1]),
        "ball": (ball, np.linalg.norm(ball, axis=1)),
        "high": (high, codensity(high, 1.0)),
    }


def noisy_circle(count: int, rng: np.random.Generator) -> np.ndarray:
    """Four fifths on a circle with noise, the others anywhere about it."""
    on = count * 4 // 5
    angles = rng.uniform(0.0, 2 * np.pi, on)
    ring = np.column_stack([np.cos(angles), np.sin(angles)]) + 0.1 * rng.normal(size=(on, 2))
    return np.concatenate([ring, rng.uniform(-1.5, 1.5, (count - on, 2))])


def codensity(points: np.ndarray, bandwidth: float) -> np.ndarray:
    """Minus the logarithm of the mean Gaussian kernel."""
    squares = ((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2)
    return -np.log(np.exp(-squares / (2 * bandwidth**2)).mean(axis=1))


def grid(points: np.ndarray, function: np.ndarray, radii: int, levels: int) -> tuple[np.ndarray, np.ndarray]:
    """Radii and levels that no simplex has."""
    reach = np.linalg.norm(points - points.mean(axis=0), axis=1).max()
    return (
        np.linspace(0.0, 1.3 * reach, radii) + 1e-4 * np.pi,
        np.linspace(function.min(), function.max(), levels) + 1e-4 * np.e,
    )


def zero_mass_measures() -> list[tuple[np.ndarray, np.ndarray]]:
    """Two signed measures of mass 0 in the plane."""
    rng = np.random.default_rng(5)
    measures = []
    for count in (12, 7):
        positions = rng.normal(size=(count + 1, 2))
        weights = rng.choice([-2, -1, 1, 3], size=count)
        measures.append((positions, np.append(weights, -weights.sum())))
    return measures
