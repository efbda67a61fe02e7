"""From resampled values to an interval, a noise floor and a p-value."""

from __future__ import annotations

import numpy as np

from core.calibration.metrics.arrays import Array, Value, before, namespace, take
from core.calibration.metrics.pairs import Pairs


def percentile_interval(draws: np.ndarray, level: float) -> tuple[float, float]:
    """The central share `level` of bootstrap values (Efron and Tibshirani 1993, section 13.3), by the order
    statistics of R + 1, so that few draws don't make it too narrow."""
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], method="weibull")
    return float(low), float(high)


def error_interval(value: float, draws: np.ndarray, calibrated: np.ndarray, level: float) -> tuple[float, float]:
    """Interval of a calibration error, which noise makes too large.

    The bootstrap adds the noise of resampling to that of the sample, so its percentiles lie too high, and those of a
    well calibrated model never reach the truth. So the bootstrap gives the spread alone, placed around the value:
    (value - (upper - mean), value + (mean - lower)). The mean value of a calibrated model (the floor) is then taken
    off the lower end in quadrature, as independent noise adds to a gap: sqrt(low^2 - floor^2). The lower end is zero
    when a calibrated model would show as large a value at this level.

    Args:
        value: The metric of the sample.
        draws: [R] its bootstrap values.
        calibrated: [R] its values under a perfectly calibrated model.
        level: Share of the interval, 0.9 for 90 %.
    """
    lower, upper = percentile_interval(draws, level)
    mean = float(draws.mean())
    high = value + max(mean - lower, 0.0)
    if value <= percentile_interval(calibrated, level)[1]:
        return 0.0, high
    low, floor = value - max(upper - mean, 0.0), float(calibrated.mean())
    return float(np.sqrt(max(low, floor) ** 2 - floor**2)), high


def consistency_p_value(value: float, calibrated: np.ndarray, rng: np.random.Generator) -> float:
    """Share of the values of a perfectly calibrated model, the sample's own among them, that are as large.

    (1 + #{T* > T} + V) / (R + 1) with V uniform on 0..#{T* = T}: ties are broken at random, so that it is uniform on
    the multiples of 1 / (R + 1) if the model is calibrated. R values can't show less than 1 / (R + 1) (Phipson and Smyth
    2010, section 3).
    """
    above = int((calibrated > value).sum())
    ties = int((calibrated == value).sum())
    return float((1 + above + rng.integers(0, ties + 1)) / (calibrated.size + 1))


def floor_formula(pairs: Pairs, cuts: Array) -> Value:
    """Expected ECE of a perfectly calibrated model: sqrt(2/pi) sum_b sqrt(sum_{i in b} c_i (1 - c_i)) / n.

    The sum of a bin is nearly normal with that variance. For B bins of equal mass it is
    sqrt(2/pi) mean_b sqrt(mean_b(c (1 - c)) B / n).

    Args:
        pairs: [..., n] sorted confidences; the outcomes aren't used.
        cuts: [..., bins + 1] bins.
    """
    xp = namespace(cuts)
    variances = xp.diff(take(before(pairs.scores * (1 - pairs.scores)), cuts)).clip(min=0.0)
    return np.sqrt(2 / np.pi) * xp.sqrt(variances).sum(-1) / pairs.n
