"""The nearest neighbour of the training part decides: Euclidean, or by dynamic time warping."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.analysis import report

WINDOW_PERCENT = tuple(range(21))  # of the length, tried in the training part beside no window at all


def nearest_by_distance(table: np.ndarray, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """The training item that is nearest to each test item, the first among equals.

    Args:
        table: [items, values].
        train: places of the training items.
        test: places of the test items.

    Returns:
        [test] places of training items.
    """
    from scipy.spatial.distance import cdist

    return train[np.argmin(cdist(table[test], table[train], "sqeuclidean"), axis=1)]


def nearest_by_warping(
    items: Sequence[np.ndarray], train: np.ndarray, test: np.ndarray, window: int | None = None
) -> np.ndarray:
    """The same by dynamic time warping of series [channels, length]."""
    from core.topology.scoring.dtw import nearest, side_by_side

    together = side_by_side(items)
    return train[nearest(together.taken(test), together.taken(train), window)]


def windows_of(length: int) -> list[int | None]:
    """The windows that are tried for series of a length, the narrowest first; None is no window.

    >>> windows_of(20)
    [0, 1, 2, 3, 4, None]
    """
    tried = sorted({round(percent * length / 100) for percent in WINDOW_PERCENT})
    return [*tried, None]


def chosen_window(items: Sequence[np.ndarray], y: np.ndarray, train: np.ndarray) -> tuple[int | None, float]:
    """The window with which most training items have a nearest other training item of their own class.

    As the archive's tables have it; here windows up to a fifth of the length and no window at all are tried, and the
    narrowest of the best is taken.

    Args:
        items: series [channels, length].
        y: [items] class numbers.
        train: places of the training items.

    Returns:
        The window, and the share of the training items that is right with it.
    """
    from core.topology.scoring.dtw import nearest, side_by_side

    together = side_by_side([items[place] for place in train])
    itself = np.arange(len(train))
    best: tuple[int | None, float] = (None, -1.0)
    tried = windows_of(together.values.shape[2])
    for done, window in enumerate(tried):
        found = nearest(together, together, window, itself)
        share = float((y[train[found]] == y[train]).mean())
        if share > best[1]:
            best = (window, share)
        report((done + 1) / len(tried), "trying windows of dynamic time warping")
    return best
