"""Does d_int depend on the size of the network? A slope with its interval, tested against a tolerance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

CONFIDENCE = 0.95
NOISE_DRAWS = 10_000

Verdict = Literal["varies little", "depends on size", "undecided", "not testable"]


@dataclass(frozen=True)
class SizeTrend:
    """ln d = intercept of its group + slope ln D, fitted to networks whose d is known.

    Attributes:
        slope: power of D with which d grows; NaN where it can't be fitted.
        low: lower end of its 95 % interval.
        high: upper end.
        p_small: largest of the two one-sided p values of |slope| >= tolerance: small where the slope is surely less.
        p_same: p value of all d of a group being equal (Cochran's Q), given their errors.
        noise_ratio: largest over smallest d of a group that errors alone would give, median.
        noise_ratio_high: and its 95 % point.
        intercepts: of each group at the mean ln D of all, in the order of first appearance.
        centre: that mean.
        covariance: of (intercepts..., slope).
        degrees: of freedom.
    """

    slope: float
    low: float
    high: float
    p_small: float
    p_same: float
    noise_ratio: float
    noise_ratio_high: float
    intercepts: tuple[float, ...]
    centre: float
    covariance: np.ndarray
    degrees: int

    @property
    def testable(self) -> bool:
        """Whether there is a slope with an interval."""
        return bool(np.isfinite(self.low) and np.isfinite(self.high))

    def verdict(self, tolerance: float, limits: int) -> Verdict:
        """The claim "d_int varies little", judged by where the interval of the slope lies.

        Args:
            tolerance: power of D below which growth counts as little.
            limits: networks whose d is only bounded; while there are any, the claim can be refuted, not supported.
        """
        if not self.testable:
            return "not testable"
        if self.low > tolerance or self.high < -tolerance:
            return "depends on size"
        if not limits and -tolerance < self.low and self.high < tolerance:
            return "varies little"
        return "undecided"

    def line(self, group: int, log_sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """ln d of a group's line at ln D, and half the width of its 95 % band."""
        from scipy.stats import t

        design = np.zeros((len(log_sizes), len(self.intercepts) + 1))
        design[:, group] = 1.0
        design[:, -1] = log_sizes - self.centre
        level = self.intercepts[group] + self.slope * design[:, -1]
        error = np.sqrt(np.einsum("ij,jk,ik->i", design, self.covariance, design))
        return level, float(t.ppf(0.5 + CONFIDENCE / 2, self.degrees)) * error


def size_trend(
    sizes: Sequence[float],
    dimensions: Sequence[float],
    errors: Sequence[float],
    groups: Sequence[str],
    tolerance: float,
) -> SizeTrend:
    """Weighted least squares of ln d on ln D with an intercept for each group (a data set).

    Weights are 1 / error^2. Where the points scatter more than their errors allow, the covariance is multiplied by
    chi^2 / degrees of freedom, never by less than 1: networks may differ for reasons other than size. The interval is
    that of Student's t. Two one-sided tests (Schuirmann 1987) judge whether |slope| is below the tolerance.

    Args:
        sizes: D of each network.
        dimensions: d of each.
        errors: standard error of each ln d, positive.
        groups: of each, by name.
        tolerance: of the slope.
    """
    x, y, error = np.log(np.asarray(sizes, float)), np.log(np.asarray(dimensions, float)), np.asarray(errors, float)
    names = tuple(dict.fromkeys(groups))
    member = np.array([[group == name for name in names] for group in groups], float).reshape(len(x), len(names))
    p_same = _p_same(y, error, member)
    noise = _noise_ratios(error, member)
    degrees = len(x) - len(names) - 1
    within = x - member @ (member.T @ x / np.maximum(member.sum(0), 1)) if len(x) else x
    if degrees < 1 or not np.ptp(within) > 0:
        nothing = np.full((len(names) + 1, len(names) + 1), np.nan)
        centre = float(x.mean()) if len(x) else np.nan
        return SizeTrend(
            np.nan, np.nan, np.nan, np.nan, p_same, *noise, (np.nan,) * len(names), centre, nothing, degrees
        )
    from scipy.stats import t

    centre = float(x.mean())
    design = np.column_stack([member, x - centre])
    weighted = design / error[:, None]
    coefficients = np.linalg.lstsq(weighted, y / error, rcond=None)[0]
    chi = float(np.square((y - design @ coefficients) / error).sum())
    covariance = np.linalg.inv(weighted.T @ weighted) * max(1.0, chi / degrees)
    slope, spread = float(coefficients[-1]), float(covariance[-1, -1] ** 0.5)
    reach = float(t.ppf(0.5 + CONFIDENCE / 2, degrees)) * spread
    p_small = float(t.sf((tolerance - abs(slope)) / spread, degrees))
    return SizeTrend(
        slope=slope,
        low=slope - reach,
        high=slope + reach,
        p_small=p_small,
        p_same=p_same,
        noise_ratio=noise[0],
        noise_ratio_high=noise[1],
        intercepts=tuple(float(value) for value in coefficients[:-1]),
        centre=centre,
        covariance=covariance,
        degrees=degrees,
    )


def _p_same(y: np.ndarray, error: np.ndarray, member: np.ndarray) -> float:
    """Cochran's Q summed over the groups, against chi^2 with one degree a network less one a group."""
    from scipy.stats import chi2

    degrees = len(y) - member.shape[1]
    if degrees < 1:
        return np.nan
    weights = member / np.square(error)[:, None]
    means = (weights * y[:, None]).sum(0) / weights.sum(0)
    return float(chi2.sf(np.square((y - member @ means) / error).sum(), degrees))


def _noise_ratios(error: np.ndarray, member: np.ndarray) -> tuple[float, float]:
    """Median and 95 % point of the largest ratio within a group that errors alone give, by simulation."""
    if len(error) < 2:
        return np.nan, np.nan
    drawn = np.random.default_rng(0).normal(size=(NOISE_DRAWS, len(error))) * error
    spans = np.stack([np.ptp(drawn[:, column > 0], axis=1) for column in member.T])
    middle, top = np.exp(np.quantile(spans.max(axis=0), [0.5, 0.95]))
    return float(middle), float(top)
