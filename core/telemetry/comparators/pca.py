"""Reconstruction error of a principal component analysis."""

from __future__ import annotations

import numpy as np

from core.telemetry.comparators.scaling import scaled
from core.telemetry.comparators.subspace import fit_subspace
from core.telemetry.comparators.windows import nominal_windows, scores_by_window, usual_width

MOST_FITTED = 20_000


def pca(values: np.ndarray, nominal: np.ndarray, seed: int = 0) -> np.ndarray:
    """[rows] squared distance from the subspace that holds 90 % of the nominal variance.

    Of single rows; with at most 10 channels, of windows of 20 rows. Among the strongest methods on TSB-AD-M (Liu and
    Paparrizos 2024), as simple as it is.

    Args:
        values: [rows, channels]; NaN is missing.
        nominal: [rows] bool, the rows to learn from.
        seed: without effect.

    Raises:
        BadInput: sizes that don't match, nothing that moves, or too few nominal rows.
    """
    data = scaled(values, nominal)
    width = usual_width(data.values.shape[1])
    subspace = fit_subspace(nominal_windows(data, width, MOST_FITTED))
    return scores_by_window(data, width, lambda points: subspace.statistics(points)[1])
