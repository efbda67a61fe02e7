"""Canonical (whole-vector) calibration error by a Dirichlet kernel, with its refusal rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.special import gammaln, logsumexp

from core.calibration.metrics.resampling import bootstrap_counts, calibrated_labels
from core.calibration.metrics.uncertainty import consistency_p_value, error_interval
from core.calibration.predictions import Predictions, row_blocks

BANDWIDTHS = tuple(float(h) for h in np.geomspace(1e-4, 1.0, 9))
FEWEST_NEIGHBOURS = 10.0
MOST_ROWS = 2_000


@dataclass(frozen=True)
class CanonicalKde:
    """The estimate and whether it can be believed.

    Attributes:
        value: The calibration error, NaN if refused.
        low: Lower end of its interval, NaN if refused.
        high: Upper end.
        floor: Its mean under a perfectly calibrated model with the same probabilities.
        p_value: Share of the values of that model that are as large.
        bandwidth: h of the Dirichlet kernel, the one with the best leave-one-out likelihood.
        neighbours: Median over the points of the effective number of neighbours.
        rows: Rows that were used.
        refused: Why there is no value; empty if there is one.
    """

    value: float
    low: float
    high: float
    floor: float
    p_value: float
    bandwidth: float
    neighbours: float
    rows: int
    refused: str


def canonical_kde_ece(
    predictions: Predictions,
    *,
    bandwidths: tuple[float, ...] = BANDWIDTHS,
    most_rows: int = MOST_ROWS,
    resamples: int = 100,
    level: float = 0.9,
    seed: int = 0,
) -> CanonicalKde:
    """mean_j ||sum_{i != j} k(f_j; f_i) y_i / sum_{i != j} k(f_j; f_i) - f_j||_1 with k the Dirichlet(f_i / h + 1).

    Popordanoska et al. 2022 (arXiv 2210.07810), equation 9, the bandwidth by leave-one-out likelihood. In many
    dimensions a few points dominate each sum and the estimate is noise (Biroli and Mezard, arXiv 2408.05807), so the
    effective number of neighbours (sum w)^2 / sum w^2 is reported, and below a median of 10 there is no value. There
    is none either when the widest kernel fits best: it averages over nearly all points, wherever they lie.

    Args:
        predictions: [n, K].
        bandwidths: Candidates for h.
        most_rows: The cost is n^2: of more rows than this, a random part is used.
        resamples: Bootstrap samples, and labellings by the calibrated model; the bandwidth is kept.
        level: Share of the interval.
        seed: Of that part and of the resampling.
    """
    rng = np.random.default_rng(seed)
    part = predictions
    if part.n > most_rows:
        part = predictions.rows(np.sort(rng.permutation(predictions.n)[:most_rows]))
    if part.n <= FEWEST_NEIGHBOURS:
        few = f"{part.n} rows can't give a point {FEWEST_NEIGHBOURS:g} neighbours: read the top-label errors"
        return CanonicalKde(np.nan, np.nan, np.nan, np.nan, np.nan, np.nan, np.nan, part.n, few)
    logs = np.log(np.clip(part.probabilities, 1e-12, None))  # the kernel has no density at the boundary
    fits = {h: float(logsumexp(_log_kernel(part.probabilities, logs, h), axis=0).sum()) for h in bandwidths}
    bandwidth = max(fits, key=lambda h: fits[h])
    log_kernel = _log_kernel(part.probabilities, logs, bandwidth)
    kernel = np.exp(log_kernel - log_kernel.max(axis=0))
    neighbours = float(np.median(kernel.sum(axis=0) ** 2 / (kernel**2).sum(axis=0)))
    refused = _refusal(neighbours, part.n, bandwidth, bandwidths)
    if refused:
        return CanonicalKde(np.nan, np.nan, np.nan, np.nan, np.nan, bandwidth, neighbours, part.n, refused)
    once = np.ones(part.n)
    value = _error(kernel, part, part.labels, once)
    drawn = np.array([_error(kernel, part, part.labels, times) for times in bootstrap_counts(part.n, resamples, rng)])
    ideal = np.array([_error(kernel, part, labels, once) for labels in calibrated_labels(part, resamples, rng)])
    low, high = error_interval(value, drawn, ideal, level)
    p_value = consistency_p_value(value, ideal, rng)
    return CanonicalKde(value, low, high, float(ideal.mean()), p_value, bandwidth, neighbours, part.n, "")


def _refusal(neighbours: float, n: int, bandwidth: float, bandwidths: tuple[float, ...]) -> str:
    instead = "read the top-label and classwise errors"
    if neighbours < FEWEST_NEIGHBOURS:
        return (
            f"each point has an effective number of {neighbours:.1f} neighbours (median; {FEWEST_NEIGHBOURS:g} are "
            f"needed), so the estimate would be noise: {instead}"
        )
    if len(bandwidths) > 1 and bandwidth == max(bandwidths) and neighbours > n / 2:
        return (
            f"the widest kernel fits best and each point averages over {neighbours:,.0f} of {n:,} others, so the "
            f"estimate would say nothing of the place: {instead}"
        )
    return ""


def _error(kernel: np.ndarray, part: Predictions, labels: np.ndarray, times: np.ndarray) -> float:
    """The estimate with rows weighted by `times` [n]."""
    members = csr_array((times, (labels, np.arange(part.n))), shape=(part.classes, part.n))
    sums = members @ kernel
    total = sums.sum(axis=0)
    known = total > 0
    sums /= np.where(known, total, 1.0)
    distance = np.abs(sums.T - part.probabilities).sum(axis=1)
    return float(distance[known] @ times[known] / times[known].sum())


def _log_kernel(p: np.ndarray, logs: np.ndarray, bandwidth: float) -> np.ndarray:
    """[i, j] log density at f_j of the Dirichlet around f_i; minus infinity for i = j."""
    n, classes = p.shape
    norm = gammaln(1 / bandwidth + classes) - gammaln(p / bandwidth + 1).sum(axis=1)
    table = np.empty((n, n))
    for rows in row_blocks(n, n):
        table[rows] = p[rows] @ logs.T / bandwidth + norm[rows, None]
    np.fill_diagonal(table, -np.inf)
    return table
