"""The seven questions of the study, each as rank correlations over models.

A Benchmark Study on Calibration (arXiv 2308.11838); the numbers are its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations, product

import pandas as pd

from core.calibration.population.attributes import indicators
from core.calibration.population.comparison import Options, combined, compare
from core.calibration.population.reliability import Reliabilities
from core.calibration.population.schema import ACCURACY, BINNED, PUBLISHED_NAMES, STAGES, Stage, metric_column
from core.calibration.population.subset import FEWEST, Subset, above, best, everyone, nested_best
from core.calibration.population.table import Population

ACROSS_METRICS = ("ece", "ece_em", "cwce", "cwce_em", "ks", "kde_ece", "mmce")  # the published figure's
PUBLISHED_TOP = 100


def across_datasets(population: Population, options: Options) -> pd.DataFrame:
    """i: does a metric rank the same models alike on different data sets?

    Every pair of a metric on one data set and a metric on another, over the models that both have, joined by id; all
    models, and the 100 most accurate on the first where there are more. Empty for one data set.
    """
    tables = []
    metrics = _columns(population, "pre", options.bins, ACROSS_METRICS)
    for first, second in combinations(population.datasets, 2):
        own, other = population.of(first), population.of(second)
        shared = own.index.intersection(other.index)
        if not len(shared):
            continue
        joined = own.loc[shared, [ACCURACY]]
        joined = joined.join(own.loc[shared, metrics].add_prefix(f"{first}: "))
        joined = joined.join(other.loc[shared, metrics].add_prefix(f"{second}: "))
        subsets = [everyone(joined)] + ([best(joined, PUBLISHED_TOP)] if len(joined) > PUBLISHED_TOP else [])
        pairs = [(f"{first}: {x}", f"{second}: {y}") for x, y in product(metrics, metrics)]
        for subset in subsets:
            between = _Across(population, first, second, subset.table.index)
            tables.append(compare("i", f"{first} / {second}", subset, pairs, between, options))
    return combined(tables)


def robustness(population: Population, options: Options) -> pd.DataFrame:
    """ii: does calibration tell robustness? The ECE against every robustness column, over nested best subsets."""
    error = _columns(population, "pre", options.bins, ("ece",))
    pairs = list(product(error, population.robustness))
    return _within("ii", population, options, nested_best, pairs)


def metric_reliability(population: Population, options: Options) -> pd.DataFrame:
    """iii: do the metrics agree with each other? All pairs of metrics before temperature scaling."""
    names = _columns(population, "pre", options.bins, tuple(PUBLISHED_NAMES))
    return _within("iii", population, options, _all, list(combinations(names, 2)))


def temperature_scaling(population: Population, options: Options) -> pd.DataFrame:
    """iv: does temperature scaling improve all alike? ECE before against ECE after, for all pairs of bin counts.

    A tau near zero means little where the ceiling is near zero too.
    """
    pre, post = (_of_bins(population, stage) for stage in STAGES)
    return _within("iv", population, options, _all, list(product(pre, post)))


def accuracy(population: Population, options: Options) -> pd.DataFrame:
    """v: are accurate models better calibrated? Accuracy against every metric, over nested subsets of the best."""
    names = _columns(population, "pre", options.bins, tuple(PUBLISHED_NAMES))

    def subsets(table: pd.DataFrame) -> list[Subset]:
        accurate = above(table, options.accurate)
        return nested_best(table) + ([accurate] if FEWEST <= len(accurate.table) < len(table) else [])

    return _within("v", population, options, subsets, [(ACCURACY, name) for name in names])


def bin_count(population: Population, options: Options) -> pd.DataFrame:
    """vi: does the number of bins matter? ECE against ECE at all pairs of bin counts, before and after scaling."""
    pairs = [pair for stage in STAGES for pair in combinations(_of_bins(population, stage), 2)]
    return _within("vi", population, options, _all, pairs)


def architecture(population: Population, options: Options) -> pd.DataFrame:
    """vii: which designs are well calibrated? Attributes against the ECE before and after, and against accuracy."""
    errors = [name for stage in STAGES for name in _columns(population, stage, options.bins, ("ece",))]
    tables = []
    for dataset in population.datasets:
        table = population.of(dataset)
        designs = indicators(table[list(population.attributes)])
        subset = everyone(table[[ACCURACY, *errors]].join(designs))
        own = Reliabilities(population, dataset, table.index, tuple(designs.columns))
        pairs = list(product(designs.columns, [*errors, ACCURACY]))
        tables.append(compare("vii", dataset, subset, pairs, own, options))
    return combined(tables)


QUESTIONS: dict[str, Callable[[Population, Options], pd.DataFrame]] = {
    "i": across_datasets,
    "ii": robustness,
    "iii": metric_reliability,
    "iv": temperature_scaling,
    "v": accuracy,
    "vi": bin_count,
    "vii": architecture,
}
TITLES = {
    "i": "Across data sets",
    "ii": "Robustness",
    "iii": "Agreement of metrics",
    "iv": "Effect of temperature scaling",
    "v": "Accuracy",
    "vi": "Number of bins",
    "vii": "Architecture",
}


def study(population: Population, options: Options) -> pd.DataFrame:
    """All seven questions in one table, with q-values over all their pairs."""
    return combined([question(population, options) for question in QUESTIONS.values()])


class _Across(Reliabilities):
    """Reliability of columns of two data sets, each called "dataset: column"."""

    def __init__(self, population: Population, first: str, second: str, models: pd.Index) -> None:
        self._parts = {name: Reliabilities(population, name, models, ()) for name in (first, second)}

    def of(self, column: str) -> float:
        dataset, _, name = column.rpartition(": ")
        return self._parts[dataset].of(name)


def _all(table: pd.DataFrame) -> list[Subset]:
    return [everyone(table)]


def _within(
    question: str,
    population: Population,
    options: Options,
    subsets: Callable[[pd.DataFrame], list[Subset]],
    pairs: list[tuple[str, str]],
) -> pd.DataFrame:
    """The same pairs over the same kinds of subsets of every data set."""
    tables = []
    for dataset in population.datasets:
        for subset in subsets(population.of(dataset)):
            own = Reliabilities(population, dataset, subset.table.index, ())
            tables.append(compare(question, dataset, subset, pairs, own, options))
    return combined(tables)


def _columns(population: Population, stage: Stage, bins: int, metrics: Iterable[str]) -> list[str]:
    """Those of the metrics that the table has, at the number of bins or the nearest that it has."""
    nearest = min(population.bins, key=lambda b: abs(b - bins), default=bins)
    names = [metric_column(stage, metric, nearest if metric in BINNED else None) for metric in metrics]
    return [name for name in names if name in population.table]


def _of_bins(population: Population, stage: Stage) -> list[str]:
    names = [metric_column(stage, "ece", b) for b in population.bins]
    return [name for name in names if name in population.table]
