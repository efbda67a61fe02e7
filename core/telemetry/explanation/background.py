"""The rows whose SHAP values stand for all: half drawn at random, half where some covariate is at an end of its range."""

from __future__ import annotations

import numpy as np


def background_rows(values: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Rows for the picture of SHAP values over all rows.

    Random rows alone would hardly show what a covariate does where it is rarely: a heater at full power for three hours
    of half a year. They depend on the covariates alone, so all parameters share them.

    Args:
        values: [rows, covariates], NaN where unknown.
        count: how many rows at most.
        seed: of the drawing, and of the choice among equal values.

    Returns:
        Row numbers in ascending order, each once; none where every covariate is unknown.
    """
    rng = np.random.default_rng(seed)
    usable = rng.permutation(np.flatnonzero(~np.isnan(values).all(axis=1)))
    if len(usable) <= count:
        return np.sort(usable)
    drawn = usable[: count // 2]
    each = max((count - len(drawn)) // (2 * values.shape[1]), 1)
    ends: list[np.ndarray] = []
    for column in values.T:
        known = usable[~np.isnan(column[usable])]
        ordered = known[np.argsort(column[known], kind="stable")]
        ends += [ordered[:each], ordered[-each:]]
    return np.sort(_first_unique(np.concatenate([drawn, *ends, usable]), count))


def _first_unique(rows: np.ndarray, count: int) -> np.ndarray:
    """The first `count` different ones, in their order."""
    _, first = np.unique(rows, return_index=True)
    return rows[np.sort(first)[:count]]
