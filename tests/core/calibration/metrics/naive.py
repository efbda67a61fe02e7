"""The metrics as their definitions say, one sample or bin at a time: slow, and what the fast versions must equal."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np


def bin_of(value: float, edges: list[float]) -> int:
    """Index of the bin (edge, next edge] of a value; 0 belongs to the first."""
    return max(0, sum(value > edge for edge in edges) - 1)


def ratio_edges(bins: int) -> list[float]:
    return [i / bins for i in range(bins + 1)]


def mass_edges(values: np.ndarray, bins: int) -> list[float]:
    parts = np.array_split(np.sort(values), min(bins, values.size))
    return [-1.0, *((a[-1] + b[0]) / 2 for a, b in pairwise(parts)), 2.0]


def gaps(scores: np.ndarray, outcomes: np.ndarray, edges: list[float]) -> list[tuple[int, float, float]]:
    """Size, gap and accuracy of each bin that holds samples."""
    member = np.array([bin_of(s, edges) for s in scores])
    found = []
    for b in np.unique(member):
        own = member == b
        found.append((int(own.sum()), float((scores[own] - outcomes[own]).mean()), float(outcomes[own].mean())))
    return found


def ece(scores: np.ndarray, outcomes: np.ndarray, edges: list[float]) -> float:
    return sum(size * abs(gap) for size, gap, _ in gaps(scores, outcomes, edges)) / scores.size


def mce(scores: np.ndarray, outcomes: np.ndarray, edges: list[float]) -> float:
    return max(abs(gap) for _, gap, _ in gaps(scores, outcomes, edges))


def ace(scores: np.ndarray, outcomes: np.ndarray, edges: list[float]) -> float:
    found = [abs(gap) for _, gap, _ in gaps(scores, outcomes, edges)]
    return sum(found) / len(found)


def rmsce(scores: np.ndarray, outcomes: np.ndarray, edges: list[float]) -> float:
    return math.sqrt(sum(size * gap**2 for size, gap, _ in gaps(scores, outcomes, edges)) / scores.size)


def classwise(p: np.ndarray, labels: np.ndarray, bins: int, edges_of) -> float:
    errors = [ece(p[:, k], (labels == k).astype(float), edges_of(p[:, k], bins)) for k in range(p.shape[1])]
    return sum(errors) / p.shape[1]


def ks_path(scores: np.ndarray, outcomes: np.ndarray) -> list[float]:
    return [float((scores - outcomes)[scores <= t].sum()) / scores.size for t in np.unique(scores)]


def mmce(scores: np.ndarray, outcomes: np.ndarray) -> float:
    r = scores - outcomes
    kernel = np.exp(-np.abs(scores[:, None] - scores[None]) / 0.4)
    return math.sqrt(max(0.0, r @ kernel @ r)) / scores.size


def smoothed(scores: np.ndarray, outcomes: np.ndarray, width: float, t: np.ndarray, images: int = 4) -> np.ndarray:
    """mean r_i K(t, c_i) with the Gaussian and its mirror images written out."""
    total = np.zeros_like(t)
    for shift in range(-images, images + 1):
        for mirror in (scores, -scores):
            z = (t[:, None] - (mirror + 2 * shift)[None]) / width
            total += np.exp(-(z**2) / 2) @ (scores - outcomes) / (width * math.sqrt(2 * math.pi))
    return total / scores.size


def smece_at(scores: np.ndarray, outcomes: np.ndarray, width: float, points: int = 4001) -> float:
    t = np.linspace(0, 1, points)
    return float(np.trapezoid(np.abs(smoothed(scores, outcomes, width, t)), t))


def kde_ece(scores: np.ndarray, outcomes: np.ndarray, points: int = 6001) -> float:
    """Triweight densities with mirrored data, summed directly."""
    right = scores[outcomes > 0]
    reach = 3 * np.std(right) * (2 * scores.size) ** -0.2
    x = np.linspace(0, 1, points)[1:-1]

    def density(values: np.ndarray) -> np.ndarray:
        data = np.concatenate([values, np.where(values < 0.5, -values, 2 - values)])
        total = np.zeros_like(x)
        for value in data:
            total += np.clip(1 - ((x - value) / reach) ** 2, 0, None) ** 3
        return 35 / 32 * total / (reach * values.size)

    of_right, every = density(right), density(scores)
    accuracy = np.minimum(1, outcomes.mean() * np.divide(of_right, every, out=np.zeros_like(x), where=every > 1e-9))
    return float((np.abs(x - accuracy) * every).sum() / every.sum())


def auroc(scores: np.ndarray, outcomes: np.ndarray) -> float:
    right, wrong = scores[outcomes > 0], scores[outcomes == 0]
    return float(np.mean((right[:, None] > wrong[None]) + 0.5 * (right[:, None] == wrong[None])))
