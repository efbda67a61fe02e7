"""Exact SHAP values of tree ensembles: how much each feature moves each prediction away from the average one.

The path-dependent TreeSHAP of Lundberg et al. (2020), Nature Machine Intelligence 2, algorithm 2, as XGBoost itself
computes it: to the bit what `shap.TreeExplainer` gives, which calls the same routine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.errors import BadInput

if TYPE_CHECKING:
    from xgboost import Booster, DMatrix

MOST_INTERACTION_ROWS = 50  # interactions cost as many times more as there are features


class Contributions(NamedTuple):
    """SHAP values: base + the sum over features = the prediction on the margin scale.

    Attributes:
        shap: [rows, outputs, features] float32.
        base: [outputs] float32, the prediction with no feature known, averaged over the rows that the model was fitted on.
    """

    shap: np.ndarray
    base: np.ndarray


def best_rounds(booster: Booster) -> tuple[int, int]:
    """The rounds that its predictions use: up to the best one where training was stopped early.

    XGBoost keeps `best_iteration` as a text attribute; it survives saving, but a booster's own `predict` ignores it.

    Returns:
        (0, end) as `iteration_range` takes it.
    """
    best = booster.attr("best_iteration")
    return (0, int(best) + 1) if best is not None else (0, booster.num_boosted_rounds())


def contributions(booster: Booster, data: DMatrix, rounds: tuple[int, int] | None = None) -> Contributions:
    """Exact SHAP values of every row.

    Args:
        booster: of trees.
        data: rows, with the features of the booster in its order.
        rounds: of boosting that count; None: `best_rounds`.
    """
    raw = booster.predict(data, pred_contribs=True, iteration_range=rounds or best_rounds(booster))
    values = raw[:, None, :] if raw.ndim == 2 else raw  # [rows, outputs, features + 1]
    base = values[0, :, -1] if len(values) else np.zeros(values.shape[1], dtype=np.float32)
    return Contributions(values[:, :, :-1], base)


def margins(booster: Booster, data: DMatrix, rounds: tuple[int, int] | None = None) -> np.ndarray:
    """[rows, outputs] predictions on the scale on which SHAP values add up (log-odds for a logistic objective)."""
    raw = booster.predict(data, output_margin=True, iteration_range=rounds or best_rounds(booster))
    return raw[:, None] if raw.ndim == 1 else raw


def additivity_error(found: Contributions, margin: np.ndarray) -> float:
    """The largest |base + sum of the SHAP values - prediction|, which float32 keeps near 1e-6 of the prediction."""
    total = found.shap.sum(axis=2, dtype=np.float64) + found.base
    return float(np.abs(total - margin).max(initial=0.0))


def interactions(booster: Booster, data: DMatrix, rounds: tuple[int, int] | None = None) -> np.ndarray:
    """SHAP interaction values of a few rows.

    Entry (i, j), i != j, is half of what features i and j do together beyond what each does alone; a row of the
    matrix sums to the SHAP value of its feature (section "SHAP interaction values" of the paper).

    Returns:
        [rows, outputs, features, features] float32.

    Raises:
        BadInput: more than 50 rows.
    """
    if data.num_row() > MOST_INTERACTION_ROWS:
        raise BadInput(
            f"Interactions are computed for at most {MOST_INTERACTION_ROWS} rows at a time; {data.num_row():,} were asked for."
        )
    raw = booster.predict(data, pred_interactions=True, iteration_range=rounds or best_rounds(booster))
    values = raw[:, None] if raw.ndim == 3 else raw
    return values[:, :, :-1, :-1]
