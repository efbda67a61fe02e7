"""Entropies of the predictions, as histograms: what TempNet does beside what it is said to do."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd


def entropy_of(log_probabilities: np.ndarray) -> np.ndarray:
    """[n] entropy of each row in nats, from log-probabilities [n, K]."""
    p = np.exp(log_probabilities)
    return -(p * np.where(p > 0, log_probabilities, 0.0)).sum(axis=1)


def entropy_histogram(log_probabilities: Mapping[str, np.ndarray], bins: int = 50) -> pd.DataFrame:
    """Share of the rows in each bin of entropy, for several methods on one axis from 0 to log K.

    Args:
        log_probabilities: method -> [n, K].
        bins: number of bins.

    Returns:
        Columns `method`, `low` and `high` (nats) and `share` (sums to one for each method).
    """
    parts = []
    for method, logs in log_probabilities.items():
        limit = float(np.log(logs.shape[1]))
        counts, edges = np.histogram(np.clip(entropy_of(logs), 0.0, limit), bins=bins, range=(0.0, limit))
        columns = {"method": method, "low": edges[:-1], "high": edges[1:], "share": counts / len(logs)}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)
