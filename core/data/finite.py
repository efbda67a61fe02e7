"""Finds values that no computation can use: NaN and infinity."""

from __future__ import annotations

import numpy as np

_BATCH_VALUES = 1 << 22  # so that the mask of a large matrix stays small


def first_not_finite(X: np.ndarray) -> tuple[int, int, int] | None:
    """Row and column of the first value that is not finite, and how many there are; None: all are finite.

    Args:
        X: matrix [rows, columns].
    """
    total, first = 0, (-1, -1)
    step = max(_BATCH_VALUES // X.shape[1], 1)
    for start in range(0, len(X), step):
        bad = ~np.isfinite(X[start : start + step])
        count = int(np.count_nonzero(bad))
        if count and not total:
            row, column = (int(index[0]) for index in np.nonzero(bad))
            first = (start + row, column)
        total += count
    return (*first, total) if total else None


def in_all(total: int) -> str:
    """The end of a refusal: how many such values there are, and what to do."""
    noun = "value" if total == 1 else "values"
    return f"{total:,} such {noun} in all: every value must be a finite number, so fill them in or remove the rows."
