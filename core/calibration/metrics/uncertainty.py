"""From resampled values to an interval, a noise floor and a p-value."""

from __future__ import annotations

import numpy as np

from core.calibration.metrics.pairs import Pairs


def percentile_interval(draws: np.ndarray, level: float) -> tuple[float, float]:
    """The central share `level` of bootstrap values (Efron and Tibshirani 1993, section 13.3)."""
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def error_interval(value: float, draws: np.ndarray, calibrated: np.ndarray, level: float) -> tuple[float, float]:
    """Interval of a calibration error that is biased upwards by noise.

    The bootstrap adds the noise of resampling to that of the sample, so its plain percentiles never reach the truth
    of a well calibrated model. The basic interval (2 value - upper, 2 value - lower percentile; Davison and Hinkley
    1997, section 5.2) takes the bias off once. It reaches down to zero when a perfectly calibrated model would show
    as large a value at this level.

    Args:
        value: The metric of the sample.
        draws: [R] its bootstrap values.
        calibrated: [R] its values under a perfectly calibrated model.
        level: Share of the interval, 0.9 for 90 %.
    """
    low, high = percentile_interval(draws, level)
    basic_low, basic_high = max(0.0, 2 * value - high), max(0.0, 2 * value - low)
    consistent = value <= np.quantile(calibrated, (1 + level) / 2)
    return (0.0 if consistent else basic_low), max(basic_high, value)


def consistency_p_value(value: float, calibrated: np.ndarray, rng: np.random.Generator) -> float:
    """Share of the values of a perfectly calibrated model that are as large, ties broken at random.

    (#{T* > T} + U (1 + #{T* = T})) / (R + 1) with U uniform on [0, 1] is uniform itself if the model is calibrated.
    """
    above = (calibrated > value).sum()
    ties = (calibrated == value).sum()
    return float((above + rng.random() * (1 + ties)) / (calibrated.size + 1))


def floor_formula(pairs: Pairs, cuts: np.ndarray) -> float:
    """Expected ECE of a perfectly calibrated model: sqrt(2/pi) sum_b sqrt(sum_{i in b} c_i (1 - c_i)) / n.

    The sum of a bin is nearly normal with that variance. For B bins of equal mass it is
    sqrt(2/pi) mean_b sqrt(mean_b(c (1 - c)) B / n).

    Args:
        pairs: [n] sorted confidences; the outcomes aren't used.
        cuts: Bins.
    """
    spread = np.concatenate([[0.0], np.cumsum(pairs.scores * (1 - pairs.scores))])
    variances = np.maximum(np.diff(spread[cuts]), 0.0)
    return float(np.sqrt(2 / np.pi) * np.sqrt(variances).sum() / pairs.n)
