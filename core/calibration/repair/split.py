"""Rows apart: fit on some, report on others, each part with its share of every class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.calibration.predictions import Predictions
from core.errors import BadInput


@dataclass(frozen=True, eq=False)
class Split:
    """Disjoint rows of one set of predictions.

    Attributes:
        fit: where recalibrators are fitted.
        report: where every method, and the model before any repair, is measured: the same rows for all.
    """

    fit: Predictions
    report: Predictions


def split(predictions: Predictions, share: float = 0.5, seed: int = 0) -> Split:
    """Two disjoint parts, stratified by label.

    Args:
        predictions: [n, K].
        share: part of the rows to fit on, between 0 and 1 (both excluded).
        seed: of the shuffle.

    Raises:
        BadInput: A part would be empty.
    """
    if not 0 < share < 1:
        raise BadInput(f"Fit share: {share:g} was found; a number between 0 and 1 is expected, such as 0.5.")
    first = stratified_mask(predictions.labels, share, seed)
    if not first.any() or first.all():
        raise BadInput(
            f"Fit part: {predictions.n} rows can't be split into {share:g} to fit on and the rest to report on; "
            "hand in more rows, or val_logits and val_labels."
        )
    return Split(predictions.rows(first), predictions.rows(~first))


def same_rows(parts: Split) -> bool:
    """Are both parts the same samples? Of a constant predictor all rows look alike, so that nobody can tell."""
    fit, report = parts.fit.probabilities, parts.report.probabilities
    alike = np.array_equal(fit, report) and np.array_equal(parts.fit.labels, parts.report.labels)
    return alike and not (fit == fit[0]).all()


def stratified_mask(labels: np.ndarray, share: float, seed: int) -> np.ndarray:
    """[n] whether a row belongs to the first part.

    The rows are put in an order that is random within each class; every 1/share-th of that order is taken, so each
    class has its share up to one row, and the whole as well.
    """
    order = _class_order(labels, seed)
    position = np.arange(len(labels))
    mask = np.zeros(len(labels), dtype=bool)
    mask[order] = np.floor((position + 1) * share) > np.floor(position * share)
    return mask


def stratified_folds(labels: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """[n] number of the fold of each row, from 0; each class is spread evenly."""
    fold = np.empty(len(labels), dtype=np.int64)
    fold[_class_order(labels, seed)] = np.arange(len(labels)) % folds
    return fold


def _class_order(labels: np.ndarray, seed: int) -> np.ndarray:
    """Rows by class, shuffled within each."""
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    return shuffled[np.argsort(labels[shuffled], kind="stable")]
