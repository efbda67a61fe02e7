"""Negative log-likelihood."""

from __future__ import annotations

import numpy as np

from core.calibration.predictions import Predictions, row_blocks


def log_partition(predictions: Predictions) -> np.ndarray:
    """log sum_k exp z_k of each sample, [n] float64; zero where only probabilities are known."""
    out = np.zeros(predictions.n)
    if predictions.logits is None:
        return out
    for rows in row_blocks(predictions.n, predictions.classes):
        z = predictions.logits[rows].astype(np.float64)
        top = z.max(axis=1)
        z -= top[:, None]
        np.exp(z, out=z)
        out[rows] = top + np.log(z.sum(axis=1))
    return out


def nll_of(predictions: Predictions, labels: np.ndarray, partition: np.ndarray) -> np.ndarray:
    """-log p_y of each sample, [n]; infinite where p_y = 0.

    Args:
        predictions: [n, K].
        labels: [n] the classes y, which need not be those of the predictions.
        partition: [n] from `log_partition`.
    """
    index = np.arange(predictions.n)
    if predictions.logits is not None:
        return partition - predictions.logits[index, labels]
    with np.errstate(divide="ignore"):
        return -np.log(predictions.probabilities[index, labels])


def nll_terms(predictions: Predictions) -> np.ndarray:
    """-log p_y of each sample at its own label, [n], from the logits by log-sum-exp where they are known."""
    return nll_of(predictions, predictions.labels, log_partition(predictions))


def nll(predictions: Predictions) -> float:
    """NLL = -mean log p_y, in nats, never clipped.

    A proper score. One label that was given probability zero makes it infinite, and infinite is what is returned.

    Args:
        predictions: [n, K].
    """
    return float(nll_terms(predictions).mean())


def clipped_nll(predictions: Predictions) -> float:
    """NLL with the probabilities clipped to [eps, 1 - eps] of the input's precision, as scikit-learn's log_loss does.

    float32 logits are taken to give float32 probabilities, where eps is 1.2e-7: an answer that is confident and wrong
    costs no more than 15.9 nats.

    Args:
        predictions: [n, K].
    """
    eps = precision(predictions)
    own = predictions.probabilities[np.arange(predictions.n), predictions.labels]
    return float(-np.log(np.clip(own, eps, 1 - eps)).mean())


def precision(predictions: Predictions) -> float:
    """eps of the probabilities that the input gives: 1.2e-7 of float32 logits, else 2.2e-16."""
    single = predictions.logits is not None and predictions.logits.dtype == np.float32
    return float(np.finfo(np.float32 if single else np.float64).eps)
