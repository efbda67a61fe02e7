"""Which columns of a table of metrics are which: by the names that published tables use."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from core.errors import BadInput

USUAL = {
    "load": ("load", "width", "model_width", "model_dim", "d_model"),
    "temperature": ("temperature", "learning_rate", "lr", "batch_size", "epochs", "beta"),
    "train_loss": ("train_loss", "training_loss", "loss_train"),
    "trace": ("trace", "hessian_trace", "log_hessian_trace", "log_hessian_trace_train", "hessian_t"),
    "mode_connectivity": ("mode_connectivity", "mc", "curve_mc_train_error", "mode_connectivity_train_error"),
    "cka": ("cka", "cka_similarity", "representation_similarity"),
    "test_error": ("test_error", "error_test", "test_acc", "test_accuracy", "accuracy_test"),
}
OPTIONAL = ("test_error",)
COLD_IF_LARGE = ("batch_size", "epochs")


def metric_rows(table: pd.DataFrame, chosen: Mapping[str, str], filename: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """The rows that phases are told from.

    Args:
        table: as it was brought.
        chosen: of each of `USUAL` the column, or "" for one of its usual names; capitals do not count there.
        filename: as messages show it.

    Returns:
        A table with the names of `USUAL`, errors in points and traces as they are, and the column that each came from.

    Raises:
        BadInput: a column is missing, chosen twice or holds text.
    """
    names = {quantity: _column(table, quantity, chosen.get(quantity, ""), filename) for quantity in USUAL}
    found = {quantity: name for quantity, name in names.items() if name is not None}
    return (
        pd.DataFrame({quantity: _values(table, quantity, name, filename) for quantity, name in found.items()}),
        found,
    )


def _column(table: pd.DataFrame, quantity: str, chosen: str, filename: str) -> str | None:
    columns = [str(name) for name in table.columns]
    if chosen:
        if chosen not in columns:
            raise BadInput(f"{filename} has no column {chosen!r}; it has {_listed(columns)}.")
        return chosen
    lower = {name.strip().lower(): name for name in reversed(columns)}
    for usual in USUAL[quantity]:
        if usual in lower:
            return lower[usual]
    if quantity in OPTIONAL:
        return None
    raise BadInput(
        f"{filename} has no column for {quantity.replace('_', ' ')}: one called {_listed(list(USUAL[quantity]))} is expected, or "
        f"name yours ({quantity}=...); it has {_listed(columns)}."
    )


def _values(table: pd.DataFrame, quantity: str, name: str, filename: str) -> np.ndarray:
    column = table[name]
    if not (pd.api.types.is_numeric_dtype(column) or column.isna().all()):
        raise BadInput(
            f"{filename}, column {name!r}: it holds text; numbers are expected for {quantity.replace('_', ' ')}."
        )
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    if quantity == "trace" and name.strip().lower().startswith("log"):
        return np.exp(values)
    if quantity == "test_error" and "acc" in name.lower():
        whole = 100.0 if np.nanmax(values, initial=0.0) > 1 else 1.0  # in per cent, or as a share
        return 100 * (1 - values / whole)
    return values


def _listed(names: list[str], most: int = 12) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most:,} more" if len(names) > most else "")
