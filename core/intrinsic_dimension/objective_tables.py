"""The tables of a search: every training, every threshold, the fitted line."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import numpy as np
import pandas as pd

from core.intrinsic_dimension.findings import Findings, Training
from core.intrinsic_dimension.objective_numbers import whole

BAND_POINTS = 60  # of the fitted line


def dimensions_table(findings: Findings, full_dimension: int) -> pd.DataFrame:
    """One row a threshold: both baselines, the fraction and the whole of each.

    Columns:
        baseline: "own" or "global".
        fraction: of it.
        threshold: performance to be reached.
        relation: "=", ">" where it was not reached up to `low`, "" where it is not above chance.
        d_int: missing where it was not reached.
        low, high: interval of d_int.
        solution_dimension: D - d_int, the dimension of the set of solutions.
        method: as `core.intrinsic_dimension.search.Crossing.how`.
    """
    rows = []
    for aim in findings.aims:
        crossing, value = aim.crossing, whole(aim)
        rows.append(
            {
                "baseline": aim.baseline,
                "fraction": aim.fraction,
                "threshold": aim.threshold,
                "relation": "" if crossing is None else ("=" if value else ">"),
                "d_int": value,
                "low": crossing.low if crossing else None,
                "high": crossing.high if crossing else None,
                "solution_dimension": full_dimension - value if value else None,
                "method": crossing.how if crossing else "not above chance",
            }
        )
    return pd.DataFrame(rows).astype(
        {"d_int": "Int64", "solution_dimension": "Int64", "low": "float64", "high": "float64"}
    )


def curve_table(findings: Findings) -> pd.DataFrame:
    """Every training in a subspace."""
    rows = [one for one in findings.trainings if one.subspace_dimension is not None]
    dimensions = np.array([one.subspace_dimension for one in rows], dtype=np.int64)
    return pd.DataFrame({"subspace_dimension": dimensions, **_measured(rows)})


def baselines_table(findings: Findings) -> pd.DataFrame:
    """Every direct training, and whether it counts for the baseline."""
    rows = [one for one in findings.trainings if one.subspace_dimension is None]
    counted = [one.learning_rate == findings.direct_rate and bool(np.isfinite(one.performance)) for one in rows]
    return pd.DataFrame({**_measured(rows), "counted": counted})


def _measured(rows: Sequence[Training]) -> dict[str, object]:
    return {
        "seed": np.array([one.seed for one in rows], dtype=np.int64),
        "performance": [one.performance for one in rows],
        "validation_accuracy": [one.validation_accuracy for one in rows],
        "training_accuracy": [one.training_accuracy for one in rows],
        "learning_rate": [one.learning_rate for one in rows],
        "role": [one.role for one in rows],
    }


def fit_table(findings: Findings) -> pd.DataFrame:
    """The line with its 95 % band, back from logits to accuracies; no rows where there is none."""
    line = findings.crossing.line if findings.crossing else None
    if line is None:
        return pd.DataFrame(
            {name: np.array([], float) for name in ("subspace_dimension", "performance", "low", "high")}
        )
    from scipy.stats import t

    x = np.linspace(log(line.narrowest), log(line.widest), BAND_POINTS)
    level, error = line.at(x)
    reach = t.ppf(0.975, line.points - 2) * error
    return pd.DataFrame(
        {
            "subspace_dimension": np.exp(x),
            "performance": _accuracy(level),
            "low": _accuracy(level - reach),
            "high": _accuracy(level + reach),
        }
    )


def _accuracy(level: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-level))
