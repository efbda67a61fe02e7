"""Canonical (whole-vector) calibration error by a Dirichlet kernel, with its refusal rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, logsumexp

from core.calibration.predictions import Predictions, row_blocks

BANDWIDTHS = tuple(float(h) for h in np.geomspace(1e-4, 1.0, 9))
FEWEST_NEIGHBOURS = 10.0
MOST_ROWS = 2_000


@dataclass(frozen=True)
class CanonicalKde:
    """The estimate and whether it can be believed.

    Attributes:
        value: The calibration error, NaN if refused.
        bandwidth: h of the Dirichlet kernel, the one with the best leave-one-out likelihood.
        neighbours: Median over the points of the effective number of neighbours.
        rows: Rows that were used.
        refused: Why there is no value; empty if there is one.
    """

    value: float
    bandwidth: float
    neighbours: float
    rows: int
    refused: str


def canonical_kde_ece(
    predictions: Predictions, *, bandwidths: tuple[float, ...] = BANDWIDTHS, most_rows: int = MOST_ROWS, seed: int = 0
) -> CanonicalKde:
    """mean_j ||sum_{i != j} k(f_j; f_i) y_i / sum_{i != j} k(f_j; f_i) - f_j||_1 with k the Dirichlet(f_i / h + 1).

    Popordanoska et al. 2022 (arXiv 2210.07810), equation 9, the bandwidth by leave-one-out likelihood. In many
    dimensions a few points dominate each sum and the estimate is noise (Biroli and Mezard, arXiv 2408.05807), so the
    effective number of neighbours (sum w)^2 / sum w^2 is reported, and below a median of 10 there is no value.

    Args:
        predictions: [n, K].
        bandwidths: Candidates for h.
        most_rows: The cost is n^2: of more rows than this, a random part is used.
        seed: Of that part.
    """
    part = _part(predictions, most_rows, seed)
    logs = np.log(np.clip(part.probabilities, 1e-12, None))  # the kernel has no density at the boundary
    tables = ((h, _log_kernel(part.probabilities, logs, h)) for h in bandwidths)
    bandwidth = max(tables, key=lambda entry: float(logsumexp(entry[1], axis=0).sum()))[0]
    log_kernel = _log_kernel(part.probabilities, logs, bandwidth)
    weights = np.exp(log_kernel - log_kernel.max(axis=0))
    weights /= weights.sum(axis=0)
    neighbours = float(np.median(1 / (weights**2).sum(axis=0)))
    if neighbours < FEWEST_NEIGHBOURS:
        refused = (
            f"each point has an effective number of {neighbours:.1f} neighbours (median; {FEWEST_NEIGHBOURS:g} are "
            "needed), so the estimate would be noise: read the top-label and classwise errors"
        )
        return CanonicalKde(np.nan, bandwidth, neighbours, part.n, refused)
    expected = np.stack([weights[part.labels == k].sum(axis=0) for k in range(part.classes)], axis=1)
    value = float(np.abs(expected - part.probabilities).sum(axis=1).mean())
    return CanonicalKde(value, bandwidth, neighbours, part.n, "")


def _part(predictions: Predictions, most_rows: int, seed: int) -> Predictions:
    if predictions.n <= most_rows:
        return predictions
    return predictions.rows(np.sort(np.random.default_rng(seed).permutation(predictions.n)[:most_rows]))


def _log_kernel(p: np.ndarray, logs: np.ndarray, bandwidth: float) -> np.ndarray:
    """[i, j] log density at f_j of the Dirichlet around f_i; minus infinity for i = j."""
    n, classes = p.shape
    norm = gammaln(1 / bandwidth + classes) - gammaln(p / bandwidth + 1).sum(axis=1)
    table = np.empty((n, n))
    for rows in row_blocks(n, n):
        table[rows] = p[rows] @ logs.T / bandwidth + norm[rows, None]
    np.fill_diagonal(table, -np.inf)
    return table
