"""Histogram binning: the frequency of each bin replaces the probabilities in it.

Zadrozny and Elkan 2001 (ICML); Guo et al. 2017, arXiv 1706.04599, section 4.1. 15 bins (low, high] of equal width, one
histogram a class, then renormalised. An empty bin keeps its middle. It ties all probabilities in a bin, so the ranking
suffers: read AUROC beside its ECE.
"""

from __future__ import annotations

import numpy as np

from core.calibration.repair.recalibrator import Recalibrator
from core.calibration.repair.tables import Table, one_vs_rest

BINS = 15


def fit(scores: np.ndarray, labels: np.ndarray) -> Recalibrator:
    """Histogram binning of each class against the rest, renormalised."""
    return one_vs_rest("histogram", "steps", scores, labels, histogram_table)


def histogram_table(c: np.ndarray, outcomes: np.ndarray) -> Table:
    """Inner edges and the frequency of each bin.

    Args:
        c: [n] probabilities.
        outcomes: [n] 0 or 1.
    """
    edges = np.arange(1, BINS) / BINS
    bins = np.searchsorted(edges, c)
    counts = np.bincount(bins, minlength=BINS)
    positives = np.bincount(bins, weights=outcomes, minlength=BINS)
    middles = (np.arange(BINS) + 0.5) / BINS
    return edges, np.where(counts > 0, positives / np.maximum(counts, 1), middles)
