"""Errors of equal-width bins in float32, added up row by row as torchmetrics does."""

from __future__ import annotations

import numpy as np

from core.calibration.conventions import RULES
from core.calibration.metrics.arrays import Value, as_numpy, is_numpy, like
from core.calibration.metrics.cuts import equal_width_edges
from core.calibration.metrics.pairs import Answers


def single_precision_errors(predictions: Answers, bins: int) -> dict[str, Value]:
    """ECE, MCE and RMSCE in float32, as torchmetrics gives them for the probabilities, and ACE of the same bins.

    The sums of a bin grow row by row in float32, so each addition to a bin of s samples rounds by up to s * 6e-8: a
    bin of ten thousand moves the error by about 4e-6, and another order of the rows moves it again. A graphics card adds in no
    order that could be told, so tensors are brought to the processor.

    Args:
        predictions: of [n] rows, in the order in which they are added, or of tensors [models, n].
        bins: Number of bins; a confidence of exactly 1 gets one more.

    Returns:
        Values of `ece`, `mce`, `rmsce` and `ace`.
    """
    confidence, correct = predictions.confidence, predictions.correct
    if is_numpy(confidence):
        return _of_one(confidence, correct, bins)
    each = [_of_one(*rows, bins) for rows in zip(as_numpy(confidence), as_numpy(correct), strict=True)]
    return {name: like(np.array([one[name] for one in each]), confidence) for name in each[0]}


def _of_one(confidence: np.ndarray, correct: np.ndarray, bins: int) -> dict[str, float]:
    confidence = confidence.astype(np.float32)
    index = np.searchsorted(equal_width_edges(bins, RULES["torchmetrics"]), confidence, side="right") - 1
    counts = np.bincount(index, minlength=bins + 1).astype(np.float32)
    gaps = np.abs(_row_by_row(index, correct, counts) - _row_by_row(index, confidence, counts))
    shares = counts / counts.sum()
    return {
        "ece": float((gaps * shares).sum()),
        "mce": float(gaps.max()),
        "rmsce": float(np.sqrt((gaps * gaps * shares).sum())),
        "ace": float(gaps[counts > 0].mean()),
    }


def _row_by_row(index: np.ndarray, values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """[bins + 1] means, 0 in an empty bin."""
    sums = np.zeros_like(counts)
    np.add.at(sums, index, values.astype(np.float32))  # one addition after the other, unlike a pairwise sum
    return sums / np.maximum(counts, np.float32(1))
