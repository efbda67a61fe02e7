"""What mode `sweep` answers, out of what its steps found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.analysis import Result, Source
from core.landscape.averaging_report import (
    averaging_advice,
    averaging_notes,
    averaging_summary,
    averaging_table,
    phase_gains,
)
from core.landscape.map_report import MapWords, map_result
from core.landscape.surfaces.surface import steps
from core.landscape.sweep.averages import average_rows
from core.landscape.sweep.measure_step import OF_TRAINING, pairs_of

if TYPE_CHECKING:
    from core.landscape.sweep_params import SweepParams

KNOBS = {
    "width": "width",
    "data": "share of the training rows",
    "label_noise": "share of wrong labels",
    "learning_rate": "learning rate",
    "batch_size": "batch size",
    "epochs": "epochs",
    "weight_decay": "weight decay",
    "sam_rho": "rho of SAM",
}
COLD_IF_LARGE = ("batch_size", "epochs")


def sweep_result(
    params: SweepParams,
    dataset: Source,
    measured: Sequence[Mapping[str, Any]],
) -> Result:
    """The result of a sweep.

    Args:
        params: of the run.
        dataset: that was learned.
        measured: of each load, as `measure_load` returns it.
    """
    networks, pairs = _networks(params, measured), _pairs(params, measured)
    words = MapWords(
        subject=f"{dataset.name}, {params.architecture}, {params.seeds} seeds a cell",
        load=KNOBS[params.load],
        temperature=KNOBS[params.temperature],
        cold_if_large=params.temperature in COLD_IF_LARGE,
        recipe=_recipe(params),
    )
    result = map_result(
        words, seed_rows(networks, pairs), classes=_classes(dataset), seed=params.seed, networks=networks, pairs=pairs
    )
    return _with_averages(params, replace(result, arrays=_portraits(measured)), measured, words)


def _with_averages(
    params: SweepParams, result: Result, measured: Sequence[Mapping[str, Any]], words: MapWords
) -> Result:
    """The result with what the mean of each cell's networks gains."""
    rows = [
        {**row, "family": words.cell(pd.Series(row))}
        for load, seen in zip(params.load_values(), measured, strict=True)
        for row in average_rows(load, params.temperature_values(), seen)
    ]
    if not rows:
        return result
    table = averaging_table(rows, result.tables["phases"])
    return replace(
        result,
        summary={**result.summary, **averaging_summary(table)},
        tables={
            **result.tables,
            "averaging": table,
            "averaging_phases": phase_gains(table),
            "advice": pd.concat([result.tables["advice"], averaging_advice(table)], ignore_index=True),
        },
        notes=(*result.notes, *averaging_notes(table, "the validation rows", seen=False)),
    )


def _portraits(measured: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    """Density and surface of the first network of each cell, in the order of the cells."""
    names = ("density_nodes", "density_weights", "surface")
    arrays = {name: np.concatenate([seen[name] for seen in measured]) for name in names}
    points = arrays["surface"].shape[1]
    return {**arrays, "surface": arrays["surface"].astype(np.float32), "surface_places": steps(points, 1.0)}


def seed_rows(networks: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """A row a seed or pair, as the phases take them: networks and pairs of a cell stand beside each other by number."""
    keys = ["load", "temperature", "number"]
    return networks.assign(number=networks.seed).merge(pairs, on=keys, how="outer").drop(columns="number")


def _networks(params: SweepParams, measured: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """A row a network."""
    seeds = np.arange(params.seeds)
    temperatures = np.array(params.temperature_values())
    parts = []
    for load, seen in zip(params.load_values(), measured, strict=True):
        columns = {
            name: np.asarray(seen[name]).reshape(-1)
            for name in (*OF_TRAINING, "trace", "trace_standard_error", "top_eigenvalue", "products")
        }
        parts.append(
            pd.DataFrame(
                {
                    "load": load,
                    "temperature": np.repeat(temperatures, len(seeds)),
                    "seed": np.tile(seeds, len(temperatures)),
                    **columns,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _pairs(params: SweepParams, measured: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """A row a pair of seeds of one cell."""
    pairs = pairs_of(params.seeds)
    temperatures = np.array(params.temperature_values())
    parts = []
    for load, seen in zip(params.load_values(), measured, strict=True):
        columns = {
            name: values.reshape(-1)
            for name, values in seen.items()
            if values.shape == (len(temperatures), len(pairs)) and name in PAIR_COLUMNS
        }
        places = {
            f"error_{place}": seen["curve_error"][:, :, place].reshape(-1)
            for place in range(seen["curve_error"].shape[2])
        }
        parts.append(
            pd.DataFrame(
                {
                    "load": load,
                    "temperature": np.repeat(temperatures, len(pairs)),
                    "number": np.tile(np.arange(len(pairs)), len(temperatures)),
                    "first": np.tile([first for first, _ in pairs], len(temperatures)),
                    "second": np.tile([second for _, second in pairs], len(temperatures)),
                    **columns,
                    **places,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


PAIR_COLUMNS = (
    "mode_connectivity",
    "linear_mode_connectivity",
    "aligned_mode_connectivity",
    "barrier",
    "aligned_barrier",
    "cka",
    "cka_logits",
    "distance",
)


def _classes(dataset: Source) -> int | None:
    classes = dataset.details.get("classes")
    return int(classes) if classes else None


def _recipe(params: SweepParams) -> str:
    fixed = {
        "learning_rate": f"learning rate {params.learning_rate:g}",
        "batch_size": f"batches of {params.batch_size}",
        "epochs": f"{params.epochs} epochs",
        "weight_decay": f"weight decay {params.weight_decay:g}",
    }
    fixed.pop(params.temperature, None)
    if params.sam_rho and params.temperature != "sam_rho":
        fixed["sam_rho"] = f"SAM with rho {params.sam_rho:g}"
    return (
        f"SGD with momentum {params.momentum:g}, {', '.join(fixed.values())}, the rate falling to 0 along half a cosine; curves "
        f"of {params.curve_epochs} epochs at {params.curve_learning_rate:g}; curvature of the plain loss over at most "
        f"{params.curvature_rows:,} training rows in evaluation mode; CKA of softmax outputs on mixed training inputs, biased."
    )
