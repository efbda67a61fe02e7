"""Files of many parameters: what is found out column by column, and what a step reads of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.analysis import Source
from core.errors import BadInput
from core.keys import digest_of_file
from core.telemetry.detect_steps import Read
from core.telemetry.reading import load, survey

ROWS = 60


def stored(folder: Path, parameters: int) -> Source:
    """Parameters of noise, one of them sparse, a heater that is on or off, and labels."""
    rng = np.random.default_rng(0)
    columns = {f"p{number} [K]": rng.normal(size=ROWS) for number in range(parameters)}
    columns["p0 [K]"][10:50] = np.nan
    table = pd.DataFrame(columns)
    table.insert(0, "time", pd.date_range("2024-02-15", periods=ROWS, freq="min", tz="UTC"))
    table["heater"] = np.arange(ROWS) // 10 % 2
    table["anomaly"] = (np.arange(ROWS) > 50).astype(int)
    path = folder / "wide.parquet"
    table.to_parquet(path)
    return Source("telemetry", "wide.parquet", digest_of_file(path), str(path))


def test_a_survey_finds_what_a_reading_finds(tmp_path: Path) -> None:
    """Parts, reports, times, labels, units and notes are the same; the grid has no columns."""
    source = stored(tmp_path, 20)
    whole, found = load(source, {}), survey(source, {})
    for name in ("targets", "covariates", "roles", "notes", "file_step"):
        assert getattr(found, name) == getattr(whole, name)
    pd.testing.assert_frame_equal(found.columns, whole.columns)
    pd.testing.assert_frame_equal(found.gaps, whole.gaps)
    assert found.grid.units == whole.grid.units
    np.testing.assert_array_equal(found.grid.times, whole.grid.times)
    np.testing.assert_array_equal(found.grid.labels, whole.grid.labels)
    assert found.grid.values.shape == (ROWS, 0)
    assert any("p0 [K]: no value" in note for note in found.notes)


def test_a_survey_takes_any_number_of_columns(tmp_path: Path) -> None:
    """Six hundred parameters are too many to hold at once, and not too many to look at."""
    source = stored(tmp_path, 600)
    with pytest.raises(BadInput, match="at most 500 are used in one run"):
        load(source, {})
    assert len(survey(source, {}).targets) == 600


def test_a_part_is_its_parameters_and_nothing_else(tmp_path: Path) -> None:
    """A part without covariates has none: the other parameters are neither read nor taken for covariates. Values and
    labels are those of the whole."""
    source = stored(tmp_path, 20)
    whole, read = load(source, {}), Read(source, {}, 1.0, 0)
    part = read.part(["p3 [K]", "p4 [K]", "anomaly"], ["p3 [K]", "p4 [K]"], []).telemetry()
    assert part.targets == ("p3 [K]", "p4 [K]") and part.covariates == ()
    np.testing.assert_array_equal(part.grid.labels, whole.grid.labels)
    np.testing.assert_array_equal(part.grid.values, whole.grid.columns(["p3 [K]", "p4 [K]"]))
