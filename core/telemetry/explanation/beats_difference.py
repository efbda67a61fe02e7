"""The plain alternative: the covariate that changed most within the last hour, to show what the second model adds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.telemetry.explanation.covariate_features import difference
from core.telemetry.grid import Grid

HOUR = 3600.0


def scaled_differences(grid: Grid, covariates: Sequence[str], nominal: np.ndarray) -> np.ndarray:
    """[rows, covariates] |x(t) - x(t - 1 h)| over its standard deviation in the nominal rows; 0 where unknown.

    A covariate that never changes there is divided by the smallest deviation of the others, so that a first change
    counts as large, not as infinite.
    """
    rows = grid.rows_in(HOUR)
    changes = np.column_stack([difference(grid.column(name), rows) for name in covariates])
    counted = nominal & ~np.isnan(changes).all(axis=1)
    if not counted.any():
        counted = ~np.isnan(changes).all(axis=1)
    scale = np.zeros(len(covariates))
    for position in range(len(covariates)):
        known = changes[counted, position]
        known = known[~np.isnan(known)]
        scale[position] = known.std() if len(known) else 0.0
    moving = scale[scale > 0]
    scale[scale == 0] = moving.min() if len(moving) else 1.0
    return np.nan_to_num(np.abs(changes) / scale, nan=0.0)
