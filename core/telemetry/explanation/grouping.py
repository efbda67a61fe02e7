"""From features back to physical covariates: SHAP values add up, so those of one covariate's features may be summed."""

from __future__ import annotations

import numpy as np


def by_covariate(shap: np.ndarray, covariate_of: np.ndarray, covariates: int) -> np.ndarray:
    """Sums the SHAP values of each covariate's features.

    Args:
        shap: [..., features].
        covariate_of: [features] the covariate that each belongs to.
        covariates: how many there are.

    Returns:
        [..., covariates] float64; the sum over the last axis is unchanged.
    """
    belongs = np.zeros((len(covariate_of), covariates))
    belongs[np.arange(len(covariate_of)), covariate_of] = 1.0
    return np.asarray(shap, dtype=np.float64) @ belongs


def order_of(sizes: np.ndarray) -> np.ndarray:
    """The rank of each entry, 1 for the largest; equals keep the order of the columns.

    >>> order_of(np.array([0.2, 3.0, 1.0]))
    array([3, 1, 2])
    """
    order = np.empty(len(sizes), dtype=np.int64)
    order[np.argsort(-sizes, kind="stable")] = np.arange(1, len(sizes) + 1)
    return order
