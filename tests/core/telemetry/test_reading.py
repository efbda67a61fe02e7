"""From a file to a regular grid with roles and a quality report."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.analysis import Source
from core.data.builtin_telemetry import builtin_telemetry_source
from core.errors import BadInput
from core.keys import digest_of_file
from core.settings import settings
from core.telemetry.reading import Telemetry, load
from core.telemetry.synthetic.builtin import make

ROWS = 60


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A home folder of its own."""
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def frame() -> pd.DataFrame:
    """A minute a row: two temperatures, a heater, a mode in words, a constant, an empty column and labels."""
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "time": pd.date_range("2024-02-15", periods=ROWS, freq="min", tz="UTC"),
            "A [K]": 280 + rng.normal(size=ROWS),
            "B [K]": 290 + rng.normal(size=ROWS),
            "heater (W)": rng.uniform(0, 50, ROWS),
            "mode": ["SAFE", "NOMINAL"] * (ROWS // 2),
            "fixed": 3.5,
            "none": np.full(ROWS, np.nan),
            "anomaly": ([0] * 50 + [1] * 10),
        }
    )


def stored(frame: pd.DataFrame, folder: Path, name: str = "f.parquet") -> Source:
    path = folder / name
    frame.to_parquet(path, index=False) if name.endswith("parquet") else frame.to_csv(path, index=False)
    return Source("telemetry", name, digest_of_file(path), str(path))


def read(frame: pd.DataFrame, folder: Path, name: str = "f.parquet", **ingest) -> Telemetry:
    return load(stored(frame, folder, name), ingest)


def refusal(frame: pd.DataFrame, folder: Path, name: str = "f.parquet", **ingest) -> str:
    with pytest.raises(BadInput) as refused:
        read(frame, folder, name, **ingest)
    return str(refused.value)


@pytest.mark.parametrize("name", ["f.parquet", "f.csv"])
def test_a_file_without_a_word(frame: pd.DataFrame, tmp_path: Path, name: str):
    """Without choices quantities are targets, the state is a covariate; constant and empty columns are left out, noted."""
    found = read(frame, tmp_path, name)
    assert found.targets == ("A [K]", "B [K]", "heater (W)") and found.covariates == ("mode",)
    assert found.grid.names == (*found.targets, *found.covariates)
    assert (found.grid.step, found.grid.rows, found.file_step) == (60, ROWS, 60)
    assert found.grid.times[0] == 1_707_955_200_000
    assert found.grid.units == {"A [K]": "K", "B [K]": "K", "heater (W)": "W"}
    assert found.grid.states == {"mode"} and found.grid.categories == {"mode": ("NOMINAL", "SAFE")}
    np.testing.assert_array_equal(found.grid.column("mode"), [1, 0] * (ROWS // 2))
    np.testing.assert_array_equal(found.grid.column("A [K]"), frame["A [K]"])
    np.testing.assert_array_equal(found.grid.labels, frame["anomaly"] == 1)
    assert found.notes == (
        "Left out, as constant: fixed.",
        "Left out, as without any value: none.",
        "Column 'anomaly' was taken as the labels; name it under ignore if it holds something else.",
    )
    assert found.roles == {
        "time": "time",
        "A [K]": "target",
        "B [K]": "target",
        "heater (W)": "target",
        "mode": "state",
        "fixed": "ignore",
        "none": "ignore",
        "anomaly": "label",
    }


CHOICES = [
    ({"targets": ["B [K]"]}, ("B [K]",), ("A [K]", "heater (W)", "mode")),
    ({"covariates": ["heater (W)"]}, ("A [K]", "B [K]"), ("heater (W)",)),
    ({"targets": ["B [K]"], "covariates": ["mode"]}, ("B [K]",), ("mode",)),
    ({"targets": ["B [K]"], "ignore": ["mode"]}, ("B [K]",), ("A [K]", "heater (W)")),
    ({"states": ["heater (W)"]}, ("A [K]", "B [K]"), ("heater (W)", "mode")),
    ({"targets": ["B [K]", "fixed"], "covariates": ["mode"]}, ("B [K]",), ("mode",)),
]


@pytest.mark.parametrize(("chosen", "targets", "covariates"), CHOICES)
def test_what_is_named_counts(frame: pd.DataFrame, tmp_path: Path, chosen: dict, targets: tuple, covariates: tuple):
    """Named targets make all else covariates, named covariates make all other quantities targets."""
    found = read(frame, tmp_path, **chosen)
    assert (found.targets, found.covariates) == (targets, covariates)


def test_only_needed_columns_are_read(frame: pd.DataFrame, tmp_path: Path):
    """With targets and covariates named the other columns are not looked at."""
    found = read(frame, tmp_path, targets=["A [K]"], covariates=["mode"])
    notes = found.columns.set_index("column").note
    assert set(notes[notes == "not read"].index) == {"B [K]", "heater (W)", "fixed", "none", "anomaly"}
    assert found.grid.labels is None


def test_the_table_of_columns(frame: pd.DataFrame, tmp_path: Path):
    """Role, unit, type, share missing, constant, first and last known value and longest silence of each column."""
    frame.loc[10:39, "A [K]"] = np.nan
    found = read(frame, tmp_path).columns.set_index("column")
    one = found.loc["A [K]"]
    assert (one.role, one.unit, one.type, one.missing_share) == ("target", "K", "number", 0.5)
    assert one["first"] == frame.time[0] and one["last"] == frame.time[59]
    assert one.longest_silence_minutes == 31
    assert bool(found.loc["fixed"].constant) and found.loc["fixed"].note == "constant"
    assert pd.isna(found.loc["none"]["first"]) and found.loc["none"].missing_share == 1


def test_a_column_that_is_silent_for_long_is_noted(frame: pd.DataFrame, tmp_path: Path):
    """A stretch without values, though other columns have some, gets a sentence and stays unknown."""
    frame.loc[10:39, "A [K]"] = np.nan
    found = read(frame, tmp_path)
    assert "A [K] has no value for 31 min from 2024-02-15 00:09 UTC; it gets no score there." in found.notes
    assert np.isnan(found.grid.column("A [K]")).sum() == 30


def test_gaps_stay_gaps(frame: pd.DataFrame, tmp_path: Path):
    """Two missing rows are interpolated, ten are not; the table of gaps and a note say where."""
    kept = frame.drop(index=[5, 6, *range(20, 30)])
    found = read(kept, tmp_path)
    values = found.grid.column("A [K]")
    assert np.isfinite(values[5:7]).all() and np.isnan(values[20:30]).all() and np.isnan(values).sum() == 10
    np.testing.assert_array_equal(found.missing[4:8, 0], [0, 1, 1, 0])
    assert found.gaps.to_dict("records") == [{"start": frame.time[19], "end": frame.time[30], "minutes": 11.0}]
    assert found.notes[0].startswith(
        "1 gap of more than 5 usual steps; the longest is 11 min, from 2024-02-15 00:19 UTC"
    )


def test_disorder_is_counted_and_noted(frame: pd.DataFrame, tmp_path: Path):
    """A shuffled file with doubled rows gives the same grid as the clean one, and says what was done."""
    shuffled = pd.concat([frame, frame.iloc[:7]]).sample(frac=1, random_state=1)
    found = read(shuffled, tmp_path)
    np.testing.assert_allclose(found.grid.values, read(frame, tmp_path).grid.values, rtol=1e-15)
    assert "7 rows repeat the time of another; rows of one time were averaged." in found.notes
    assert any(note.startswith("The rows were sorted by time") for note in found.notes)


def test_rows_of_the_file_are_found_in_the_grid(frame: pd.DataFrame, tmp_path: Path):
    """Rows of the grid know the rows of the file: how far the first rows of the file reach, and until when."""
    found = read(frame.drop(index=range(20, 30)), tmp_path)
    assert found.file_rows.tolist() == [*range(20), *range(30, 60)]
    assert [found.rows_of_first(count) for count in (0, 20, 21, 1_000)] == [0, 20, 31, 60]
    assert found.rows_until(found.grid.times[7]) == 7
    coarse = read(frame, tmp_path, resample=300)
    assert coarse.file_rows.tolist() == np.repeat(range(12), 5).tolist()


def test_a_coarser_step_is_noted(frame: pd.DataFrame, tmp_path: Path):
    """Resampling to five minutes averages five rows."""
    found = read(frame, tmp_path, resample=300)
    np.testing.assert_allclose(found.grid.column("A [K]"), frame["A [K]"].to_numpy().reshape(-1, 5).mean(axis=1))
    assert "Rows every 60 s were averaged to a step of 5 min (states: the last value)." in found.notes


def test_sparse_columns_are_noted(frame: pd.DataFrame, tmp_path: Path):
    """A channel that is sampled less often than the grid's step is pointed out with the remedy."""
    frame.loc[frame.index % 6 != 0, "B [K]"] = np.nan
    assert any(
        note.startswith("B [K]: no value in more than half of the steps of 60 s")
        for note in read(frame, tmp_path).notes
    )


def test_infinite_values_count_as_missing(frame: pd.DataFrame, tmp_path: Path):
    """An infinite value is counted, noted and, alone, interpolated."""
    frame.loc[7, "A [K]"] = np.inf
    found = read(frame, tmp_path)
    assert "1 infinite value counts as missing." in found.notes
    assert np.isfinite(found.grid.column("A [K]")).all()


def test_files_without_times_take_row_seconds(frame: pd.DataFrame, tmp_path: Path):
    """Without a time column the sentence names both remedies; row_seconds gives a grid that begins in 1970."""
    bare = frame.drop(columns="time")
    sentence = refusal(bare, tmp_path)
    assert sentence == (
        "f.parquet has no column of times; choose one with time=COLUMN, or say how far its rows are apart with "
        "row_seconds=SECONDS, such as row_seconds=60."
    )
    found = read(bare, tmp_path, row_seconds=60)
    assert (found.grid.times[0], found.grid.step, found.grid.rows) == (0, 60, ROWS)
    other = read(frame, tmp_path, row_seconds=30)
    assert other.grid.step == 30 and "column 'time' was left out" in other.notes[0] and other.roles["time"] == "ignore"


REFUSALS = [
    ({"targets": ["C"]}, "f.parquet has no column 'C' (targets); it has time, A [K], B [K]"),
    ({"time": "when"}, "f.parquet has no column 'when' (time)"),
    ({"time": "time", "row_seconds": 60.0}, "f.parquet: time=time and row_seconds are both set; keep one of the two."),
    ({"time": "mode"}, "f.parquet, column 'mode': row 1 holds 'SAFE', which is no time stamp"),
    ({"time": "heater (W)"}, "f.parquet, column 'heater (W)' holds numbers around"),
    ({"targets": ["mode"]}, "f.parquet, column 'mode' holds text; a target is a column of numbers."),
    ({"targets": ["fixed", "none"]}, "f.parquet: no target is left: fixed (constant), none (no value at all)"),
    ({"labels": "heater (W)"}, "f.parquet, column 'heater (W)' holds "),
    ({"ignore": ["A [K]", "B [K]", "heater (W)"]}, "f.parquet has no column that can be a target"),
    ({"resample": 86_400.0}, "f.parquet: a time step of 86400 s leaves 1 of its rows"),
]


@pytest.mark.parametrize(("chosen", "sentence"), REFUSALS)
def test_what_can_not_be_is_refused_in_one_sentence(frame: pd.DataFrame, tmp_path: Path, chosen: dict, sentence: str):
    """Names that do not exist, columns that can't play their part and senseless steps are refused, naming the file."""
    assert refusal(frame, tmp_path, **chosen).startswith(sentence)


def test_a_name_that_is_nearly_right_is_suggested(frame: pd.DataFrame, tmp_path: Path):
    """A name without its unit gets the one that was meant."""
    assert "no column 'heater' (covariates); did you mean 'heater (W)'? It has time," in refusal(
        frame, tmp_path, covariates=["heater"]
    )


def test_days_without_a_time_of_day_are_refused(frame: pd.DataFrame, tmp_path: Path):
    """Date and time of day in two columns would be averaged by day; the sentence says to join them."""
    frame.insert(0, "date", frame.time.dt.strftime("%Y-%m-") + (1 + frame.index // 20).astype(str).str.zfill(2))
    frame["time"] = frame.time.dt.strftime("%H:%M:%S")
    assert refusal(frame, tmp_path) == (
        "f.parquet, column 'date' holds days without a time of day, each in many rows; join day and time of day into one "
        "column of stamps such as 2024-02-15T10:30:00Z."
    )


def test_a_table_of_one_row_a_parameter_is_refused(frame: pd.DataFrame, tmp_path: Path):
    """Rows of several parameters at one time are not averaged; the sentence has the line that turns the table."""
    long = frame.melt("time", ["A [K]", "B [K]", "heater (W)"], "parameter", "value")
    assert refusal(long, tmp_path) == (
        "f.parquet has one row for each time and each 'parameter'; one row a time with a column for each is expected: "
        "table.pivot(index=TIME, columns='parameter', values=VALUE)."
    )


def test_hundreds_of_columns_must_be_named(tmp_path: Path):
    """Five thousand columns are refused with the remedy, and work once targets and covariates are named."""
    times = pd.date_range("2024-02-15", periods=10, freq="min", tz="UTC")
    wide = pd.DataFrame(np.random.default_rng(0).normal(size=(10, 5_000)), columns=[f"p{i}" for i in range(5_000)])
    wide.insert(0, "time", times)
    assert refusal(wide, tmp_path) == (
        "f.parquet has 5,001 columns and 5,000 of them would be used; at most 500 are used in one run: name them with "
        "targets=A,B and covariates=C,D."
    )
    found = read(wide, tmp_path, targets=["p7"], covariates=["p4999"])
    assert found.grid.names == ("p7", "p4999")


def test_a_series_is_kept_for_the_next_step(frame: pd.DataFrame, tmp_path: Path):
    """The same file read in the same way is read once; its arrays can't be written to."""
    source = stored(frame, tmp_path)
    first = load(source, {"targets": ["A [K]"]})
    assert load(source, {"targets": ["A [K]"]}).grid is first.grid
    assert load(source, {"targets": ["B [K]"]}).grid is not first.grid
    with pytest.raises(ValueError, match="read-only"):
        first.grid.values[0, 0] = 0


def test_nullable_and_small_types(tmp_path: Path):
    """Whole numbers with nulls, 32-bit floats, decimals and stored dates are read as numbers and times."""
    table = pa.table(
        {
            "day": pa.array(range(19_768, 19_788), pa.date32()),
            "count": pa.array([None if i == 4 else i * i for i in range(20)], pa.int32()),
            "x": pa.array(np.arange(20) / 3, pa.float32()),
            "price": pa.array([i * 100 for i in range(20)], pa.int64()).cast(pa.decimal128(21, 2)),
        }
    )
    pq.write_table(table, tmp_path / "f.parquet")
    found = load(Source("telemetry", "f.parquet", "digest", str(tmp_path / "f.parquet")), {})
    assert found.targets == ("count", "x", "price") and found.grid.step == 86_400
    assert found.grid.column("count")[4] == (9 + 25) / 2  # interpolated


def test_a_built_in_comes_as_it_was_generated():
    """The synthetic spacecraft keeps its own step, its 11 targets and 35 covariates, and its states."""
    source = builtin_telemetry_source("euclid-like-short")
    found, made = load(source, {}, seed=3, amplitude=0.5), make("euclid-like-short", 3, 0.5)
    assert (found.targets, found.covariates) == (made.targets, made.covariates)
    np.testing.assert_array_equal(found.grid.columns(made.grid.names), made.grid.values)
    np.testing.assert_array_equal(found.grid.times, made.grid.times)
    assert found.grid.units == made.grid.units and found.grid.states == made.grid.states
    one = load(source, {"targets": ["M1"], "resample": 3_600}, seed=3, amplitude=0.5)
    assert one.targets == ("M1",) and one.covariates == made.covariates and one.grid.step == 3_600
    assert load(source, {}, seed=4).grid is not load(source, {}, seed=3).grid
