"""The step of mode `zoo`: the results of all models at one epoch, as rows for the phase map, and how they came there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis import Source
from core.errors import BadInput
from core.landscape.metric_columns import METRICS, OPTIONAL, listed, metric_values
from core.landscape.zoo.knobs import Knobs, classes_of, knobs_of

if TYPE_CHECKING:
    import pandas as pd

    from core.models.model_zoo import ModelZoo

PAIRS = ("mode_connectivity", "cka")  # one value of all pairs of a cell, which each of its models repeats
NAMED = 3  # models that a note names, the others counted


def zoo_step(zoo: Source, chosen: dict[str, str], epoch: int | None) -> dict[str, Any]:
    """Reads a zoo.

    Args:
        zoo: its zip.
        chosen: names of `load` and `temperature` among the settings and of metrics among the results; "" to find them.
        epoch: None for the last one of each model.

    Returns:
        `models`, a row a model: `model`, `load`, `temperature`, `seed`, `epoch`, its metrics as stored, `lacks`,
        `checkpoints` and `remarks`; `rows` for the phases, of models whose place is known; `columns`, where each metric came
        from; `history`, a row an epoch of these models: `load`, `temperature`, `seed`, `epoch`, `train_loss`, `test_error`;
        `knobs` (load and temperature), `classes` or None, and `notes`.

    Raises:
        BadInput: no zoo, no results, or settings or epochs that can't be told.
    """
    import pandas as pd

    from core.models.builtin_zoo import zoo_path
    from core.models.model_zoo import read_zoo

    found = read_zoo(zoo_path(zoo), zoo.name)
    if found.history.empty:
        raise BadInput(_no_results(found, zoo.name))
    knobs = knobs_of(found.settings, chosen.get("load", ""), chosen.get("temperature", ""), zoo.name)
    at = _at_epoch(found, epoch, zoo.name)
    values, columns = metric_values(at, METRICS, chosen, zoo.name)
    values = values.reindex(columns=list(METRICS))
    places = _places(found, knobs)
    models = pd.concat(
        [
            pd.DataFrame({"model": list(found.models)}),
            places,
            at,
            pd.DataFrame(
                {
                    "lacks": _lacks(values, places),
                    "checkpoints": [_epochs(own) for own in found.checkpoints],
                    "remarks": ["; ".join(own) for own in found.remarks],
                }
            ),
        ],
        axis=1,
    )
    known = places[["load", "temperature"]].notna().all(axis=1) & at.epoch.notna()
    rows = pd.concat([places[["load", "temperature"]], values], axis=1)[known].reset_index(drop=True)
    if rows.empty:
        raise BadInput(f"{zoo.name}: no model has both settings, {knobs.load} and {knobs.temperature}, and results.")
    return {
        "models": models,
        "rows": rows,
        "columns": columns,
        "history": _history(found, places, chosen, zoo.name),
        "knobs": {"load": knobs.load, "temperature": knobs.temperature},
        "classes": classes_of(found.settings),
        "notes": _notes(found, models, rows, knobs, columns, epoch, known),
    }


def _no_results(zoo: ModelZoo, filename: str) -> str:
    kept = sum(map(bool, zoo.checkpoints))
    remark = next((f"{model}: {own[0]}" for model, own in zip(zoo.models, zoo.remarks, strict=True) if own), "")
    weights = (
        f" {kept:,} of them have checkpoints: mode checkpoints measures curvature, connectivity and similarity from these, with "
        "the data set that they were trained on."
        if kept
        else ""
    )
    return f"{filename} has {len(zoo.models):,} models and no results that can be read ({remark}).{weights}"


def _at_epoch(zoo: ModelZoo, epoch: int | None, filename: str) -> pd.DataFrame:
    """A row a model with `epoch` and its metrics there; empty where it has none."""
    history = zoo.history
    if epoch is None:
        rows = history.groupby("model").tail(1)
    else:
        rows = history[history.epoch == epoch]
        if rows.empty:
            raise BadInput(
                f"{filename} has no results of epoch {epoch:,}; it has epochs from {history.epoch.min():,} to "
                f"{history.epoch.max():,}."
            )
    return rows.set_index("model").reindex(range(len(zoo.models)))


def _places(zoo: ModelZoo, knobs: Knobs) -> pd.DataFrame:
    import pandas as pd

    names = {"load": knobs.load, "temperature": knobs.temperature, "seed": knobs.seed}
    return pd.DataFrame(
        {
            axis: [_number(settings.get(name)) if name else np.nan for settings in zoo.settings]
            for axis, name in names.items()
        }
    )


def _number(value: object) -> float:
    return value if isinstance(value, float) else np.nan


def _lacks(values: pd.DataFrame, places: pd.DataFrame) -> list[str]:
    """Of each model what is not known, in words."""
    import pandas as pd

    wanted = [name for name in METRICS if name not in OPTIONAL]
    known = pd.concat([places[["load", "temperature"]], values[wanted]], axis=1).notna()
    words = [str(name).replace("_", " ") for name in known]
    return [", ".join(word for word, there in zip(words, row, strict=True) if not there) for row in known.to_numpy()]


def _epochs(kept: tuple[int, ...]) -> str:
    if not kept:
        return ""
    return f"{kept[0]}" if len(kept) == 1 else f"{len(kept)}, epochs {kept[0]} to {kept[-1]}"


def _history(zoo: ModelZoo, places: pd.DataFrame, chosen: Mapping[str, str], filename: str) -> pd.DataFrame:
    import pandas as pd

    curves = ("train_loss", "test_error")
    values, _ = metric_values(zoo.history, curves, chosen, filename)
    own = places.iloc[zoo.history.model].reset_index(drop=True)
    table = pd.concat([own, zoo.history[["epoch"]], values.reindex(columns=list(curves))], axis=1)
    return table[table["load"].notna() & table["temperature"].notna()].reset_index(drop=True)


def _notes(
    zoo: ModelZoo,
    models: pd.DataFrame,
    rows: pd.DataFrame,
    knobs: Knobs,
    columns: Mapping[str, str],
    epoch: int | None,
    known: pd.Series,
) -> list[str]:
    notes = []
    if knobs.others:
        notes.append(f"The models differ in {listed(knobs.others)} too; cells average over it.")
    if not known.all():
        notes.append(f"{_some(models.model[~known])} left out: without results there, or without load or temperature.")
    last = models.epoch.max()
    early = models[known & (models.epoch < last)]
    if epoch is None and len(early):
        notes.append(f"{_some(early.model)} taken at an earlier epoch than {last:,.0f}, the last one that each has.")
    broken = [f"{model}: {'; '.join(own)}" for model, own in zip(zoo.models, zoo.remarks, strict=True) if own]
    if broken:
        more = (
            f" {len(broken) - NAMED:,} more models have remarks; see the table models." if len(broken) > NAMED else ""
        )
        notes.append(". ".join(broken[:NAMED]) + "." + more)
    notes += _missing(zoo, models, rows, columns)
    cells = rows.groupby(["load", "temperature"])
    if any(
        name in columns and (cells[name].count() > 1).any() and (cells[name].nunique() <= 1).all() for name in PAIRS
    ):
        notes.append(
            "Connectivity and similarity stand as one value of all pairs of a cell, the same at each of its seeds, so that the "
            "confidence knows nothing of their spread."
        )
    return notes


def _missing(zoo: ModelZoo, models: pd.DataFrame, rows: pd.DataFrame, columns: Mapping[str, str]) -> list[str]:
    """What no model has at this epoch, where it is to be had, and negative traces that a logarithm hid."""
    notes = []
    absent = [name for name in METRICS if name not in OPTIONAL and rows[name].isna().all()]
    if absent:
        said = ", ".join(name.replace("_", " ") for name in absent)
        elsewhere = [columns[name] for name in absent if name in columns and zoo.history[columns[name]].notna().any()]
        notes.append(f"No model has {said} at this epoch.")
        if elsewhere:
            epochs = sorted(zoo.history.epoch[zoo.history[elsewhere].notna().any(axis=1)].unique())
            notes.append(
                f"{listed(elsewhere)} were measured at epochs {listed(epochs)}; choose one of them (epoch=...)."
            )
        elif any(zoo.checkpoints):
            notes.append(
                "There are checkpoints: mode checkpoints measures what is missing, one architecture at a time, with the data set "
                "that the models were trained on."
            )
    trace = columns.get("trace")
    if trace and "log" in trace.lower() and "trace" not in absent and rows.trace.isna().any():
        notes.append(
            f"{int(rows.trace.isna().sum()):,} models have no {trace}: not measured, or the trace was negative there, which a "
            "logarithm can't hold."
        )
    return notes


def _some(names: pd.Series) -> str:
    found = [str(name) for name in names]
    more = f" and {len(found) - NAMED:,} more" if len(found) > NAMED else ""
    return f"{', '.join(found[:NAMED])}{more} {'are' if len(found) > 1 else 'is'}"
