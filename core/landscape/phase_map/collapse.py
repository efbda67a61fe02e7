"""Runs that learned nothing: they look flat, well connected and alike, and are none of it.

At high temperature a network may end as a constant: its loss is ln(classes), its curvature next to none, all seeds
agree. Such cells are set aside before any phase is named.
"""

from __future__ import annotations

import numpy as np

SHARE_OF_CHANCE = 0.9


def collapsed_rows(train_loss: np.ndarray, train_error: np.ndarray, classes: int | None) -> np.ndarray:
    """Whether each run diverged or is about as good as chance.

    Args:
        train_loss: mean cross-entropy in nats.
        train_error: error in points; where it is not known the loss is compared instead.
        classes: number of balanced classes, so that chance has an error of 100 (1 - 1/classes) points and a loss of
            ln(classes); None: no classifier, and only a loss that is not finite counts.
    """
    diverged = ~np.isfinite(train_loss)
    if classes is None:
        return diverged
    by_loss = np.nan_to_num(train_loss, posinf=np.inf) >= SHARE_OF_CHANCE * np.log(classes)
    by_error = np.nan_to_num(train_error) >= SHARE_OF_CHANCE * 100 * (1 - 1 / classes)
    return diverged | np.where(np.isnan(train_error), by_loss, by_error)


def collapsed_cells(rows: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Whether at least half of a cell's runs are collapsed; both arguments are [cells, seeds]."""
    return 2 * (rows & present).sum(axis=-1) >= present.sum(axis=-1)
