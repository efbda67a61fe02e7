"""A table of runs as cells of the temperature-load plane, checked."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.landscape.grouping import Cells, group, numbers, refuse, refuse_outside

AXES = ("load", "temperature")
METRICS = ("train_loss", "trace", "mode_connectivity", "cka")
TRAIN_ERROR, TEST_ERROR = "train_error", "test_error"
ERRORS = (TRAIN_ERROR, TEST_ERROR)


def cells_of(table: pd.DataFrame) -> Cells:
    """Groups the rows of a table by load and temperature.

    Args:
        table: a row a cell, or a row a seed or a pair of seeds, with `load`, `temperature`, `train_loss`, `trace`,
            `mode_connectivity` (points) and `cka`; empty where a value was not measured. Optional: `train_error` and
            `test_error` (points) and METRIC_standard_error.

    Raises:
        BadInput: a column is missing, or a value can't be what its column says.
    """
    cells = group(table, "phases", AXES, METRICS, ERRORS)
    refuse_outside(table, "train_loss", 0, np.inf, "a loss is at least 0")
    refuse_outside(table, "mode_connectivity", -100, 100, "it is in points of error, from -100 to 100")
    refuse_outside(table, "cka", -np.inf, 1 + 1e-6, "a similarity is at most 1")
    for name in ERRORS:
        refuse_outside(table, name, 0, 100, "an error is in points, from 0 to 100")
    known = np.isfinite(numbers(table, "train_loss"))  # of a run that diverged nothing need be finite
    for name in METRICS[1:]:
        refuse(np.isinf(numbers(table, name)) & known, table, name, "a finite number is expected, or none")
    return cells
