"""The hybrid score of accuracy and calibration."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.calibration.population.schema import ACCURACY, DATASET, MODEL
from core.calibration.population.table import Population

SHOWN = 20


def hcs(accuracy: np.ndarray, error: np.ndarray, beta: float = 1.0) -> np.ndarray:
    """HCS_beta = (1 + beta) acc (1 - ECE) / (beta acc + (1 - ECE)), the weighted harmonic mean of acc and 1 - ECE.

    A Benchmark Study on Calibration (arXiv 2308.11838), question vii. As beta grows it approaches 1 - ECE.

    Args:
        accuracy: [n] in [0, 1].
        error: [n] ECE in [0, 1].
        beta: weight of calibration.

    Example:
        >>> round(float(hcs(np.array(0.8), np.array(0.2))), 12)  # both are 0.8, so is their mean
        0.8
    """
    calibration = 1 - error
    with np.errstate(invalid="ignore", divide="ignore"):
        return (1 + beta) * accuracy * calibration / (beta * accuracy + calibration)


def top_by_hcs(population: Population, error: str, beta: float = 1.0, count: int = SHOWN) -> pd.DataFrame:
    """The best models of each data set by HCS.

    Args:
        population: with `acc` and the error.
        error: column of the ECE.
        beta: weight of calibration.
        count: models shown.

    Returns:
        `dataset`, `rank` from 1, `model`, `hcs`, `acc`, the error, and the attributes; models without the error are
        left out.
    """
    tables = []
    for dataset in population.datasets:
        table = population.of(dataset).reset_index()[[MODEL, ACCURACY, error, *population.attributes]]
        scores = hcs(table[ACCURACY].to_numpy(), table[error].to_numpy(), beta)
        table = table.assign(hcs=scores, **{DATASET: pd.Series(dataset, table.index)})
        kept = table.dropna(subset="hcs").sort_values("hcs", ascending=False, kind="stable").head(count)
        kept.insert(0, "rank", range(1, len(kept) + 1))
        tables.append(kept[[DATASET, "rank", MODEL, "hcs", ACCURACY, error, *population.attributes]])
    return pd.concat(tables, ignore_index=True)
