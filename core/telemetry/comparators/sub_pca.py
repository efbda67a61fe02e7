"""Principal component analysis of windows: distance within the subspace and from it."""

from __future__ import annotations

import numpy as np

from core.telemetry.comparators.scaling import scaled
from core.telemetry.comparators.subspace import fit_subspace
from core.telemetry.comparators.windows import nominal_windows, scores_by_window

MOST_FITTED = 10_000
WIDTH = 20


def sub_pca(values: np.ndarray, nominal: np.ndarray, seed: int = 0, width: int = WIDTH) -> np.ndarray:
    """[rows] T^2 + Q of the windows around a row, each divided by its nominal 0.99 quantile.

    The two statistics of multivariate process control (Jackson and Mudholkar 1979) on subsequences.

    Args:
        values: [rows, channels]; NaN is missing.
        nominal: [rows] bool, the rows to learn from.
        seed: without effect.
        width: rows of a window.

    Raises:
        BadInput: sizes that don't match, nothing that moves, or too few nominal rows.
    """
    data = scaled(values, nominal)
    learned = nominal_windows(data, width, MOST_FITTED)
    subspace = fit_subspace(learned)
    usual = [np.quantile(statistic, 0.99) for statistic in subspace.statistics(learned)]

    def score(points: np.ndarray) -> np.ndarray:
        return sum(
            (
                statistic / divisor
                for statistic, divisor in zip(subspace.statistics(points), usual, strict=True)
                if divisor
            ),
            start=np.zeros(len(points)),
        )

    return scores_by_window(data, width, score)
