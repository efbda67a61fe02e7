"""The phase diagram of a table of runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.landscape.phase_map.cells import METRICS, TEST_ERROR, cells_of
from core.landscape.phase_map.collapse import collapsed_rows
from core.landscape.phase_map.confidence import label_probabilities, means_of
from core.landscape.phase_map.labels import LABELS
from core.landscape.phase_map.otsu import UNIFORM
from core.landscape.phase_map.remarks import cell_notes
from core.landscape.phase_map.rule import Splits, crossover, phase_codes, splits_of

RESAMPLES = 400
CLASSES = 10


@dataclass(frozen=True, eq=False)
class PhaseMap:
    """The cells of a temperature-load plane with their phases.

    Attributes:
        cells: a row a cell, by load, then temperature: `load`, `temperature`, `rows` (seeds or pairs), the means
            `train_loss`, `trace`, `mode_connectivity`, `cka` and `test_error` as measured, `phase`, `confidence` (share of the
            resamples that keep the phase), `crossover` (0 at IV-A's mean CKA, 1 at IV-B's; missing outside of IV)
            and `note`.
        probabilities: [cells, labels] share of resamples with each of `LABELS`.
        cell_of_row: [rows of the table] position in `cells`.
        splits: where loss, trace and CKA divide.
        notes: what the reader must know of the map as a whole.
    """

    cells: pd.DataFrame
    probabilities: np.ndarray
    cell_of_row: np.ndarray
    splits: Splits
    notes: tuple[str, ...]


def phases(
    table: pd.DataFrame, *, classes: int | None = CLASSES, resamples: int = RESAMPLES, seed: int = 0
) -> pd.DataFrame:
    """Names the phase of each row's cell: I, II, III, IV-A, IV-B, collapsed, or what of it is known.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"load": [1, 1, 2, 2], "temperature": [1, 2, 1, 2], "train_loss": [0.5, 0.4, 1e-3, 1e-3],
        ...     "trace": [3e3, 2e3, 50, 40], "mode_connectivity": [-15, 4, -8, 0], "cka": [0.4, 0.5, 0.5, 0.7]})
        >>> list(phases(table).phase)
        ['I', 'II', 'III', 'IV']

    Args:
        table: see `cells_of`: `load`, `temperature`, `train_loss` (nats), `trace` of the Hessian, `mode_connectivity`
            (points of error) and `cka`, a row a cell or a row a seed; rows of one cell share a phase.
        classes: number of classes, by which collapsed cells are told; None where the model is no classifier.
        resamples: of the bootstrap behind the confidence.
        seed: of the resamples.

    Returns:
        The table, rows in their order, with `phase`, `confidence` (from 0 to 1) and `note`.

    Raises:
        BadInput: a column is missing, or a value can't be what its column says.
    """
    found = phase_map(table, classes=classes, resamples=resamples, seed=seed)
    own = found.cells.iloc[found.cell_of_row]
    return table.assign(**{name: own[name].to_numpy() for name in ("phase", "confidence", "note")})


def phase_map(
    table: pd.DataFrame, *, classes: int | None = CLASSES, resamples: int = RESAMPLES, seed: int = 0
) -> PhaseMap:
    """The phase diagram of a table; arguments and refusals as in `phases`."""
    cells = cells_of(table)
    collapsed = collapsed_rows(cells.values["train_loss"], cells.values["train_error"], classes)
    means = means_of(cells, collapsed)
    splits = splits_of(means, classes)
    code = phase_codes(means, splits, classes)
    probabilities = label_probabilities(cells, collapsed, classes, resamples, seed)
    in_four = np.isin(code, [LABELS.index(name) for name in ("IV-A", "IV-B")])
    shown = {name: cells.mean(name) for name in (*METRICS, TEST_ERROR)}
    rows = pd.DataFrame(
        {
            **cells.axes,
            "rows": cells.rows,
            **shown,
            "phase": np.array(LABELS)[code],
            "confidence": probabilities[np.arange(len(code)), code],
            "crossover": np.where(in_four, crossover(means, splits), np.nan),
            "note": cell_notes(cells, collapsed, means, splits),
        }
    )
    return PhaseMap(rows, probabilities, cells.cell_of_row, splits, _map_notes(splits))


def _map_notes(splits: Splits) -> tuple[str, ...]:
    names = (("training losses", splits.loss), ("traces", splits.trace))
    return tuple(
        f"The {name} do not fall into two groups (separability {split.separability:.2f}; evenly spread ones have "
        f"{UNIFORM}): the line between sharp and flat is drawn through a gradual change."
        for name, split in names
        if split.separability <= UNIFORM
    )
