"""Gaussian codensity: low where points are dense."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.errors import BadInput

Regime = Literal["averaging", "few neighbours", "single points"]
AVERAGING, SINGLE = 10.0, 2.0  # effective neighbours: from so many on a mean, below the other one or two points alone
_ROWS = 1 << 22  # distances that are held at once


@dataclass(frozen=True)
class Codensity:
    """Values, and how far they can be trusted.

    Attributes:
        values: [n] -log of the estimated density at each point.
        bandwidth: that was used, in the units of the points.
        effective: [n] how many points the estimate at each of them rests on, (sum w)^2 / sum w^2.
    """

    values: np.ndarray
    bandwidth: float
    effective: np.ndarray

    @property
    def median_effective(self) -> float:
        """The median over the points."""
        return float(np.median(self.effective))

    @property
    def regime(self) -> Regime:
        """What the estimate is, by its effective sample size.

        With n points in d dimensions and log(n) / d held fixed, a kernel density estimate is an average in the sense of
        the central limit theorem for bandwidths above a threshold h_CLT only; below it its fluctuations are
        heavy-tailed, and below a second one, h_G, a few points decide it alone (Biroli and Mezard, arXiv:2408.05807).
        The bandwidth that is best for the likelihood lies in that range, so a choice by likelihood is no remedy.

        The regimes here are named after these, but parted by a CONVENTION, 10 and 2 effective points, and not at h_CLT
        and h_G. Both thresholds follow from the probability that a point falls so near that it outweighs all others,
        which is of the order 1 / n: known where the density is known, as for a Gaussian, but n points have no events of
        that probability to estimate it from. What a sample does show is the consequence: an average over many has a
        large effective sample size, and a sum that a few points decide a small one, whatever the density.
        """
        if self.median_effective >= AVERAGING:
            return "averaging"
        return "few neighbours" if self.median_effective >= SINGLE else "single points"


def codensity(
    points: np.ndarray, bandwidth: float, *, diameter: float | None = None, are_distances: bool = False
) -> Codensity:
    """g(x) = -log( 1/n sum_j K_h(x - x_j) ), K_h(u) = exp(-|u|^2 / 2 h^2) / (2 pi h^2)^(d/2), the point itself included.

    >>> float(codensity(np.zeros((3, 2)), 1.0).values[0]) - float(np.log(2 * np.pi))
    0.0

    Args:
        points: [n, d], or [n, n] distances; these have no dimension, and the kernel is not normalised then.
        bandwidth: h above 0; a number below 0 is a share of the diameter, -0.2 a fifth of it.
        diameter: that a share refers to; None: the largest distance between two of the points.
        are_distances: whether `points` holds distances.

    Raises:
        BadInput: a bandwidth of 0, or a share of the diameter of points that are all equal.
    """
    h = resolved_bandwidth(bandwidth, points, diameter, are_distances=are_distances)
    n = len(points)
    dimensions = 0 if are_distances else points.shape[1]
    values, effective = np.empty(n), np.empty(n)
    step = max(_ROWS // n, 1)
    for start in range(0, n, step):
        rows = slice(start, min(start + step, n))
        weights = np.exp(_squares(points, rows, are_distances) / (-2 * h**2))
        total = weights.sum(axis=1)  # at least 1, the point's own weight: its logarithm is safe
        values[rows] = np.log(n / total)
        effective[rows] = total**2 / (weights**2).sum(axis=1)
    values += dimensions / 2 * np.log(2 * np.pi * h**2)
    return Codensity(values, h, effective)


def resolved_bandwidth(
    bandwidth: float, points: np.ndarray, diameter: float | None = None, *, are_distances: bool = False
) -> float:
    """The bandwidth in the units of the points.

    Raises:
        BadInput: 0, not finite, or a share of a diameter of 0.
    """
    if not np.isfinite(bandwidth) or bandwidth == 0:
        raise BadInput(
            f"The bandwidth is {bandwidth}; a number above 0, or below 0 for a share of the diameter, is expected."
        )
    if bandwidth > 0:
        return float(bandwidth)
    extent = diameter_of(points, are_distances=are_distances) if diameter is None else diameter
    if not extent > 0:
        raise BadInput("All points are equal, so a share of their diameter is no bandwidth: give a bandwidth above 0.")
    return float(-bandwidth * extent)


def diameter_of(points: np.ndarray, *, are_distances: bool = False) -> float:
    """The largest distance between two points."""
    if are_distances:
        return float(points.max())
    n = len(points)
    step = max(_ROWS // n, 1)
    squares = (_squares(points, slice(start, min(start + step, n)), False).max() for start in range(0, n, step))
    return float(np.sqrt(max(squares)))


def _squares(points: np.ndarray, rows: slice, are_distances: bool) -> np.ndarray:
    if are_distances:
        return points[rows] ** 2
    from scipy.spatial.distance import cdist

    return cdist(points[rows], points, "sqeuclidean")
