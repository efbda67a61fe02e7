"""Pruning regimes of maps whose regimes are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.errors import BadInput
from core.landscape.pruning.regimes import REGIMES, pruning_regimes


def _map(pairs: int = 3, noise: float = 0.3) -> tuple[pd.DataFrame, list[str]]:
    """Cold and sparse: I; hot: II-A; in between II-B. A row a pair."""
    rng = np.random.default_rng(0)
    rows, truth = [], []
    for temperature in (0.1, 0.2, 0.4, 0.8):
        for density in (0.05, 0.1, 0.2, 0.5):
            apart = temperature < 0.3 and density < 0.15
            regime = "I" if apart else "II-A" if temperature > 0.5 else "II-B"
            lmc, cka = {"I": (-20, 0.88), "II-A": (-0.2, 0.92), "II-B": (-0.1, 0.98)}[regime]
            truth.append(regime)
            rows += [
                (temperature, density, lmc + noise * rng.standard_normal(), cka + 0.005 * rng.standard_normal())
                for _ in range(pairs)
            ]
    return pd.DataFrame(rows, columns=["temperature", "density", "lmc", "cka"]), truth


def test_the_three_regimes_are_named() -> None:
    """All 16 cells of a map with a barrier of 20 points in the corner and two groups of CKA elsewhere."""
    table, truth = _map()
    found = pruning_regimes(table, resamples=50)
    expected = pd.Series(truth, index=pd.MultiIndex.from_frame(table[["density", "temperature"]].iloc[::3]))
    own = found.cells.set_index(["density", "temperature"])
    assert (own["regime"] == expected.reindex(own.index)).all()
    assert own["confidence"].min() > 0.8 and (own["rows"] == 3).all()
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1)
    assert found.probabilities.shape == (16, len(REGIMES))


def test_what_was_not_measured_is_said() -> None:
    """Without pairs no regime; without CKA regime II is not divided."""
    table, _ = _map(pairs=1)
    table.loc[0, ["lmc", "cka"]] = np.nan
    found = pruning_regimes(table.assign(cka=np.nan), resamples=5).cells
    assert set(found["regime"]) == {"I", "II", "not measured"}
    lost = found[found["regime"] == "not measured"]
    assert len(lost) == 1 and "two retraining seeds" in lost["note"].iloc[0]


def test_a_barrier_is_judged_against_its_standard_error() -> None:
    """-3 points are a barrier, unless their standard error is 2."""
    table = pd.DataFrame({"temperature": [1.0, 2.0], "density": 0.1, "lmc": -3.0, "cka": 0.9})
    assert set(pruning_regimes(table, resamples=2).cells["regime"]) == {"I"}
    assert set(pruning_regimes(table.assign(lmc_standard_error=2.0), resamples=2).cells["regime"]) == {"II"}


def test_cells_that_learned_nothing_are_set_aside() -> None:
    """A constant is connected and alike, and neither takes part in the split nor is it II-B."""
    table, _ = _map()
    hot = table.temperature > 0.5
    table = table.assign(train_error=np.where(hot, 89.0, 5.0), cka=np.where(hot, 1.0, table.cka))
    found = pruning_regimes(table, classes=10, resamples=5).cells
    assert set(found[found.temperature > 0.5].regime) == {"collapsed"}
    assert "collapsed" not in set(pruning_regimes(table, resamples=5).cells.regime)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lmc": None}, "lacks the column lmc: pruning regimes need"),
        ({"density": 5.0}, "Column density, row 1 .*: 5.0 was found; it is the share of weights kept"),
        ({"lmc": -200.0}, "points of error"),
        ({"cka": np.inf}, "a finite number is expected"),
    ],
)
def test_values_that_cannot_be_are_refused(change: dict[str, object], message: str) -> None:
    """Column, row and what was found are named."""
    table, _ = _map()
    for name, value in change.items():
        table = table.drop(columns=name) if value is None else table.assign(**{name: value})
    with pytest.raises(BadInput, match=message):
        pruning_regimes(table)
