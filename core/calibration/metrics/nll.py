"""Negative log-likelihood."""

from __future__ import annotations

import numpy as np

from core.calibration.predictions import Predictions, row_blocks


def nll_terms(predictions: Predictions) -> np.ndarray:
    """-log p_y of each sample, [n]: from the logits by log-sum-exp where they are known; infinite where p_y = 0."""
    labels = predictions.labels
    if predictions.logits is None:
        with np.errstate(divide="ignore"):
            return -np.log(predictions.probabilities[np.arange(predictions.n), labels])
    out = np.empty(predictions.n)
    for rows in row_blocks(predictions.n, predictions.classes):
        z = predictions.logits[rows].astype(np.float64)
        top = z.max(axis=1)
        own = np.take_along_axis(z, labels[rows, None], axis=1)[:, 0]
        z -= top[:, None]
        np.exp(z, out=z)
        out[rows] = top - own + np.log(z.sum(axis=1))
    return out


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
    single = predictions.logits is not None and predictions.logits.dtype == np.float32
    eps = float(np.finfo(np.float32 if single else np.float64).eps)
    own = predictions.probabilities[np.arange(predictions.n), predictions.labels]
    return float(-np.log(np.clip(own, eps, 1 - eps)).mean())
