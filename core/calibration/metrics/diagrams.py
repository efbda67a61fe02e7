"""Reliability diagrams as data: what a figure draws, without drawing it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from core.calibration.conventions import Rules
from core.calibration.metrics.corp import recalibrated
from core.calibration.metrics.cuts import STUDY, equal_mass_cuts, equal_width_cuts
from core.calibration.metrics.kde_ece import GRID, INSIDE, mirrored_densities
from core.calibration.metrics.pairs import Pairs, sorted_pairs, top_label
from core.calibration.metrics.undefined import Undefined
from core.calibration.predictions import Predictions
from core.errors import BadInput

RESAMPLES = 1000
LEVEL = 0.9
CURVE_POINTS = 201


def binned_diagram(
    pairs: Pairs,
    bins: int = 15,
    *,
    equal_mass: bool = False,
    rules: Rules = STUDY,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> pd.DataFrame:
    """Accuracy against confidence over bins, with consistency bars.

    The bars say where the accuracy of a bin would lie if the model were calibrated: central quantiles of the mean of
    k* ~ Bern(c) over the bin (Broecker and Smith 2007, Weather and Forecasting 22:651).

    Args:
        pairs: [n] sorted scores and outcomes.
        bins: Number of bins.
        equal_mass: Bins of equal mass instead of equal width.
        rules: Which edge of a bin is closed.
        level: Share of the bars.
        resamples: Draws of all outcomes.
        seed: Of the draws.

    Returns:
        A row for each bin that holds samples: `count`, `confidence`, `accuracy`, `low`, `high` (bar), `smallest` and
        `largest` score.
    """
    cut = equal_mass_cuts if equal_mass else equal_width_cuts
    cuts = np.unique(cut(pairs, bins, rules))
    sizes = np.diff(cuts)
    rng = np.random.default_rng(seed)
    shares = np.empty((resamples, sizes.size))
    for row in shares:
        row[:] = np.add.reduceat((rng.random(pairs.n) < pairs.scores).astype(np.float64), cuts[:-1]) / sizes
    low, high = np.quantile(shares, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return pd.DataFrame(
        {
            "count": sizes,
            "confidence": np.add.reduceat(pairs.scores, cuts[:-1]) / sizes,
            "accuracy": np.add.reduceat(pairs.outcomes, cuts[:-1]) / sizes,
            "low": low,
            "high": high,
            "smallest": pairs.scores[cuts[:-1]],
            "largest": pairs.scores[cuts[1:] - 1],
        }
    )


def kernel_diagram(
    pairs: Pairs, *, level: float = LEVEL, resamples: int = 200, points: int = CURVE_POINTS, seed: int = 0
) -> pd.DataFrame:
    """Accuracy as a smooth function of confidence (Nadaraya-Watson), with a bootstrap band.

    The triweight kernel, bandwidth and mirroring of the study's KDE-ECE, the same bandwidth for both densities.

    Args:
        pairs: [n] sorted scores and outcomes.
        level: Share of the band.
        resamples: Bootstrap samples.
        points: About twice as many points at most, see `spread_over`.
        seed: Of the bootstrap.

    Returns:
        `confidence`, `accuracy`, `low`, `high` and `density` where the density is at least a thousandth of its
        largest value.

    Raises:
        Undefined: All scores are (nearly) the same.
    """
    bandwidth = np.std(pairs.scores) * (2 * pairs.n) ** -0.2
    if bandwidth < 1e-4:
        raise Undefined("the confidences are all (nearly) the same, so there is no bandwidth")

    def curve(sample: Pairs) -> tuple[np.ndarray, np.ndarray]:
        weightings = np.full(sample.n, 1 / sample.n), sample.outcomes / sample.n
        every, of_right = mirrored_densities(sample.scores, weightings, bandwidth)
        seen = every > 1e-3 * every.max()
        return every, np.where(seen, np.clip(of_right / np.where(seen, every, 1.0), 0, 1), np.nan)

    inside = np.flatnonzero(INSIDE)
    at = inside[spread_over(GRID[inside], pairs.scores, points)]
    density, accuracy = curve(pairs)
    rng = np.random.default_rng(seed)
    again = np.empty((resamples, at.size))
    for row in again:
        times = np.bincount(rng.integers(0, pairs.n, pairs.n), minlength=pairs.n)
        row[:] = curve(Pairs(np.repeat(pairs.scores, times), np.repeat(pairs.outcomes, times)))[1][at]
    shown = np.isfinite(accuracy[at]) & np.isfinite(again).any(axis=0)
    low, high = np.nanquantile(again[:, shown], [(1 - level) / 2, (1 + level) / 2], axis=0)
    at = at[shown]
    return pd.DataFrame(
        {"confidence": GRID[at], "accuracy": accuracy[at], "low": low, "high": high, "density": density[at]}
    )


def corp_diagram(
    pairs: Pairs, *, level: float = LEVEL, resamples: int = 200, points: int = CURVE_POINTS, seed: int = 0
) -> pd.DataFrame:
    """The isotonic reliability curve, with the band in which it would lie if the model were calibrated.

    Dimitriadis, Gneiting and Jordan 2021 (arXiv 2008.03033), section 3: consistency bands by resampling the outcomes.

    Args:
        pairs: [n] sorted scores and outcomes.
        level: Share of the band.
        resamples: Draws of all outcomes.
        points: About twice as many scores at most, see `spread_over`.
        seed: Of the draws.

    Returns:
        `confidence`, `accuracy`, `low`, `high`, ascending in confidence.
    """
    rng = np.random.default_rng(seed)
    at = spread_over(pairs.scores, pairs.scores, points)
    fitted = recalibrated(pairs)
    ideal = np.empty((resamples, at.size))
    for row in ideal:
        row[:] = recalibrated(Pairs(pairs.scores, (rng.random(pairs.n) < pairs.scores).astype(np.float64)))[at]
    low, high = np.quantile(ideal, [(1 - level) / 2, (1 + level) / 2], axis=0)
    table = pd.DataFrame({"confidence": pairs.scores[at], "accuracy": fitted[at], "low": low, "high": high})
    return table.drop_duplicates("confidence", ignore_index=True)


def spread_over(places: np.ndarray, scores: np.ndarray, points: int) -> np.ndarray:
    """Positions in ascending `places` that are even in value, and others where the sorted scores are dense."""
    even = np.linspace(scores[0], scores[-1], points)
    dense = scores[np.linspace(0, scores.size - 1, points).round().astype(int)]
    return np.unique(np.minimum(np.searchsorted(places, np.concatenate([even, dense])), places.size - 1))


def confidence_histogram(pairs: Pairs, bins: int = 50) -> pd.DataFrame:
    """Counts of right and of wrong answers over bins of equal width: `low`, `high`, `right`, `wrong`."""
    cuts = equal_width_cuts(pairs, bins)
    right = np.diff(pairs.cumulative_outcomes[cuts]).astype(np.int64)
    edges = np.arange(bins + 1) / bins
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "right": right, "wrong": np.diff(cuts) - right})


def class_pairs(predictions: Predictions, k: int) -> Pairs:
    """The probability of class k, and whether it is the label: for diagrams of one class against the rest."""
    return sorted_pairs(predictions.probabilities[:, k], predictions.labels == k)


def diagrams_by_class(
    predictions: Predictions, diagram: Callable[[Pairs], pd.DataFrame] = binned_diagram
) -> pd.DataFrame:
    """The diagram of each class against the rest, stacked with a column `class`."""
    tables = (diagram(class_pairs(predictions, k)).assign(**{"class": k}) for k in range(predictions.classes))
    return pd.concat(tables, ignore_index=True)


def diagrams_by_group(
    predictions: Predictions, diagram: Callable[[Pairs], pd.DataFrame] = binned_diagram
) -> pd.DataFrame:
    """The diagram of the confidence in each user-given group, stacked with a column `group`.

    Raises:
        BadInput: The predictions have no groups.
    """
    if predictions.groups is None:
        raise BadInput("groups: none were given; add a column 'group' with one value for each row.")
    tables = (
        diagram(top_label(predictions.rows(predictions.groups == group))).assign(group=group)
        for group in np.unique(predictions.groups)
    )
    return pd.concat(tables, ignore_index=True)
