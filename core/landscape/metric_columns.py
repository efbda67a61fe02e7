"""Which columns of a table of metrics are which: by the names that published tables use."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd


AXES = ("load", "temperature")
USUAL = {
    "load": ("load", "width", "model_width", "model_dim", "embedding_dim", "d_model", "n_embd", "beta"),
    "temperature": ("temperature", "learning_rate", "lr", "batch_size", "epochs", "weight_decay", "wd"),
    "train_loss": ("train_loss", "training_loss", "loss_train"),
    "trace": (
        "trace",
        "hessian_trace",
        "hessian_trace_train_mean",
        "log_hessian_trace",
        "log_hessian_trace_train",
        "hessian_t",
    ),
    "mode_connectivity": ("mode_connectivity", "mc", "curve_mc_train_error", "mode_connectivity_train_error"),
    "cka": ("cka", "cka_similarity", "representation_similarity"),
    "train_error": ("train_error", "error_train", "train_acc", "train_accuracy", "acc_train", "accuracy_train"),
    "test_error": ("test_error", "error_test", "test_acc", "test_accuracy", "acc_test", "accuracy_test"),
}
METRICS = tuple(name for name in USUAL if name not in AXES)
OPTIONAL = ("train_error", "test_error")
EPOCH = "epoch"


def plain(name: str) -> str:
    """A name without what its program puts before it, capitals and separators: "training::batchsize" is "batchsize"."""
    return re.sub(r"[_\-\s]", "", re.split(r"::|/|\.", name.strip())[-1].lower())


COLD_IF_LARGE = tuple(map(plain, ("batch_size", "epochs")))


def metric_rows(table: pd.DataFrame, chosen: Mapping[str, str], filename: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """The rows that phases are told from.

    Args:
        table: as it was brought.
        chosen: of each of `USUAL` the column, or "" for one of its usual names, see `plain`; of several that name a load or
            a temperature one that differs between rows goes first.
        filename: as messages show it.

    Returns:
        A table with the names of `USUAL`, errors in points and traces as they are, and the column that each came from.

    Raises:
        BadInput: a column is missing, chosen twice or holds text.
    """
    required = [name for name in USUAL if name not in OPTIONAL]
    return metric_values(table, tuple(USUAL), chosen, filename, required)


def metric_values(
    table: pd.DataFrame,
    quantities: Sequence[str],
    chosen: Mapping[str, str],
    filename: str,
    required: Collection[str] = (),
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Some of `USUAL`, as `metric_rows` has them; those that are neither there nor required are left out."""
    import pandas as pd

    found = {}
    for quantity in quantities:
        name = _column(table, quantity, chosen.get(quantity, ""), filename)
        if name is None and quantity in required:
            raise BadInput(
                f"{filename} has no column for {quantity.replace('_', ' ')}: one called {listed(USUAL[quantity])} is expected, "
                f"or name yours ({quantity}=...); it has {listed(table.columns)}."
            )
        if name is not None:
            found[quantity] = name
    values = {quantity: _values(table, quantity, name, filename) for quantity, name in found.items()}
    return pd.DataFrame(values, index=table.index), found


def rows_of_epoch(table: pd.DataFrame, epoch: int | None, filename: str) -> tuple[pd.DataFrame, int | None]:
    """The rows of one epoch of a table that has several, and that epoch; all rows, and None, of a table without epochs.

    Args:
        table: with a column called epoch, or without.
        epoch: None for the last one.
        filename: as messages show it.

    Raises:
        BadInput: there is no such epoch, or the column holds no numbers.
    """
    import pandas as pd

    name = next((str(column) for column in table.columns if plain(str(column)) == EPOCH), None)
    if name is None:
        if epoch is not None:
            raise BadInput(f"{filename} has no column {EPOCH}, so epoch {epoch:,} can't be chosen; leave Epoch empty.")
        return table, None
    if not pd.api.types.is_numeric_dtype(table[name]) or table[name].isna().all():
        raise BadInput(f"{filename}, column {name!r}: numbers of epochs are expected.")
    wanted = int(table[name].max()) if epoch is None else epoch
    rows = table[table[name] == wanted]
    if rows.empty:
        there = f"{table[name].min():,.0f} to {table[name].max():,.0f}"
        raise BadInput(f"{filename} has no row of epoch {wanted:,}; it has epochs from {there}.")
    return rows.reset_index(drop=True), wanted


def listed(names: Collection[object], most: int = 12) -> str:
    """Names in a sentence, the first ones and how many more."""
    shown = ", ".join(map(str, list(names)[:most]))
    return shown + (f" and {len(names) - most:,} more" if len(names) > most else "")


def _column(table: pd.DataFrame, quantity: str, chosen: str, filename: str) -> str | None:
    columns = [str(name) for name in table.columns]
    if chosen:
        if chosen not in columns:
            raise BadInput(f"{filename} has no column {chosen!r}; it has {listed(columns)}.")
        return chosen
    known = {plain(name): name for name in reversed(columns)}
    there = [known[plain(usual)] for usual in USUAL[quantity] if plain(usual) in known]
    if quantity in AXES:
        there.sort(key=lambda name: table[name].nunique() < 2)  # stable: the usual order stays
    return there[0] if there else None


def _values(table: pd.DataFrame, quantity: str, name: str, filename: str) -> np.ndarray:
    import pandas as pd

    column = table[name]
    if not (pd.api.types.is_numeric_dtype(column) or column.isna().all()):
        raise BadInput(
            f"{filename}, column {name!r}: it holds text; numbers are expected for {quantity.replace('_', ' ')}."
        )
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    if quantity == "trace" and plain(name).startswith("log"):
        return np.exp(values)
    if quantity in OPTIONAL and "acc" in name.lower():
        whole = 100.0 if np.nanmax(values, initial=0.0) > 1 else 1.0  # in per cent, or as a share
        return 100 * (1 - values / whole)
    return values
