"""Rows of a table as cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.errors import BadInput
from core.landscape.grouping import group

TABLE = pd.DataFrame(
    {"x": [2, 1, 2, 2], "y": [0, 0, 0, 1], "m": [1.0, 5.0, 4.0, np.nan], "m_standard_error": [np.nan, 0.5, np.nan, 0.1]}
)


def test_rows_find_their_cells() -> None:
    """Cells ascend by the first axis, then the second; rows keep the order of the table within them."""
    cells = group(TABLE, "maps", ("x", "y"), ("m",), ("n",))
    assert cells.axes["x"].tolist() == [1, 2, 2] and cells.axes["y"].tolist() == [0, 0, 1]
    assert cells.cell_of_row.tolist() == [1, 0, 1, 2] and cells.rows.tolist() == [1, 2, 1]
    np.testing.assert_array_equal(cells.values["m"], [[5, np.nan], [1, 4], [np.nan, np.nan]])
    assert np.isnan(cells.values["n"]).all()
    np.testing.assert_array_equal(cells.present, [[True, False], [True, True], [True, False]])


def test_means_and_their_errors() -> None:
    """1 and 4 have mean 2.5 and standard error 1.5; a single row has the error that came with it."""
    cells = group(TABLE, "maps", ("x", "y"), ("m",))
    np.testing.assert_array_equal(cells.mean("m"), [5, 2.5, np.nan])
    np.testing.assert_allclose(cells.error_of_mean("m"), [0.5, 1.5, 0.1])


def test_a_resample_draws_within_each_cell() -> None:
    """Two rows give one of four pairs, each about as often; a row with a standard error is spread by it."""
    cells = group(TABLE, "maps", ("x", "y"), ("m",))
    rng = np.random.default_rng(0)
    draws = [cells.drawn(rng) for _ in range(4000)]
    pairs = np.array([tuple(chosen[1]) for chosen, _ in draws])
    for pair in ((0, 0), (0, 1), (1, 0), (1, 1)):
        assert (pairs == pair).all(axis=1).mean() == pytest.approx(0.25, abs=0.03)
    singles = np.array([values["m"][0, 0] for _, values in draws])
    assert singles.mean() == pytest.approx(5, abs=0.03) and singles.std() == pytest.approx(0.5, rel=0.05)
    assert all(np.isnan(values["m"][0, 1]) for _, values in draws[:5])


def test_what_is_missing_is_named() -> None:
    """One column, several, no rows."""
    with pytest.raises(BadInput, match="lacks the column z: maps need x, z, m"):
        group(TABLE, "maps", ("x", "z"), ("m",))
    with pytest.raises(BadInput, match="lacks the columns z, k"):
        group(TABLE, "maps", ("x", "z"), ("k",))
    with pytest.raises(BadInput, match="no rows: maps need a row for each cell of x and y"):
        group(TABLE.iloc[:0], "maps", ("x", "y"), ("m",))
