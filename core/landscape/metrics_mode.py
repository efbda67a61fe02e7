"""Mode `metrics`: the phases of a table of metrics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.analysis import Compute, Estimate, Inputs, Result, Source, Step
from core.errors import BadInput
from core.landscape.metrics_params import MetricsParams

ROW_SECONDS = 2e-4  # of a row in all resamples


def compute_metrics(params: MetricsParams, inputs: Inputs) -> Compute:
    """Reads the table, then names the phases."""
    from core.landscape.metric_columns import USUAL

    chosen = {quantity: getattr(params, quantity) for quantity in USUAL}
    (read,) = yield [
        Step(
            metrics_step,
            {"table": inputs["table"], "chosen": chosen},
            label="Reading the table",
            share=0.3,
            memory=estimate_metrics(params, inputs).memory,
        )
    ]
    return metrics_result(params, inputs["table"], read)


def metrics_step(table: Source, chosen: dict[str, str]) -> dict[str, Any]:
    """`rows`, a DataFrame with the names of the phases' columns, and `columns`, where each came from.

    Raises:
        BadInput: a table that can't be used.
    """
    from core.data.predictions_reading import read_table
    from core.landscape.metric_columns import metric_rows

    read = read_table(Path(table.location), table.name)
    if read.columns.num_rows == 0:
        raise BadInput(f"{table.name} has no rows; a row a cell, seed or pair is expected.")
    rows, columns = metric_rows(read.columns.to_pandas(), chosen, table.name)
    return {"rows": rows, "columns": columns}


def metrics_result(params: MetricsParams, table: Source, read: dict[str, Any]) -> Result:
    """The phase map of the table."""
    from core.landscape.map_report import MapWords, map_result
    from core.landscape.metric_columns import COLD_IF_LARGE

    columns = read["columns"]
    words = MapWords(
        subject=table.name,
        load=columns["load"],
        temperature=columns["temperature"],
        cold_if_large=columns["temperature"].lower() in COLD_IF_LARGE,
        recipe="Columns: "
        + ", ".join(f"{quantity.replace('_', ' ')} from {name}" for quantity, name in columns.items())
        + ".",
    )
    return map_result(words, read["rows"], classes=params.classes, seed=params.seed)


def estimate_metrics(params: MetricsParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the number of rows alone."""
    rows = int(inputs["table"].details.get("rows") or 1_000)
    return Estimate(seconds=2 + ROW_SECONDS * rows, memory=400_000_000 + 2_000 * rows, steps=1)
