"""Telemetry with a known disturbance, for the comparators."""

from __future__ import annotations

import numpy as np

ROWS, NOMINAL = 1200, 500
EVENT = slice(900, 960)


def disturbed(channels: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, nominal rows and labels: correlated channels of different units; three of them jump in the event."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(ROWS, 2))
    values = shared @ rng.normal(size=(2, channels)) + 0.3 * rng.normal(size=(ROWS, channels))
    values[EVENT, :3] += 4.0
    values = values * np.logspace(-2, 3, channels) + np.linspace(-50, 280, channels)
    labels = np.zeros(ROWS, dtype=bool)
    labels[EVENT] = True
    return values, np.arange(ROWS) < NOMINAL, labels
