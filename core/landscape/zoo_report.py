"""What mode `zoo` answers, out of what its step read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.analysis import Result, Scalar, Source
from core.landscape.map_report import MapWords, map_result
from core.landscape.metric_columns import COLD_IF_LARGE, plain
from core.landscape.phase_map.labels import COLLAPSED, LABELS
from core.landscape.zoo.gains import gains_of

if TYPE_CHECKING:
    from core.landscape.zoo_params import ZooParams

FLAVOURS = {  # of usual names, as the zoo's authors measured them
    "representation_similarity": "biased linear CKA of logits, mean over batches of held-out data (the taxonomy's is of softmax outputs "
    "on mixed inputs; the two can't be compared)",
    "curve_mc_train_error": "of Bezier curves trained for 10 epochs, at 5 places",
    "log_hessian_trace_train": "by PyHessian in evaluation mode, over 10 batches of 64",
}
SHOWN = {"cka": "CKA"}


def zoo_result(params: ZooParams, zoo: Source, read: Mapping[str, Any]) -> Result:
    """The phase map of a zoo, with its training curves and the gains of averaging.

    Args:
        params: of the run.
        zoo: that was read.
        read: of `zoo_step`.

    Raises:
        BadInput: values that can't be what their names say.
    """
    models: pd.DataFrame = read["models"]
    knobs, classes = read["knobs"], params.classes or read["classes"]
    words = MapWords(
        subject=zoo.name,
        load=_short(knobs["load"]),
        temperature=_short(knobs["temperature"]),
        cold_if_large=plain(knobs["temperature"]) in COLD_IF_LARGE,
        recipe=_recipe(models, read["columns"]),
    )
    mapped = map_result(words, read["rows"], classes=classes, seed=params.seed)
    cells = mapped.tables["phases"]
    gains = _gains(models, cells)
    notes = [mapped.notes[0], *_flavours(read["columns"]), *read["notes"], *mapped.notes[1:]]
    if classes is None:
        notes.append(
            "The number of classes is not known, so that a run that stayed at chance is not told from one that is sharp."
        )
    if not gains.empty:
        notes.append(
            "Gains of averaging are those that the zoo stores, in points of test accuracy against the models that were averaged."
        )
    tables = {**mapped.tables, "models": models, "history": _with_phase(read["history"], cells)}
    return replace(
        mapped,
        answer=" ".join([mapped.answer, *_gain_sentences(gains)]),
        summary={**mapped.summary, **_summary(models, gains)},
        tables={**tables, "gains": gains} if not gains.empty else tables,
        notes=tuple(notes),
    )


def _short(name: str) -> str:
    """A setting without what its program puts before it."""
    return name.rpartition("::")[2]


def _recipe(models: pd.DataFrame, columns: Mapping[str, str]) -> str:
    epochs = models.epoch.dropna()
    when = (
        f"epoch {epochs.max():,.0f}" if epochs.nunique() == 1 else f"epochs {epochs.min():,.0f} to {epochs.max():,.0f}"
    )
    named = [f"{SHOWN.get(quantity, quantity.replace('_', ' '))} from {name}" for quantity, name in columns.items()]
    return f"{len(models):,} models, results of {when}: {'; '.join(named)}."


def _flavours(columns: Mapping[str, str]) -> list[str]:
    known = [f"{name} is {FLAVOURS[name]}" for name in columns.values() if name in FLAVOURS]
    return [f"In the zoo of arXiv:2504.18072, {'; '.join(known)}."] if known else []


def _with_phase(rows: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    return rows.merge(cells[["load", "temperature", "phase"]], on=["load", "temperature"], how="left")


def _gains(models: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """A row a cell and method: mean gain in points, and how many models it is the mean of."""
    gains = gains_of(models)
    placed = pd.concat([models[["load", "temperature"]], gains], axis=1).dropna(subset=["load", "temperature"])
    long = placed.melt(["load", "temperature"], var_name="method", value_name="gain").dropna(subset=["gain"])
    if long.empty:
        return pd.DataFrame({"load": [], "temperature": [], "method": [], "gain": [], "models": [], "phase": []})
    found = (
        long.groupby(["load", "temperature", "method"], sort=True).gain.agg(gain="mean", models="count").reset_index()
    )
    return _with_phase(found, cells)


def _gain_sentences(gains: pd.DataFrame) -> list[str]:
    """In which phase each method gains least and most on average."""
    said = []
    for method, rows in gains[gains.phase != COLLAPSED].groupby("method", sort=False):
        means = {name: float(rows.gain[rows.phase == name].mean()) for name in LABELS if (rows.phase == name).any()}
        worst, best = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
        ends = f"{means[worst]:+.2f} points (in {worst})"
        said.append(f"{method} {ends}" + (f" to {means[best]:+.2f} (in {best})" if means[best] > means[worst] else ""))
    return [f"Gain in test accuracy by averaging: {'; '.join(said)}."] if said else []


def _summary(models: pd.DataFrame, gains: pd.DataFrame) -> dict[str, Scalar]:
    summary = {
        "models": Scalar(len(models), "Models"),
        "epoch": Scalar(
            int(models.epoch.max()), "Epoch", description="Of the results that the map is drawn from; the last one."
        ),
    }
    for method, rows in gains.groupby("method", sort=False):
        for phase in [label for label in LABELS if (rows.phase == label).any()]:
            name = re.sub(r"\W", "_", f"gain_{method}_{phase}".lower())
            mean = float(rows.gain[rows.phase == phase].mean())
            summary[name] = Scalar(mean, f"Mean gain by {method} in {phase}", "points")
    return summary
