"""How well a rank correlation could be at all, given the noise of the samples: split halves.

The samples are cut at random in two halves and every metric is measured on both. The rank correlation of a metric
with itself across the halves is its reliability at half the samples.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.calibration.population.kendall import tau_b
from core.calibration.population.schema import ACCURACY, DATASET, MODEL, is_metric
from core.calibration.population.table import Population, names

SPLIT = "split"


def split_half_tau(first: pd.DataFrame, second: pd.DataFrame, column: str) -> float:
    """Mean over splits of the tau-b of a metric between the halves; missing where no split has two values.

    Args:
        first: a row a model and `split`, measured on one half.
        second: the same on the other half.
        column: of the metric.

    Raises:
        ValueError: the two tables don't list the same models and splits in the same order.
    """
    keys = [SPLIT, MODEL]
    if not first[keys].reset_index(drop=True).equals(second[keys].reset_index(drop=True)):
        raise ValueError("the halves list different models or splits")
    if column not in first:
        return np.nan
    own, other = first[column].to_numpy(np.float64), second[column].to_numpy(np.float64)
    splits = first[SPLIT].to_numpy()
    found = []
    for split in np.unique(splits):
        known = (splits == split) & ~np.isnan(own) & ~np.isnan(other)
        found.append(tau_b(own[known], other[known]) if known.sum() > 1 else np.nan)
    return float(np.nanmean(found)) if np.isfinite(found).any() else np.nan


def full_reliability(half_tau: float) -> float:
    """From the tau of two halves to the reliability of the whole, a product-moment correlation.

    Greiner's relation r = sin(pi tau / 2) for a normal copula, then Spearman and Brown 1910: 2 r / (1 + r). A negative
    tau is noise and counts as no reliability.
    """
    correlation = np.sin(np.pi / 2 * max(half_tau, 0.0))
    return float(2 * correlation / (1 + correlation))


def ceiling(reliability_x: float, reliability_y: float) -> float:
    """The tau that two measures of one and the same ranking would show: (2/pi) asin sqrt(rho_x rho_y).

    Spearman 1904, attenuation, brought to tau by Greiner's relation. Measures on the same samples share noise, so
    their tau can lie above it.
    """
    product = (
        min(max(reliability_x * reliability_y, 0.0), 1.0) if np.isfinite(reliability_x * reliability_y) else np.nan
    )
    return float(2 / np.pi * np.arcsin(np.sqrt(product)))


class Reliabilities:
    """Reliability of each column over the models of a subset; an attribute has no noise of measurement.

    Columns are measured when they are first asked for.
    """

    def __init__(self, population: Population, dataset: str, models: pd.Index, exact: tuple[str, ...]) -> None:
        self._exact, self._known = frozenset(exact), dict[str, float]()
        self._halves: tuple[pd.DataFrame, pd.DataFrame] | None = None
        if population.first_halves is not None and population.second_halves is not None:
            first, second = population.first_halves, population.second_halves
            keep = ((first[DATASET] == dataset) & first[MODEL].isin(models)).to_numpy()
            self._halves = first[keep], second[keep]

    def half_tau(self, column: str) -> float:
        """Tau between the halves; missing where no halves are known."""
        if self._halves is None:
            return np.nan
        if column not in self._known:
            self._known[column] = split_half_tau(*self._halves, column)
        return self._known[column]

    def of(self, column: str) -> float:
        """Reliability of the whole, from 0 to 1."""
        return 1.0 if column in self._exact else full_reliability(self.half_tau(column))


def reliability_table(population: Population) -> pd.DataFrame:
    """Each metric's split-half tau and what follows from it, best first.

    Returns:
        `dataset`, `metric` (column), `tau` (between halves), `reliability` (of all samples), `ceiling` (tau with
        another measure of the same ranking and the same reliability), `splits`; empty without halves.
    """
    columns = ["dataset", "metric", "tau", "reliability", "ceiling", "splits"]
    if population.first_halves is None:
        return pd.DataFrame(columns=columns)
    rows = []
    for dataset in population.datasets:
        own = Reliabilities(population, dataset, population.of(dataset).index, ())
        for column in names(population.first_halves):
            if is_metric(column) or column == ACCURACY:
                tau, splits = own.half_tau(column), population.first_halves[SPLIT].nunique()
                whole = own.of(column)
                rows.append((dataset, column, tau, whole, ceiling(whole, whole), splits))
    return pd.DataFrame(rows, columns=columns).sort_values(
        ["dataset", "tau"], ascending=[True, False], ignore_index=True
    )
