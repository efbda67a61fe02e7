"""Which columns of the chosen files a form offers for which parameter, and what stands there if nothing is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.analysis import Inputs
from pages.parts.sources import some

CHANNEL_LISTS = (
    "targets",
    "covariates",
    "states",
    "ignore",
    "responders",
)  # parameters that name channels of telemetry

BESIDE = ("table", "held_out")  # slots whose columns are not the data's, or the same again
AXES = ("load", "temperature")
METRICS = ("train_loss", "trace", "mode_connectivity", "cka", "test_error")


def column_choices(inputs: Inputs) -> dict[str, list[str]]:
    """Parameter -> names of columns, for the parameters that name columns.

    `target` offers all columns of data in a table file, not those of a table that says how checkpoints were trained; the
    roles of telemetry offer its channels, `time` and `labels` the columns that could be it. A built-in knows its own times and has no labels, so nothing is offered for these. A table of
    metrics offers its columns, a model zoo its settings and its metrics.
    """
    tables = [
        source.details
        for slot, source in inputs.items()
        if source.details.get("format") in ("csv", "parquet") and slot not in BESIDE
    ]
    offered = {"target": [name for details in tables for name in _names(details)]}
    offered["text"] = [name for details in tables for name in _texts(details)]
    if "table" in inputs:
        offered |= dict.fromkeys((*AXES, *METRICS), _names(inputs["table"].details))
    zoo = inputs.get("checkpoints")
    if zoo is not None and zoo.kind == "zoo":
        offered |= {name: list(zoo.details.get("settings") or ()) for name in AXES}
        offered |= {name: list(zoo.details.get("metrics") or ()) for name in METRICS}
    telemetry = inputs.get("telemetry")
    if telemetry is None:
        return offered
    details = telemetry.details
    channels = [name for name in _names(details) if name != details.get("time")]
    offered |= dict.fromkeys(CHANNEL_LISTS, channels)
    return offered | {"time": [], "labels": []} if telemetry.builtin else offered | _special(details)


def column_proposals(inputs: Inputs) -> dict[str, str]:
    """Parameter -> what the inspection of telemetry proposes for it, in a few words."""
    telemetry = inputs.get("telemetry")
    if telemetry is None:
        return {}
    details = telemetry.details
    by_role: dict[str, list[str]] = {}
    for column in details.get("columns") or ():
        by_role.setdefault(str(column.get("role", "")), []).append(str(column["name"]))
    states, covariates = by_role.get("state", []), by_role.get("covariate", [])
    proposed = {
        "targets": by_role.get("target", []),
        "covariates": covariates + states,
        "states": states,
        "time": [details["time"]] if details.get("time") else [],
        "labels": [details["labels"]] if details.get("labels") else [],
        "responders": details.get("responders") or [],
    }
    return {name: f"Proposed: {some(found, 3)}" for name, found in proposed.items() if found}


def _special(details: Mapping[str, Any]) -> dict[str, list[str]]:
    """Columns that could hold times, and such that could hold labels: few different values."""
    columns = details.get("columns") or ()
    few = [
        str(column["name"]) for column in columns if column.get("distinct", 99) <= 8 or column.get("type") == "truth"
    ]
    unlisted = [str(name) for name in details.get("unlisted") or ()]
    times = [str(column["name"]) for column in columns if column.get("type") != "truth"]
    return {"time": times + unlisted, "labels": few + unlisted}


def _texts(details: Mapping[str, Any]) -> list[str]:
    return [str(column["name"]) for column in details.get("columns") or () if column.get("type") == "text"]


def _names(details: Mapping[str, Any]) -> list[str]:
    return [str(column["name"]) for column in details.get("columns") or ()] + list(details.get("unlisted") or ())
