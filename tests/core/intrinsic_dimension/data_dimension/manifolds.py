"""Point clouds of known dimension."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def sphere(n: int, seed: int) -> np.ndarray:
    """Uniform on the 5-sphere in six coordinates."""
    points = np.random.default_rng(seed).normal(size=(n, 6))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def ball(n: int, seed: int) -> np.ndarray:
    """Uniform in the three-dimensional unit ball."""
    generator = np.random.default_rng(seed)
    points = generator.normal(size=(n, 3))
    points *= generator.uniform(size=(n, 1)) ** (1 / 3) / np.linalg.norm(points, axis=1, keepdims=True)
    return points


def plane(n: int, seed: int) -> np.ndarray:
    """A uniform square, laid into twelve coordinates by an orthonormal map."""
    generator = np.random.default_rng(seed)
    square = generator.uniform(size=(n, 2))
    directions = np.linalg.qr(generator.normal(size=(12, 2)))[0]
    return square @ directions.T


def swiss_roll(n: int, seed: int) -> np.ndarray:
    """A rolled-up sheet in three coordinates, uniform along its arc and its width."""
    generator = np.random.default_rng(seed)
    angle = np.sqrt(generator.uniform((1.5 * np.pi) ** 2, (4.5 * np.pi) ** 2, n))  # arc length grows as angle^2 / 2
    return np.stack([angle * np.cos(angle), generator.uniform(0, 60, n), angle * np.sin(angle)], axis=1)


def torus(n: int, seed: int) -> np.ndarray:
    """The flat four-dimensional torus in eight coordinates: no boundary, constant density."""
    angles = np.random.default_rng(seed).uniform(0, 2 * np.pi, size=(n, 4))
    return np.concatenate([np.cos(angles), np.sin(angles)], axis=1)


def flat_torus_2(n: int, seed: int) -> np.ndarray:
    """The flat two-dimensional torus in four coordinates."""
    angles = np.random.default_rng(seed).uniform(0, 2 * np.pi, size=(n, 2))
    return np.concatenate([np.cos(angles), np.sin(angles)], axis=1)


# name: (points, true dimension)
MANIFOLDS: dict[str, tuple[Callable[[int, int], np.ndarray], int]] = {
    "sphere": (sphere, 5),
    "ball": (ball, 3),
    "plane": (plane, 2),
    "swiss_roll": (swiss_roll, 2),
    "torus": (torus, 4),
}
REFERENCE_POINTS, REFERENCE_SEED = 2000, 7  # of the stored values of scikit-dimension
