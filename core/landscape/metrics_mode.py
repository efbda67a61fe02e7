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

    chosen = {quantity: getattr(params, quantity) for quantity in USUAL if quantity != "train_error"}
    (read,) = yield [
        Step(
            metrics_step,
            {"table": inputs["table"], "chosen": chosen, "epoch": params.epoch},
            label="Reading the table",
            share=0.3,
            memory=estimate_metrics(params, inputs).memory,
        )
    ]
    return metrics_result(params, inputs["table"], read)


def metrics_step(table: Source, chosen: dict[str, str], epoch: int | None) -> dict[str, Any]:
    """`rows`, a DataFrame with the names of the phases' columns, `columns`, where each came from, and `epoch`, the one
    that they are of, None where the table knows none.

    Raises:
        BadInput: a table that can't be used.
    """
    from core.data.predictions_reading import read_table
    from core.landscape.metric_columns import metric_rows, rows_of_epoch

    read = read_table(Path(table.location), table.name)
    if read.columns.num_rows == 0:
        raise BadInput(f"{table.name} has no rows; a row a cell, seed or pair is expected.")
    found, epoch = rows_of_epoch(read.columns.to_pandas(), epoch, table.name)
    rows, columns = metric_rows(found, chosen, table.name)
    return {"rows": rows, "columns": columns, "epoch": epoch}


metrics_step.version = 2  # type: ignore[attr-defined]


def metrics_result(params: MetricsParams, table: Source, read: dict[str, Any]) -> Result:
    """The phase map of the table."""
    from core.landscape.map_report import MapWords, map_result
    from core.landscape.metric_columns import COLD_IF_LARGE, plain

    columns = read["columns"]
    words = MapWords(
        subject=table.name,
        load=columns["load"],
        temperature=columns["temperature"],
        cold_if_large=plain(columns["temperature"]) in COLD_IF_LARGE,
        recipe="Columns: "
        + ", ".join(f"{quantity.replace('_', ' ')} from {name}" for quantity, name in columns.items())
        + (f"; rows of epoch {read['epoch']:,}." if read["epoch"] is not None else "."),
    )
    return map_result(words, read["rows"], classes=params.classes, seed=params.seed)


def estimate_metrics(params: MetricsParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the number of rows alone."""
    rows = int(inputs["table"].details.get("rows") or 1_000)
    return Estimate(seconds=2 + ROW_SECONDS * rows, memory=400_000_000 + 2_000 * rows, steps=1)
