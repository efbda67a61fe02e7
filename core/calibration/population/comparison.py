"""Rows of the table `kendall`: one rank correlation each, with everything that is needed to believe it or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.calibration.metrics.uncertainty import percentile_interval
from core.calibration.population.kendall import p_value, resampling_weights, tau_b, tau_draws
from core.calibration.population.multiplicity import benjamini_hochberg
from core.calibration.population.reliability import Reliabilities, ceiling
from core.calibration.population.subset import Subset

COLUMNS = [
    "question",
    "dataset",
    "x",
    "y",
    "tau",
    "low",
    "high",
    "ceiling",
    "n",
    "p_value",
    "q_value",
    "subset",
    "direction",
    "accuracy_low",
    "accuracy_high",
]
FEWEST_ROWS = 3


@dataclass(frozen=True)
class Options:
    """How a study is made.

    Attributes:
        bins: number of bins of the binned metrics in questions that take one.
        resamples: of the models, for intervals.
        level: share of the intervals.
        seed: of the resamples.
        accurate: accuracy from which on a model counts as accurate (question v).
    """

    bins: int = 15
    resamples: int = 200
    level: float = 0.9
    seed: int = 0
    accurate: float = 0.9


def compare(
    question: str,
    dataset: str,
    subset: Subset,
    pairs: Iterable[tuple[str, str]],
    reliabilities: Reliabilities,
    options: Options,
) -> pd.DataFrame:
    """Rank correlations between columns of one subset; q-values are left to `combined`.

    Args:
        question: "i" to "vii".
        dataset: of the subset.
        subset: whose table has the columns.
        pairs: of columns; models that miss one of the two are left out of that pair.
        reliabilities: of the columns over the subset.
        options: resamples, level and seed.
    """
    rows = []
    for x, y in pairs:
        values = subset.table[[x, y]].to_numpy(np.float64)
        tau, low, high, p, n = _correlation(values, options)
        rows.append(
            {
                "question": question,
                "dataset": dataset,
                "x": x,
                "y": y,
                "tau": tau,
                "low": low,
                "high": high,
                "ceiling": ceiling(reliabilities.of(x), reliabilities.of(y)),
                "n": n,
                "p_value": p,
                "q_value": np.nan,
                "subset": subset.name,
                "direction": subset.direction,
                "accuracy_low": subset.accuracy_low,
                "accuracy_high": subset.accuracy_high,
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def combined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All rows together, with q-values by Benjamini and Hochberg over all of them."""
    filled = [table for table in tables if len(table)]
    table = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=COLUMNS)
    return table.assign(q_value=benjamini_hochberg(table["p_value"].to_numpy(np.float64)))


def _correlation(values: np.ndarray, options: Options) -> tuple[float, float, float, float, int]:
    """Tau, interval, p-value and number of models of two columns [n, 2]."""
    x, y = values[~np.isnan(values).any(axis=1)].T
    n = len(x)
    tau = tau_b(x, y) if n >= FEWEST_ROWS else np.nan
    if np.isnan(tau):
        return np.nan, np.nan, np.nan, np.nan, n
    generator = np.random.default_rng([options.seed, n])
    draws = tau_draws(x, y, resampling_weights(n, options.resamples, generator))
    draws = draws[np.isfinite(draws)]
    low, high = percentile_interval(draws, options.level) if draws.size else (np.nan, np.nan)
    return tau, low, high, p_value(x, y), n
