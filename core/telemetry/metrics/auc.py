"""Areas under the curves of single rows, without any tolerance in time."""

from __future__ import annotations

import numpy as np

from core.telemetry.metrics.inputs import as_labels, as_scores


def auc_roc(labels: np.ndarray, scores: np.ndarray) -> float:
    """Probability that a labelled row has a higher score than another one; ties count one half.

    A random score gets 1/2, whatever the base rate.

    Args:
        labels: [rows] bool or 0 and 1.
        scores: [rows], higher = more anomalous; NaN ranks below all others.

    Raises:
        BadInput: labels or sizes that can't be used.
        Undefined: no event, nothing but events, or no score.
    """
    alarms, hits = _curve(labels, scores)
    misses = np.diff(alarms - hits, prepend=0)
    above = np.concatenate([[0], hits[:-1]])
    return float((misses * (above + hits) / 2).sum() / (hits[-1] * (alarms[-1] - hits[-1])))


def auc_pr(labels: np.ndarray, scores: np.ndarray) -> float:
    """Average precision: sum over the distinct scores of (recall_k - recall_(k-1)) * precision_k.

    A random score gets about the base rate. Equal scores are one threshold.

    Args:
        labels: [rows] bool or 0 and 1.
        scores: [rows], higher = more anomalous; NaN ranks below all others.

    Raises:
        BadInput: labels or sizes that can't be used.
        Undefined: no event, nothing but events, or no score.
    """
    alarms, hits = _curve(labels, scores)
    return float((np.diff(hits, prepend=0) * hits / alarms).sum() / hits[-1])


def _curve(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows with a score of at least each distinct score, highest first, and the labelled ones among them."""
    events = as_labels(labels)
    ranked = as_scores(scores, events.size)
    ordered = np.sort(ranked)[::-1]
    last = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), events.size - 1)
    labelled = np.sort(ranked[events])
    hits = labelled.size - np.searchsorted(labelled, ordered[last])
    return (last + 1).astype(np.float64), hits.astype(np.float64)
