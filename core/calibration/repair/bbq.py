"""Bayesian binning into quantiles: an average over equal-mass histograms of many sizes.

Naeini, Cooper and Hauskrecht 2015 (AAAI, "Obtaining well calibrated probabilities using Bayesian binning"),
equations 1 to 4. Each histogram with B bins has independent beta priors in its bins (strength N' / B with N' = 2,
centred at the middle of the bin); it weighs as much as its marginal likelihood. B runs from n^(1/3) / 10 to
10 n^(1/3). The average of histograms is one step function over the union of their edges.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaln

from core.calibration.repair.recalibrator import Recalibrator
from core.calibration.repair.scores import check_table_size
from core.calibration.repair.tables import Table, merged_steps, one_vs_rest

SPREAD = 10.0  # C of the paper
PRIOR = 2.0  # N' of the paper
NEGLIGIBLE = 1e-12  # relative weight below which a histogram is left out


def fit(scores: np.ndarray, labels: np.ndarray) -> Recalibrator:
    """BBQ of each class against the rest, renormalised."""
    check_table_size(scores, "bbq")
    return one_vs_rest("bbq", "steps", scores, labels, bbq_table)


def bbq_table(c: np.ndarray, outcomes: np.ndarray) -> Table:
    """Edges and values of the average over histograms, as steps.

    Args:
        c: [n] probabilities.
        outcomes: [n] 0 or 1.
    """
    order = np.argsort(c, kind="stable")
    c, outcomes = c[order], outcomes[order]
    sums = np.concatenate([[0.0], np.cumsum(outcomes)])
    root = len(c) ** (1 / 3)
    sizes = range(max(1, int(root / SPREAD)), min(len(c), int(np.ceil(root * SPREAD))) + 1)
    models = [_histogram(c, sums, bins) for bins in sizes]
    evidence = np.array([model[2] for model in models])
    weights = np.exp(evidence - evidence.max())
    weights /= weights.sum()
    kept = [(edges, values, w) for (edges, values, _), w in zip(models, weights, strict=True) if w > NEGLIGIBLE]
    union = np.unique(np.concatenate([edges for edges, _, _ in kept]))
    inside = np.append(union, np.inf)  # a point of each step of the union
    mean = sum(w * values[np.searchsorted(edges, inside)] for edges, values, w in kept)
    return merged_steps(union, np.asarray(mean) / sum(w for _, _, w in kept))


def _histogram(c: np.ndarray, sums: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Inner edges, posterior means and log evidence of one equal-mass histogram; ties share a bin."""
    starts = np.arange(1, bins) * len(c) // bins
    edges = np.unique((c[starts - 1] + c[starts]) / 2)
    cuts = np.concatenate([[0], np.searchsorted(c, edges, side="right"), [len(c)]])
    total = np.diff(cuts)
    positives = np.diff(sums[cuts])
    middles = (np.concatenate([[0.0], edges]) + np.concatenate([edges, [1.0]])) / 2
    strength = PRIOR / len(middles)
    middles = np.clip(middles, 1e-9, 1 - 1e-9)
    alpha, beta = strength * middles, strength * (1 - middles)
    evidence = betaln(positives + alpha, total - positives + beta) - betaln(alpha, beta)
    return edges, (positives + alpha) / (total + strength), float(evidence.sum())
