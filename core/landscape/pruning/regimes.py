"""The three regimes of pruning (Zhou et al. 2023, arXiv:2305.18383).

Networks retrained with different seeds from the same pruned network are compared. I: a barrier lies between them. II:
none does, and they are alike (B) or not yet (A). As with the phases, no threshold is fitted to labels: a barrier is one
by 1.75 points or two standard errors, and II is cut by Otsu's split of its CKA. Cells that learned nothing are set aside.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.landscape.grouping import Cells, group, mean_of_rows, numbers, refuse, refuse_outside
from core.landscape.phase_map.collapse import collapsed_rows
from core.landscape.phase_map.labels import COLLAPSED
from core.landscape.phase_map.otsu import Split, otsu
from core.landscape.phase_map.rule import barriers

AXES = ("density", "temperature")
METRICS = ("lmc", "cka")
TEST_ERROR, TRAIN_ERROR = "test_error", "train_error"
REGIMES = ("I", "II-A", "II-B", "II", "not measured", COLLAPSED)
RESAMPLES = 400


@dataclass(frozen=True, eq=False)
class RegimeMap:
    """The cells of a temperature-density plane with their regimes.

    Attributes:
        cells: a row a cell, by density, then temperature: `density`, `temperature`, `rows` (pairs of seeds), the means
            `lmc`, `cka`, `train_error` and `test_error`, `barrier` (points below zero from which on `lmc` counts as one),
            `regime`, `confidence` (share of bootstrap resamples that keep it) and `note`.
        probabilities: [cells, regimes] share of resamples with each of `REGIMES`.
        split: where the CKA of regime II divides.
    """

    cells: pd.DataFrame
    probabilities: np.ndarray
    split: Split


def pruning_regimes(
    table: pd.DataFrame, *, classes: int | None = None, resamples: int = RESAMPLES, seed: int = 0
) -> RegimeMap:
    """Names the regime of each cell: I, II-A or II-B; II where CKA is not measured.

    Args:
        table: a row a cell, or a row a pair of retraining seeds, with `temperature` and `density` (share of weights
            kept) of the cell, `lmc` (linear mode connectivity between the retrained networks, points of training error,
            negative where a barrier stands) and `cka` between their outputs. Optional: `test_error` and `train_error`
            (points), `lmc_standard_error`, `cka_standard_error`.
        classes: of the task, so that cells that are about as good as chance are told by `train_error`; None: they are not.
        resamples: of the bootstrap over pairs and cells.
        seed: of the resamples.

    Raises:
        BadInput: a column is missing, or a value can't be what its column says.
    """
    cells = group(table, "pruning regimes", AXES, METRICS, (TEST_ERROR, TRAIN_ERROR))
    density = numbers(table, "density")
    refuse((density <= 0) | (density > 1), table, "density", "it is the share of weights kept, above 0 and at most 1")
    refuse_outside(table, "lmc", -100, 100, "it is in points of error, from -100 to 100")
    refuse_outside(table, "cka", -np.inf, 1 + 1e-6, "a similarity is at most 1")
    for name in METRICS:
        refuse(np.isinf(numbers(table, name)), table, name, "a finite number is expected, or none")
    barrier = barriers(cells.error_of_mean("lmc"))
    lmc, cka, train_error = cells.mean("lmc"), cells.mean("cka"), cells.mean(TRAIN_ERROR)
    collapsed = collapsed_rows(np.zeros(len(lmc)), train_error, classes) & ~np.isnan(train_error)
    split = _split(lmc, cka, barrier, collapsed)
    code = _codes(lmc, cka, barrier, split, collapsed)
    probabilities = _probabilities(cells, barrier, collapsed, resamples, seed)
    rows = pd.DataFrame(
        {
            **cells.axes,
            "rows": cells.rows,
            "lmc": lmc,
            "cka": cka,
            "barrier": barrier,
            TRAIN_ERROR: train_error,
            TEST_ERROR: cells.mean(TEST_ERROR),
            "regime": np.array(REGIMES)[code],
            "confidence": probabilities[np.arange(len(code)), code],
            "note": [_note(*values) for values in zip(lmc, cka, strict=True)],
        }
    )
    return RegimeMap(rows, probabilities, split)


def _split(lmc: np.ndarray, cka: np.ndarray, barrier: np.ndarray, collapsed: np.ndarray) -> Split:
    return otsu(cka[(lmc >= -barrier) & ~collapsed])


def _codes(lmc: np.ndarray, cka: np.ndarray, barrier: np.ndarray, split: Split, collapsed: np.ndarray) -> np.ndarray:
    similar = split.above(cka)
    second = np.select([similar == 0, similar == 1], [1, 2], default=3)
    known = np.where(np.isnan(lmc), 4, np.where(lmc < -barrier, 0, second))
    return np.where(collapsed, 5, known)


def _probabilities(cells: Cells, barrier: np.ndarray, collapsed: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    each = np.arange(len(cells.rows))
    counts = np.zeros((len(each), len(REGIMES)))
    for _ in range(resamples):
        _, values = cells.drawn(rng)
        lmc, cka = (mean_of_rows(values[name]) for name in METRICS)
        some = rng.integers(len(each), size=len(each))
        split = _split(lmc[some], cka[some], barrier[some], collapsed[some])
        counts[each, _codes(lmc, cka, barrier, split, collapsed)] += 1
    return counts / resamples


def _note(lmc: float, cka: float) -> str:
    if np.isnan(lmc):
        return "Linear mode connectivity: not measured; it needs two retraining seeds of one pruned network."
    return "CKA: not measured." if np.isnan(cka) else ""
