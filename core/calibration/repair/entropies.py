"""Entropies of the predictions, as histograms: what TempNet does beside what it is said to do."""

from __future__ import annotations

import numpy as np
import pandas as pd


def entropy_of(log_probabilities: np.ndarray) -> np.ndarray:
    """[n] entropy of each row in nats, from log-probabilities [n, K]."""
    p = np.exp(log_probabilities)
    return -(p * np.where(p > 0, log_probabilities, 0.0)).sum(axis=1)


def entropy_histogram(method: str, log_probabilities: np.ndarray, bins: int = 50) -> pd.DataFrame:
    """Share of the rows in each bin of entropy, on an axis from 0 to log K.

    Args:
        method: goes into the column `method`.
        log_probabilities: [n, K].
        bins: number of bins.

    Returns:
        Columns `method`, `low` and `high` (nats) and `share` (sums to one).
    """
    limit = float(np.log(log_probabilities.shape[1]))
    counts, edges = np.histogram(np.clip(entropy_of(log_probabilities), 0.0, limit), bins=bins, range=(0.0, limit))
    shares = counts / len(log_probabilities)
    return pd.DataFrame({"method": method, "low": edges[:-1], "high": edges[1:], "share": shares})
