"""Where a noisy curve crosses a threshold: a straight line through log d and logit performance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Point:
    """One finished training: performance in 0..1 at a subspace dimension."""

    dimension: int
    performance: float


@dataclass(frozen=True)
class LocalLine:
    """logit(performance) = intercept + slope (ln d - centre), by least squares.

    `centre` is the mean of ln d, so that intercept and slope are uncorrelated.

    Attributes:
        centre: mean of ln d.
        intercept: logit performance there.
        slope: per unit of ln d.
        noise: standard deviation of single trainings around the line, in logit units (n - 2 degrees of freedom).
        points: n.
        spread: sum of (ln d - centre)^2.
        narrowest: smallest d among the points.
        widest: largest d among the points.
    """

    centre: float
    intercept: float
    slope: float
    noise: float
    points: int
    spread: float
    narrowest: int
    widest: int

    @property
    def slope_to_noise(self) -> float:
        """The slope in units of its standard error; small on a plateau, where a crossing means little."""
        if self.noise == 0:
            return float("inf") if self.slope else 0.0
        return self.slope * self.spread**0.5 / self.noise

    def crossing(self, threshold: float) -> float:
        """ln d at which the line has the given logit."""
        return self.centre + (threshold - self.intercept) / self.slope

    def crossing_error(self, threshold: float, threshold_error: float = 0.0) -> float:
        """Standard error of `crossing`, i.e. relative error of d, by the delta method.

        Args:
            threshold: in logit units.
            threshold_error: its own standard error, from a baseline that was measured too.
        """
        away = self.crossing(threshold) - self.centre
        variance = self.noise**2 * (1 / self.points + away**2 / self.spread)
        return float(np.sqrt(variance + threshold_error**2) / abs(self.slope))

    def at(self, log_dimension: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Logit performance of the line at ln d, and its standard error."""
        away = log_dimension - self.centre
        return self.intercept + self.slope * away, self.noise * np.sqrt(1 / self.points + away**2 / self.spread)


def logit(performance: float, resolution: float) -> float:
    """ln(p / (1 - p)), p kept away from 0 and 1 by the resolution (half a row of the validation set)."""
    kept = min(max(performance, resolution), 1 - resolution)
    return float(np.log(kept / (1 - kept)))


def fit_line(points: Sequence[Point], resolution: float) -> LocalLine | None:
    """The line of at least three points at two or more values of d; None where these are missing."""
    x = np.log([point.dimension for point in points])
    if len(points) < 3 or np.ptp(x) == 0:
        return None
    y = np.array([logit(point.performance, resolution) for point in points])
    centre, intercept = float(x.mean()), float(y.mean())
    spread = float(((x - centre) ** 2).sum())
    slope = float(((x - centre) * y).sum() / spread)
    residuals = y - intercept - slope * (x - centre)
    noise = float(np.sqrt((residuals**2).sum() / (len(points) - 2)))
    dimensions = [point.dimension for point in points]
    return LocalLine(centre, intercept, slope, noise, len(points), spread, min(dimensions), max(dimensions))
