"""Facts of columns, proposed roles, the time column and labels."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from core.data.telemetry_file import ColumnTable
from core.errors import BadInput
from core.telemetry.ingest.facts import read_column
from core.telemetry.ingest.labels import read_labels
from core.telemetry.ingest.roles import called_like_time, find_time_column, proposed_role, words_of


def column(name: str, values: list):
    cells = pa.array(values)
    kind = "text" if pa.types.is_string(cells.type) else "truth" if pa.types.is_boolean(cells.type) else "number"
    return read_column(name, kind, pa.chunked_array([cells]))


RANGE = [float(i) for i in range(20)]
ROLES = [
    ("Temperature [K]", RANGE, "target"),
    ("coarse", [0.1, 0.2, 0.3] * 7, "target"),  # few values, but no whole numbers: a coarse sensor
    ("mode", [0, 1, 2] * 7, "state"),
    ("mode", ["SAFE", "NOMINAL", None], "state"),
    ("valve", [True, False, True], "state"),
    ("serial", [f"#{i}" for i in range(60)], "ignore"),
    ("constant", [5.0] * 9, "ignore"),
    ("empty", [None] * 9, "ignore"),
    ("anomaly", [0, 1, 0], "label"),
    ("is_anomaly", [True, False, None], "label"),
    ("Label", ["normal", "attack", "normal"], "label"),
    ("label", RANGE, "target"),
    ("changepoint", [0, 1, 0], "ignore"),
    ("index", RANGE, "ignore"),
    ("Unnamed: 0", RANGE, "ignore"),
    ("fault_current", RANGE, "target"),
    ("NO2", RANGE, "target"),
]


@pytest.mark.parametrize(("name", "values", "role"), ROLES)
def test_proposed_roles(name: str, values: list, role: str):
    """Names and values propose a part: quantities are targets, few whole numbers or words are states."""
    assert proposed_role(column(name, values).facts) == role


def test_facts_of_numbers():
    """Infinite numbers count as missing, and everything is counted over all rows."""
    found = column("x [V]", [1.0, None, float("inf"), float("nan"), 3.0])
    facts = found.facts
    assert (facts.rows, facts.missing, facts.infinite, facts.distinct) == (5, 3, 1, 2)
    assert (facts.low, facts.high, facts.unit) == (1.0, 3.0, "V")
    np.testing.assert_array_equal(found.values, [1, np.nan, np.nan, np.nan, 3])


def test_words_become_numbers_in_alphabetical_order():
    """A text column is kept as the numbers of its words."""
    found = column("mode", ["SUN", None, "ECLIPSE", "SUN"])
    assert found.words == ("ECLIPSE", "SUN")
    np.testing.assert_array_equal(found.values, [1, np.nan, 0, 1])


def test_many_distinct_values_are_not_counted_out():
    """Counting ends past fifty, also where the first thousand rows have few."""
    assert column("x", [0.0] * 1_500 + RANGE * 2 + [float(i) for i in range(100)]).facts.distinct == 51


def test_words_of_names():
    """Names are split at case, digits and punctuation."""
    assert words_of("Time (UTC)") == {"time", "utc"}
    assert words_of("isAnomaly") == {"is", "anomaly"}
    assert words_of("TIMESTAMP_2") == {"timestamp"}


STAMPS = ["2024-01-01 00:00", "2024-01-01 00:01", "2024-01-01 00:02"]
TIME_COLUMNS = [
    ({"x": [1.0, 2, 3], "when": STAMPS}, "when"),
    ({"note": ["2024-01-01"] * 3, "time": STAMPS}, "time"),
    ({"x": [1.0, 2, 3], "epoch": [1_700_000_000, 1_700_000_001, 1_700_000_002]}, "epoch"),
    ({"x": [1_700_000_000, 1_700_000_001, 1_700_000_002]}, None),  # large numbers alone are no times
    ({"time_in_state": [1.0, 2, 3], "x": [1.0, 2, 3]}, None),
    ({"x": [1.0, 2, 3], "stored": pa.array([0, 1, 2], pa.timestamp("s"))}, "stored"),
    ({"time": ["02/03/2024", "02/04/2024", "02/05/2024"]}, "time"),
]


@pytest.mark.parametrize(("columns", "found"), TIME_COLUMNS)
def test_the_time_column_is_found(columns: dict, found: str | None):
    """Stored times first, then columns called like times, then any text that looks like stamps."""
    assert find_time_column(ColumnTable("f.csv", pa.table(columns))) == found


def test_a_column_called_time_is_named_whatever_it_holds():
    """What is wrong with a column called time is worth a sentence of its own."""
    assert called_like_time(ColumnTable("f.csv", pa.table({"x": [1], "Time (UTC)": ["soon"]}))) == "Time (UTC)"
    assert called_like_time(ColumnTable("f.csv", pa.table({"x": [1], "t": [2]}))) is None


LABELS = [
    ([0, 1, None, 1], [False, True, False, True]),
    ([0.0, 1.0], [False, True]),
    ([True, False, None], [True, False, False]),
    (["normal", "Anomaly", "", None, "NOMINAL"], [False, True, False, False, False]),
    (["0", "1"], [False, True]),
    (["", None], [False, False]),
]


@pytest.mark.parametrize(("values", "expected"), LABELS)
def test_label_columns(values: list, expected: list):
    """Zeros and ones, truth values and words are labels; an empty cell says that nothing is known to be wrong."""
    assert read_labels(column("label", values), "f.csv, column 'label'").tolist() == expected


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([0, 1, 2], "holds 2 in row 3; labels are 0 or 1, true or false, normal or anomaly"),
        ([0.0, 0.5], "holds 0.5 in row 2"),
        (["normal", "perhaps"], "holds 'perhaps' in row 2"),
        ([f"#{i}" for i in range(60)], "holds more than 50 different words"),
    ],
)
def test_other_labels_are_refused(values: list, sentence: str):
    """The first other value is named with its row."""
    with pytest.raises(BadInput) as refused:
        read_labels(column("label", values), "f.csv, column 'label'")
    assert str(refused.value).startswith(f"f.csv, column 'label' {sentence}")
