"""Generated labels, scores and alarms that the tests and the stored values of other libraries share."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

Labelled = tuple[np.ndarray, np.ndarray]

WINDOWS = (0, 1, 2, 7, 30, 100)


def marked(rows: int, stretches: Iterable[tuple[int, int]]) -> np.ndarray:
    """[rows] bool, true from the first to the last row (inclusive) of each stretch."""
    flags = np.zeros(rows, dtype=bool)
    for first, last in stretches:
        flags[first : last + 1] = True
    return flags


def drawn(rows: int, count: int, longest: int, rng: np.random.Generator) -> np.ndarray:
    """[rows] bool with some stretches at random places; never all rows."""
    flags = np.zeros(rows, dtype=bool)
    for _ in range(count):
        first = rng.integers(rows)
        flags[first : first + rng.integers(1, longest + 1)] = True
    flags[rng.integers(rows)] &= not flags.all()
    return flags


def scored(labels: np.ndarray, seed: int, shift: float = 0.6) -> Labelled:
    """Labels with scores that are higher in the events."""
    return labels, np.random.default_rng(seed).random(labels.size) + shift * labels


def in_steps(labels: np.ndarray, seed: int) -> Labelled:
    """Scores with many ties."""
    labels, scores = scored(labels, seed)
    return labels, np.round(scores * 4)


def random_case(seed: int) -> Labelled:
    """Up to eight events in up to 350 rows, every third case with ties."""
    rng = np.random.default_rng(1000 + seed)
    rows = int(rng.integers(3, 350))
    labels = drawn(rows, int(rng.integers(1, 9)), max(1, rows // 10), rng)
    return in_steps(labels, seed) if seed % 3 == 0 else scored(labels, seed, float(rng.random()))


SCORES: dict[str, Callable[[], Labelled]] = {
    "one event": lambda: scored(marked(300, [(140, 160)]), 1),
    "three events": lambda: scored(marked(300, [(30, 60), (130, 134), (220, 221)]), 2),
    "at both ends": lambda: scored(marked(200, [(0, 9), (80, 85), (190, 199)]), 3),
    "first and last row": lambda: scored(marked(120, [(0, 0), (119, 119)]), 4),
    "meet when widened": lambda: scored(marked(250, [(60, 70), (75, 80), (90, 91), (95, 95), (180, 200)]), 5),
    "one row apart": lambda: scored(marked(100, [(40, 44), (46, 50), (52, 52)]), 6),
    "ties": lambda: in_steps(marked(300, [(50, 70), (200, 230)]), 7),
    "two values": lambda: (marked(200, [(50, 70)]), marked(200, [(60, 90)]).astype(float)),
    "perfect": lambda: (marked(400, [(100, 139), (300, 304)]), marked(400, [(100, 139), (300, 304)]).astype(float)),
    "inverted": lambda: (marked(200, [(90, 109)]), 1 - marked(200, [(90, 109)]).astype(float)),
    "late": lambda: (marked(200, [(90, 109)]), marked(200, [(100, 119)]) + np.linspace(0, 0.5, 200)),
    "tiny": lambda: (np.array([False, True, False]), np.array([0.1, 0.9, 0.2])),
    "two rows": lambda: (np.array([True, False]), np.array([0.0, 1.0])),
    "more rows than thresholds": lambda: scored(marked(1200, [(200, 260), (700, 705), (900, 990)]), 8),
    **{f"random {seed}": (lambda seed=seed: random_case(seed)) for seed in range(12)},  # type: ignore[misc]
}
CONSTANT = (marked(200, [(90, 109)]), np.full(200, 3.5))


def alarm_case(seed: int) -> Labelled:
    """Events and alarms at random places; alarms begin and end wherever they like."""
    rng = np.random.default_rng(2000 + seed)
    rows = int(rng.integers(6, 300))
    return drawn(rows, int(rng.integers(1, 7)), max(1, rows // 8), rng), drawn(rows, int(rng.integers(1, 9)), 25, rng)


ALARMS: dict[str, Callable[[], Labelled]] = {
    "as the events": lambda: (marked(100, [(20, 29), (60, 64)]), marked(100, [(20, 29), (60, 64)])),
    "everywhere": lambda: (marked(100, [(20, 29), (60, 64)]), np.ones(100, dtype=bool)),
    "everywhere else": lambda: (marked(100, [(20, 29), (60, 64)]), ~marked(100, [(20, 29), (60, 64)])),
    "one over two events": lambda: (marked(100, [(20, 29), (40, 49)]), marked(100, [(25, 45)])),
    "three on one event": lambda: (marked(100, [(20, 49)]), marked(100, [(10, 20), (25, 26), (40, 60)])),
    "beside the events": lambda: (marked(100, [(20, 29), (60, 64)]), marked(100, [(19, 19), (30, 31), (90, 99)])),
    "early": lambda: (marked(100, [(20, 29), (60, 79)]), marked(100, [(17, 22), (30, 70)])),
    **{f"random {seed}": (lambda seed=seed: alarm_case(seed)) for seed in range(20)},  # type: ignore[misc]
}
