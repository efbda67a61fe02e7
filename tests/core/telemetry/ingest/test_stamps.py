"""Time stamps in every spelling, against pandas and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.errors import BadInput
from core.telemetry.ingest.stamps import Stamps, look_like_stamps, read_stamps

WHAT = "f.csv, column 't'"


def read(values: list | pa.Array, zone: str = "UTC") -> Stamps:
    """Read plain and dictionary-encoded, which must be the same."""
    array = values if isinstance(values, pa.Array) else pa.array(values)
    found = read_stamps(pa.chunked_array([array]), zone, WHAT)
    if pa.types.is_string(array.type):
        encoded = read_stamps(pa.chunked_array([array.dictionary_encode()]), zone, WHAT)
        np.testing.assert_array_equal(encoded.ns, found.ns)
        np.testing.assert_array_equal(encoded.missing, found.missing)
    return found


def times(found: Stamps) -> list[str]:
    return [str(one) for one in found.ns.view("M8[ns]").astype("M8[ms]")]


def refusal(values: list | pa.Array, zone: str = "UTC") -> str:
    with pytest.raises(BadInput) as refused:
        read(values, zone)
    return str(refused.value)


FORMATS = [
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%d %H:%M:%S.%f+00:00",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y%m%dT%H%M%S",
    "%d/%m/%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
]


@pytest.mark.parametrize("form", FORMATS)
def test_spellings_agree_with_pandas(form: str):
    """300 random stamps of a year are read in each spelling as pandas reads them when it is told the spelling."""
    rng = np.random.default_rng(7)
    stamps = pd.to_datetime(rng.integers(1_700_000_000_000_000, 1_731_000_000_000_000, 300), unit="us")
    written = list(stamps.strftime(form))
    expected = pd.to_datetime(written, format=form.replace("+00:00", "%z").replace("Z", "%z"), utc=True)
    np.testing.assert_array_equal(read(written).ns, expected.as_unit("ns").asi8)


def test_mixed_iso_agrees_with_pandas():
    """ISO stamps of several zones and precisions are read as pandas reads them with utc=True."""
    written = ["2024-03-01T00:00:00Z", "2024-03-01T02:00:00+02:00", "2024-02-29T23:00:00.25-01:30", "2024-03-01T00:00Z"]
    expected = pd.to_datetime(written, utc=True, format="ISO8601").as_unit("ns").asi8
    found = read(written)
    np.testing.assert_array_equal(found.ns, expected)
    assert found.notes == (
        f"{WHAT} names several time zones (+00:00, +02:00, -01:30); each stamp was brought to UTC by its own.",
    )


@pytest.mark.parametrize(("unit", "factor"), [("s", 1e0), ("ms", 1e3), ("us", 1e6), ("ns", 1e9)])
def test_epoch_numbers_agree_with_pandas(unit: str, factor: float):
    """Whole numbers since 1970 are told by their size: s, ms, us or ns."""
    numbers = (np.array([946_684_800, 1_707_955_200, 4_102_444_800], dtype=np.int64) * int(factor)).tolist()
    np.testing.assert_array_equal(read(numbers).ns, pd.to_datetime(numbers, unit=unit, utc=True).as_unit("ns").asi8)


def test_epoch_seconds_may_have_a_fraction():
    """Seconds as floating-point numbers keep their milliseconds; NaN is missing."""
    found = read([1_707_955_200.125, float("nan"), 1_707_955_201.5])
    assert times(found) == ["2024-02-15T00:00:00.125", "1970-01-01T00:00:00.000", "2024-02-15T00:00:01.500"]
    assert found.missing.tolist() == [False, True, False]


def test_day_of_year_as_spacecraft_write_it():
    """CCSDS stamps by day of year: day 60 of a leap year is 29 February, day 366 exists in leap years alone."""
    assert times(read(["2024-060T12:00:00.5Z", "2024-366T00:00:00Z"])) == [
        "2024-02-29T12:00:00.500",
        "2024-12-31T00:00:00.000",
    ]
    assert "row 2 holds '2023-366T00:00:00Z', which is no time stamp" in refusal(
        ["2023-001T00:00:00Z", "2023-366T00:00:00Z"]
    )


def test_a_leap_second_counts_as_the_next():
    """23:59:60 is the first second of the next day."""
    assert times(read(["2016-12-31 23:59:60", "2017-01-01 00:00:01"])) == [
        "2017-01-01T00:00:00.000",
        "2017-01-01T00:00:01.000",
    ]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (pa.timestamp("s"), [1_707_955_200, None]),
        (pa.timestamp("ns", "Europe/Madrid"), [1_707_955_200_000_000_000, None]),
        (pa.date32(), [19_768, None]),
    ],
)
def test_stored_times(kind: pa.DataType, values: list):
    """Times that Parquet stores are instants, whatever zone they are shown in; dates begin at midnight."""
    found = read(pa.array(values, kind))
    assert times(found)[0] == "2024-02-15T00:00:00.000"
    assert found.missing.tolist() == [False, True]


@pytest.mark.parametrize("values", [["2024-07-01 12:00:00"], pa.array([1_719_835_200], pa.timestamp("s"))])
def test_stamps_without_a_zone_are_of_the_chosen_one(values):
    """Noon in Madrid in summer is 10:00 UTC, of text and of stored times."""
    assert times(read(values, "Europe/Madrid")) == ["2024-07-01T10:00:00.000"]
    assert times(read(values)) == ["2024-07-01T12:00:00.000"]
    assert read(values, "Europe/Madrid").notes == (f"{WHAT} names no time zone and was read as Europe/Madrid.",)


def test_stamps_with_a_zone_keep_it():
    """A chosen zone does not touch stamps that name their own."""
    found = read(["2024-07-01T12:00:00Z"], "Europe/Madrid")
    assert times(found) == ["2024-07-01T12:00:00.000"] and found.notes == ()


@pytest.mark.parametrize("hour", ["2024-10-27 02:30:00", "2024-03-31 02:30:00"])
def test_hours_of_changing_clocks_are_refused(hour: str):
    """A local time that occurs twice, or never, is refused with its row."""
    sentence = refusal(["2024-06-01 00:00:00", hour], "Europe/Berlin")
    assert f"{WHAT}: row 2 holds {hour}, which in Europe/Berlin does not exist or occurs twice" in sentence


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (["2024-01-01", None, "2024-01-02", "soon"], "row 4 holds 'soon', which is no time stamp"),
        (["2024-01-01", "2024-02-30"], "row 2 holds '2024-02-30', which is no time stamp"),
        (["2024-01-01T25:00:00"], "row 1 holds '2024-01-01T25:00:00', which is no time stamp"),
        (["02/03/2024", "04/05/2024"], "row 1 holds '02/03/2024', and no row tells whether the day or the month comes"),
        (["13/03/2024", "03/14/2024"], "row 1 (13/03/2024) has the day first and row 2 (03/14/2024) the month"),
        (
            ["2024-01-01T00:00:00Z", "2024-01-01T00:01:00"],
            "row 1 names a time zone (2024-01-01T00:00:00Z) and row 2 names none (2024-01-01T00:01:00)",
        ),
        ([1_700_000_000, 1_700_000_000_123, 1_700_000_002], "row 2 holds 1700000000123, where most rows hold seconds"),
    ],
)
def test_unclear_stamps_are_refused_with_their_row(values: list, sentence: str):
    """The refusal names file, column and row, what was found, and what to write instead."""
    said = refusal(values)
    assert said.startswith(f"{WHAT}: {sentence}") and said.endswith(".")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([None, None], "holds no time stamp: it is empty"),
        ([" ", "NaT"], "holds no time stamp: it is empty"),
        ([True, False], "holds no time stamps"),
        ([0, 1, 2, 3], "holds numbers around 1.5, which are no epoch in s, ms, us or ns"),
        (pa.array([10_000_000_000], pa.timestamp("s")), "holds a time outside the years 1678 to 2262"),
    ],
)
def test_columns_without_stamps_are_refused(values, sentence: str):
    """A column that holds no stamps at all is refused, and the sentence says what to choose instead."""
    assert sentence in refusal(values)


def test_day_first_is_told_by_the_column_itself():
    """One day above 12 settles the order for all rows; with dots the day is first, as everywhere."""
    assert times(read(["05/06/2024", "25/06/2024"]))[0] == "2024-06-05T00:00:00.000"
    assert times(read(["05/06/2024", "06/25/2024"]))[0] == "2024-05-06T00:00:00.000"
    assert times(read(["05.06.2024"])) == ["2024-06-05T00:00:00.000"]
    assert read(["05.06.2024"]).notes == (
        f"{WHAT} was read with the day first.",
        f"{WHAT} names no time zone and was read as UTC.",
    )


@pytest.mark.parametrize(
    ("values", "likely"),
    [
        (["2024-01-01", "x", "2024-01-02"], True),
        (["02/03/2024 10:00"], True),
        (["a", "b"], False),
        ([1_700_000_000, 1_700_000_060], True),
        ([0.5, 0.7], False),
        ([None, None], False),
        ([True, False], False),
    ],
)
def test_what_looks_like_stamps(values: list, likely: bool):
    """Most cells decide, so that one bad cell is named later rather than the column overlooked."""
    assert look_like_stamps(pa.chunked_array([pa.array(values)])) is likely
