"""The built-in telemetry is what its description says."""

from __future__ import annotations

import pandas as pd
import pytest

from core.data.builtin_telemetry import BUILTIN_TELEMETRY, BuiltinTelemetry, builtin_telemetry_source
from core.errors import BadInput
from core.telemetry.synthetic.builtin import make


@pytest.mark.parametrize("one", BUILTIN_TELEMETRY, ids=lambda one: one.name)
def test_details_are_those_of_the_values(one: BuiltinTelemetry) -> None:
    """Rows, step, first and last time, names, units, roles and states are what is generated."""
    made = make(one.name, seed=3, amplitude=0.5)
    grid, details = made.grid, one.details
    assert "ynthetic" in one.title + one.description
    assert (details["rows"], details["step"]) == (grid.rows, grid.step)
    assert [pd.Timestamp(details[name]) for name in ("first", "last")] == [
        pd.Timestamp(time, unit="ms", tz="UTC") for time in (grid.times[0], grid.times[-1])
    ]
    columns = details["columns"][1:]  # the first is the time
    assert tuple(column["name"] for column in columns) == grid.names
    assert [column["unit"] for column in columns] == [grid.units.get(name, "") for name in grid.names]
    assert {column["name"] for column in columns if column["role"] == "state"} == grid.states
    assert tuple(column["name"] for column in columns if column["role"] == "target") == made.targets
    assert details["responders"] == list(made.responders)
    assert made.training_rows == one.training_days * 1440 / one.minutes


def test_source() -> None:
    """A built-in is a source of kind telemetry with a digest of its own."""
    source = builtin_telemetry_source("euclid-like")
    assert (source.kind, source.builtin) == ("telemetry", "euclid-like")
    assert source.digest != builtin_telemetry_source("euclid-like-short").digest


def test_unknown_names_are_refused() -> None:
    """The refusal lists what there is."""
    with pytest.raises(BadInput, match="there are euclid-like, euclid-like-short"):
        make("mars")
