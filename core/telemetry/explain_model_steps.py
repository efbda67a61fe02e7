"""The steps of mode `explain_model`: each answers with plain values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis import report
from core.errors import TooLarge

if TYPE_CHECKING:
    from core.analysis import Source

AT_ONCE = 1 << 22  # SHAP values of a batch
MOST_VALUES = 100_000_000  # SHAP values in all
SHOWN_ROWS = 5  # with a waterfall, where nobody chose any


def explain_model_step(
    model: Source, telemetry: Source, columns: Sequence[str], rows: int, chosen: Sequence[int]
) -> dict[str, Any]:
    """Exact SHAP values of a model on rows of a table.

    Returns:
        facts of the model (objective, booster, outputs, trees, trees_used, rounds, rounds_used, best_iteration), table
        (its rows), features (names), by_name, notes; arrays rows, values [rows, features], shap [rows, outputs,
        features], base [outputs], margin [rows, outputs], prediction [rows, ...]; additivity_error; shown (row numbers
        of the waterfalls).

    Raises:
        BadInput: the model or the table can't be used, or they do not fit each other.
        TooLarge: more SHAP values than are computed at once.
    """
    from xgboost import DMatrix

    from core.models.booster_reading import load_booster
    from core.telemetry.explanation.model_columns import match_columns
    from core.telemetry.explanation.model_rows import file_name, open_rows, read_rows, spread_rows
    from core.telemetry.explanation.shapley import Contributions, additivity_error, contributions, margins

    loaded, table = load_booster(model), open_rows(telemetry)
    name = file_name(telemetry)
    matched = match_columns(
        loaded.filename, loaded.model.feature_names, loaded.model.features, name, table.types, columns
    )
    numbers = spread_rows(table.rows, rows, chosen, name)
    outputs, features = loaded.model.outputs, loaded.model.features
    if len(numbers) * outputs * features > MOST_VALUES:
        raise TooLarge(
            f"{len(numbers):,} rows, {outputs:,} outputs and {features:,} columns make more than {MOST_VALUES:,} SHAP "
            f"values; at most {max(MOST_VALUES // (outputs * features), 1):,} rows can be explained at once: lower Rows."
        )
    report(0.05, "Reading the rows")
    values = read_rows(table, matched.names, numbers)
    rounds = (0, loaded.model.rounds_used)
    shap = np.empty((len(numbers), outputs, features), dtype=np.float32)
    margin = np.empty((len(numbers), outputs), dtype=np.float32)
    base = np.zeros(outputs, dtype=np.float32)
    each = max(AT_ONCE // (outputs * features), 1)
    for start in range(0, len(numbers), each):
        data = DMatrix(values[start : start + each], nthread=1)
        shap[start : start + each], base = contributions(loaded.booster, data, rounds)
        margin[start : start + each] = margins(loaded.booster, data, rounds)
        report(0.1 + 0.9 * min(start + each, len(numbers)) / len(numbers), "SHAP values")
    return {
        "facts": {
            "objective": loaded.model.objective,
            "booster": loaded.model.booster,
            "outputs": outputs,
            "trees": len(loaded.model.trees),
            "trees_used": int(loaded.model.starts[loaded.model.rounds_used]),
            "rounds": loaded.model.rounds,
            "rounds_used": loaded.model.rounds_used,
            "best_iteration": loaded.model.best_iteration,
            "classes": loaded.model.classes,
        },
        "table_rows": table.rows,
        "features": list(matched.names),
        "by_name": matched.by_name,
        "notes": list(matched.notes),
        "rows": numbers,
        "values": values,
        "shap": shap,
        "base": base,
        "margin": margin,
        "prediction": loaded.booster.predict(DMatrix(values, nthread=1), iteration_range=rounds),
        "additivity_error": additivity_error(Contributions(shap, base), margin),
        "shown": _shown(numbers, shap, chosen),
    }


def interactions_step(model: Source, values: np.ndarray) -> np.ndarray:
    """SHAP interaction values of a few rows [rows, outputs, features, features] float32.

    Raises:
        BadInput: more than 50 rows.
    """
    from xgboost import DMatrix

    from core.models.booster_reading import load_booster
    from core.telemetry.explanation.shapley import interactions

    loaded = load_booster(model)
    return interactions(loaded.booster, DMatrix(values, nthread=1), (0, loaded.model.rounds_used))


def _shown(rows: np.ndarray, shap: np.ndarray, chosen: Sequence[int]) -> np.ndarray:
    """The rows that a person chose, else those that are moved most, in ascending order."""
    if len(chosen):
        return np.unique(np.asarray(chosen, dtype=np.int64))
    moved = np.abs(shap).sum(axis=2).max(axis=1)
    return np.sort(rows[np.argsort(-moved, kind="stable")[:SHOWN_ROWS]])
