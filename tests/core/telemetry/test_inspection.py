"""What the library and forms are told of a telemetry file, and how kinds are told apart."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pytest

from core.analysis import Source
from core.data.builtin_telemetry import builtin_telemetry_source
from core.errors import BadInput
from core.settings import settings
from core.sources import builtin_sources, inspect_file, open_source
from core.telemetry.ingest_params import IngestParams
from core.telemetry.inspection import LISTED_COLUMNS, expected_size
from core.telemetry.reading import load


class Detect(IngestParams):
    mode: Literal["detect"] = "detect"


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A home folder of its own."""
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    times = pd.date_range("2024-02-15", periods=200, freq="10s", tz="UTC").delete(range(100, 150))
    rows = len(times)
    return pd.DataFrame(
        {
            "time": times,
            "T [K]": rng.normal(280, 1, rows),
            "mode": np.arange(rows) % 3,
            "fixed": 1.5,
            "anomaly": np.arange(rows) > 100,
        }
    )


def test_details_of_a_file(frame: pd.DataFrame, tmp_path: Path):
    """Period, step, gaps, and of each column type, proposed role, unit, missing and extremes; all of it JSON."""
    frame.loc[5, "T [K]"] = np.nan
    frame.to_csv(tmp_path / "f.csv", index=False)
    kind, details = inspect_file(tmp_path / "f.csv", "f.csv")
    assert kind == details["kind"] == "telemetry" and json.loads(json.dumps(details)) == details
    assert (details["format"], details["rows"], details["column_count"]) == ("csv", 150, 5)
    assert (details["time"], details["first"], details["last"]) == (
        "time",
        "2024-02-15T00:00:00Z",
        "2024-02-15T00:33:10Z",
    )
    assert (details["step"], details["gaps"], details["longest_gap"]) == (10.0, 1, 510.0)
    assert details["labels"] == "anomaly" and details["missing"] == 1 and details["problems"] == []
    roles = {one["name"]: one["role"] for one in details["columns"]}
    assert roles == {"time": "time", "T [K]": "target", "mode": "state", "fixed": "ignore", "anomaly": "label"}
    temperature = details["columns"][1]
    assert (temperature["type"], temperature["unit"], temperature["missing"]) == ("number", "K", 1)
    assert temperature["min"] == frame["T [K]"].min() and "distinct" not in temperature
    assert details["columns"][2]["distinct"] == 3
    assert details["preview"]["columns"] == list(frame.columns) and len(details["preview"]["rows"]) == 8


def test_a_table_with_times_is_telemetry(frame: pd.DataFrame, tmp_path: Path):
    """A column of times makes a csv or Parquet file telemetry, and so does a zip file around one csv; else a data set."""
    frame.to_csv(tmp_path / "f.csv", index=False)
    frame.to_parquet(tmp_path / "f.parquet", index=False)
    frame.drop(columns="time").to_csv(tmp_path / "plain.csv", index=False)
    with zipfile.ZipFile(tmp_path / "f.zip", "w") as archive:
        archive.write(tmp_path / "plain.csv", "plain.csv")
    kinds = {name: inspect_file(tmp_path / name, name)[0] for name in ("f.csv", "f.parquet", "plain.csv", "f.zip")}
    assert kinds == {"f.csv": "telemetry", "f.parquet": "telemetry", "plain.csv": "dataset", "f.zip": "telemetry"}
    assert inspect_file(tmp_path / "f.csv", "f.csv", "dataset")[0] == "dataset"


def test_predictions_with_a_time_stay_predictions(tmp_path: Path):
    """Columns of predictions count more than a column of times."""
    (tmp_path / "p.csv").write_text("time,label,p_0,p_1\n" + "2024-01-01T00:00:00Z,0,0.5,0.5\n" * 9)
    assert inspect_file(tmp_path / "p.csv", "p.csv")[0] == "predictions"


def test_a_file_without_usable_times_is_accepted_with_the_reason(frame: pd.DataFrame, tmp_path: Path):
    """Handed in as telemetry, a file without times, or with an unclear one, is kept; its problem is told."""
    frame.drop(columns="time").to_csv(tmp_path / "a.csv", index=False)
    details = inspect_file(tmp_path / "a.csv", "a.csv", "telemetry")[1]
    assert details["time"] is None and details["step"] is None
    assert details["problems"] == [
        "a.csv has no column of times: choose one as time, or say how far its rows are apart (row_seconds)."
    ]
    frame.assign(time=["2024-01-01"] * 149 + ["soon"]).to_csv(tmp_path / "b.csv", index=False)
    details = inspect_file(tmp_path / "b.csv", "b.csv")[1]
    assert details["kind"] == "telemetry"
    assert details["problems"][0].startswith("b.csv, column 'time': row 150 holds 'soon', which is no time stamp")


def test_five_thousand_columns_are_inspected(tmp_path: Path):
    """A very wide file is described by its first 500 columns and the names of the others."""
    names = ",".join(f"p{i}" for i in range(5_000))
    row = ",".join("1.5" for _ in range(5_000))
    rows = "".join(f"2024-01-01T00:00:0{second}Z,{row}\n" for second in range(5))
    (tmp_path / "wide.csv").write_text(f"time,{names}\n{rows}")
    details = inspect_file(tmp_path / "wide.csv", "wide.csv")[1]
    assert len(details["columns"]) == LISTED_COLUMNS and details["column_count"] == 5_001
    assert details["unlisted"][-1] == "p4999" and len(details["unlisted"]) == 4_501


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"learner": {}, "version": [3, 2, 0]}', "booster"),
        (b'\n{ "version":[3,2,0], "learner":{}}', "booster"),
        (b'{"architecture": "mlp", "inputs": 4, "hidden": [3], "classes": 2}', "model"),
    ],
)
def test_json_of_xgboost_is_told_from_an_architecture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, kind: str
):
    """A "learner" at the top makes JSON an XGBoost model; so does the ending .ubj."""
    from core import sources

    (tmp_path / "m.json").write_bytes(content)
    assert sources._kind_of_model(tmp_path / "m.json", "m.json") == kind
    assert sources._kind_of_model(tmp_path / "m.json", "m.UBJ") == "booster"
    assert sources._kind_of_model(tmp_path / "m.json", "m.csv") is None


def test_files_and_built_ins_open_as_telemetry(frame: pd.DataFrame, tmp_path: Path):
    """The command line's text names a file or a built-in."""
    frame.to_csv(tmp_path / "f.csv", index=False)
    source = open_source("telemetry", str(tmp_path / "f.csv"))
    assert source.kind == "telemetry" and load(source, {}).grid.rows == 200
    assert open_source("telemetry", "euclid-like") == builtin_telemetry_source("euclid-like")
    assert len(builtin_sources("telemetry")) >= 2
    with pytest.raises(BadInput, match="built in are euclid-like"):
        open_source("telemetry", "nothing")


CHOICES = [{}, {"resample": 60.0}, {"targets": ("T [K]",)}, {"covariates": ("mode",)}, {"row_seconds": 5.0}]


@pytest.mark.parametrize("chosen", CHOICES)
def test_expected_sizes_agree_with_what_is_read(frame: pd.DataFrame, tmp_path: Path, chosen: dict):
    """Estimates know rows, targets and covariates from the inspection alone."""
    frame.to_csv(tmp_path / "f.csv", index=False)
    source, params = open_source("telemetry", str(tmp_path / "f.csv")), Detect(**chosen)
    expected, found = expected_size(source, params), load(source, params)
    assert abs(expected.rows - found.grid.rows) <= 1
    assert (expected.targets, expected.covariates) == (len(found.targets), len(found.covariates))


def test_the_expected_size_of_a_built_in():
    """A built-in keeps its own step; a source without details is taken as middling."""
    expected = expected_size(builtin_telemetry_source("euclid-like-short"), Detect())
    assert (expected.rows, expected.targets, expected.covariates) == (17_280, 11, 35)
    assert expected_size(Source("telemetry", "x", "", "x"), Detect()).rows > 1_000
