"""Box statistics: of the ECE over bin counts, beside the floor of the estimator, and over brackets of an attribute."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.calibration.population.attributes import MOST_LEVELS
from core.calibration.population.schema import ACCURACY, STAGES, Stage, metric_column
from core.calibration.population.table import Population

MOST_BRACKETS = 6
STATISTICS = ("n", "mean", "whisker_low", "q1", "median", "q3", "whisker_high", "outliers")


def box(values: np.ndarray) -> dict[str, float]:
    """Tukey's box: quartiles, and whiskers at the last values within 1.5 interquartile ranges of them.

    Args:
        values: any numbers; missing ones don't count.
    """
    known = np.sort(values[np.isfinite(values)])
    if not known.size:
        return dict(zip(STATISTICS, (0, *[np.nan] * 6, 0), strict=True))
    q1, median, q3 = np.quantile(known, [0.25, 0.5, 0.75])
    reach = 1.5 * (q3 - q1)
    inside = known[(known >= q1 - reach) & (known <= q3 + reach)]
    outliers = known.size - inside.size
    return dict(
        zip(STATISTICS, (known.size, known.mean(), inside[0], q1, median, q3, inside[-1], outliers), strict=True)
    )


def bin_boxes(population: Population, samples: int | None = None) -> pd.DataFrame:
    """The ECE of all models at each bin count, and what a perfectly calibrated model would show there.

    Args:
        population: with ECE columns.
        samples: n of each model, where only metrics are known: gives an upper bound of the floor.

    Returns:
        `dataset`, `stage`, `bins`, the box, `floor` (median over models; missing where unknown), `floor_kind`
        ("measured", "bound" or ""), `floor_share` (of the median).
    """
    rows = []
    for dataset in population.datasets:
        table = population.of(dataset)
        for stage in STAGES:
            for b in population.bins:
                column = metric_column(stage, "ece", b)
                if column not in table:
                    continue
                floor, kind = _floor(table, stage, b, samples)
                found = box(table[column].to_numpy(np.float64))
                share = floor / found["median"] if found["median"] > 0 else np.nan
                rows.append(
                    {"dataset": dataset, "stage": stage, "bins": b}
                    | found
                    | {"floor": floor, "floor_kind": kind, "floor_share": share}
                )
    return pd.DataFrame(rows)


def attribute_boxes(population: Population, error: str) -> pd.DataFrame:
    """A metric over the values of each attribute, or over up to six brackets with about equally many models.

    Returns:
        `dataset`, `attribute`, `bracket` (text), `position` (order of the bracket), the box of the metric, and
        `accuracy` (median).
    """
    rows = []
    for dataset in population.datasets:
        table = population.of(dataset)
        for attribute in population.attributes:
            for position, (bracket, models) in enumerate(_brackets(table[attribute])):
                rows.append(
                    {"dataset": dataset, "attribute": attribute, "bracket": bracket, "position": position}
                    | box(table.loc[models, error].to_numpy(np.float64))
                    | {"accuracy": float(table.loc[models, ACCURACY].median())}
                )
    return pd.DataFrame(rows)


def _floor(table: pd.DataFrame, stage: Stage, bins: int, samples: int | None) -> tuple[float, str]:
    column = f"{stage}_floor_{bins}"
    if column in table:
        return float(table[column].median()), "measured"
    if samples is None:
        return np.nan, ""
    confidence = _mean_confidence(table, stage)
    return float((np.sqrt(2 / np.pi * confidence * (1 - confidence) * bins / samples)).median()), "bound"


def _mean_confidence(table: pd.DataFrame, stage: Stage) -> pd.Series:
    """Known before scaling; after it, a model is about as confident as it is accurate.

    c (1 - c) is concave, so the floor at the mean confidence is an upper bound of the mean floor.
    """
    names = ["correct_confidence", "incorrect_confidence"]
    if stage == "post" or any(name not in table for name in names):
        return table[ACCURACY]
    right, wrong = (table[name].astype(np.float64) for name in names)
    return table[ACCURACY] * right + (1 - table[ACCURACY]) * wrong


def _brackets(values: pd.Series) -> list[tuple[str, pd.Series]]:
    """Text and mask of each bracket, in order; none for text of too many kinds, which names models."""
    kinds = sorted(values.dropna().unique(), key=lambda kind: (isinstance(kind, str), kind))
    numeric = pd.api.types.is_numeric_dtype(values)
    if len(kinds) <= (MOST_BRACKETS if numeric else MOST_LEVELS):
        return [(f"{kind:g}" if isinstance(kind, float) else str(kind), values == kind) for kind in kinds]
    if not numeric:
        return []
    cut = pd.qcut(values, MOST_BRACKETS, duplicates="drop")
    return [(_span(values[cut == one]), cut == one) for one in cut.cat.categories]


def _span(values: pd.Series) -> str:
    low, high = f"{values.min():g}", f"{values.max():g}"
    return low if low == high else f"{low} to {high}"
