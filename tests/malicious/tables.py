"""Tables that lie: csv and Parquet, as data sets, telemetry and predictions."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from fuzz.honest import TELEMETRY, parquet
from tests.malicious.case import Case, Ingredients, fixed, nested

MIB = 1 << 20
MARKUP = "<img src=x onerror=alert(1)>"
ODD_NAMES = (
    MARKUP,
    "\u202egpj.exe",
    "a\x07b\x1b[31m",
    "=cmd|' /C calc'!A0",
    "../../etc/passwd",
    "__import__('os')",
    "{{7*7}}",
)


def table_cases() -> Iterator[Case]:
    """Attacks on the readers of tables."""
    yield Case("a million columns", "x.csv", lambda _: _row(10**6, b"c%d") + _row(10**6, b"%d"), "columns")
    yield Case("a line of 50 MB", "x.csv", lambda _: b"a,b\n" + b"1" * (50 * MIB) + b",2\n", "")
    yield Case("a header of 50 MB", "x.csv", lambda _: b"a" * (50 * MIB) + b"\n1\n", "")
    yield Case("a quote left open over 50 MB", "x.csv", lambda _: b'a,b\n"' + b"1,2\n" * (12 * MIB), "")
    yield Case("a million empty lines", "x.csv", lambda _: b"a,b\n" + b"\n" * 10**6, "no rows")
    yield Case("six million rows", "x.csv", lambda _: b"a\n" + b"1\n" * 6_000_000, "ASSAY_MAX_ROWS")
    yield Case("zero bytes", "x.csv", fixed(b"a,b\n1,\0\n"), "zero bytes")
    yield Case("zero bytes after megabytes", "x.csv", lambda _: b"a,b\n" + b"1,2\n" * (2 * MIB) + b"1,\0\n", "")
    yield Case("no UTF-8", "x.csv", fixed(b"a,b\n1,2\n\xff\xfe,3\n"), "UTF-8")
    yield Case("UTF-16", "x.csv", fixed("a,b\n1,2\n".encode("utf-16")), "UTF-8|zero bytes")
    yield Case("a byte order mark", "x.csv", fixed(b"\xef\xbb\xbfa,b\n1,2\n3,4\n"), None)
    yield Case("formulas as cells", "x.csv", fixed(b"x,label\n1,=1+1\n2,@SUM(A1)\n3,=1+1\n4,@SUM(A1)\n"), None)
    yield Case("names of every kind", "x.csv", lambda _: _named(), None)
    yield Case("a name of a megabyte", "x.csv", lambda _: b"a" * MIB + b",b\n1,2\n", "at most 200|131,072")
    yield Case("numbers beyond all floats", "x.csv", fixed(b"a,b\n1e999,2\n-1e999,5e-324\nnan,inf\n"), None)
    yield Case("a number of a million digits", "x.csv", lambda _: b"a,b\n" + b"1" * 10**6 + b",2\n3,4\n", None)
    yield Case("a pickle called csv", "x.csv", lambda given: pickle.dumps([given.honest["table.csv"]]), "")
    yield Case("a program called csv", "x.csv", fixed(b"\x7fELF\x02\x01\x01" + bytes(100)), "zero bytes|not text")
    yield Case("quotes without end", "x.csv", lambda _: b"a,b\n" + b'"' * 10**6 + b"\n", "")
    yield Case("carriage returns alone", "x.csv", fixed(b"a,b\r1,2\r3,4\r"), None)

    yield Case(
        "time stamps beyond all calendars",
        "x.csv",
        fixed(_stamps(b"99999-01-01", b"-5000-01-01", b"2e300")),
        None,
        "telemetry",
    )
    yield Case("two rows a year apart in a grid of a nanosecond", "x.csv", fixed(_nanoseconds()), None, "telemetry")
    yield Case(
        "time stamps that all are equal", "x.csv", fixed(_stamps(*[b"2024-01-01T00:00:00Z"] * 5)), None, "telemetry"
    )
    yield Case(
        "telemetry with markup in a name",
        "x.csv",
        lambda _: TELEMETRY.replace(b"pressure", MARKUP.encode()),
        None,
        "telemetry",
    )

    yield Case("labels of 10^12", "x.csv", fixed(b"label,p_0,p_1\n1000000000000,0.5,0.5\n0,1,0\n"), "", "predictions")
    yield Case(
        "probabilities that are NaN", "x.csv", fixed(b"label,p_0,p_1\n0,nan,nan\n1,nan,nan\n"), "", "predictions"
    )
    yield Case(
        "probabilities of -inf and 1e308",
        "x.csv",
        fixed(b"label,p_0,p_1\n0,-inf,1e308\n1,1e308,-inf\n"),
        None,
        "predictions",
    )
    yield Case("ten thousand classes and one row", "x.csv", lambda _: _classes(10_000), None, "predictions")
    yield Case("models with markup for names", "x.csv", fixed(_population(MARKUP)), None, "population")

    yield Case("222 KiB that are 381 MiB", "x.parquet", lambda _: _constant(10, 5_000_000), "bomb")
    yield Case("twenty million rows in a few KiB", "x.parquet", lambda _: _constant(1, 20_000_000), "ASSAY_MAX_ROWS")
    yield Case("lists in lists", "x.parquet", lambda _: parquet({"a": [[[1]], [[2]]]}), "type")
    yield Case("a pickled type", "x.parquet", _pickled_type, None)
    yield Case("metadata of pandas that are no metadata", "x.parquet", lambda _: _metadata(nested(1000)), None)
    yield Case("Parquet without columns", "x.parquet", lambda _: parquet({}), "without columns")
    yield Case(
        "a footer of 2^31 bytes",
        "x.parquet",
        lambda given: given.honest["table.parquet"][:-8] + b"\xff\xff\xff\x7fPAR1",
        "damaged",
    )
    yield Case(
        "Parquet names of every kind", "x.parquet", lambda _: parquet({name: [1.0, 2.0] for name in ODD_NAMES}), None
    )
    yield Case("moments beyond all calendars", "x.parquet", lambda _: _moments(), "")
    yield Case("telemetry of moments beyond all calendars", "x.parquet", lambda _: _moments(), "", "telemetry")


def _row(count: int, form: bytes) -> bytes:
    return b",".join(form % number for number in range(count)) + b"\n"


def _named() -> bytes:
    quoted = ",".join('"' + name.replace('"', '""') + '"' for name in ODD_NAMES)
    return f"{quoted}\n{','.join('1' * len(ODD_NAMES))}\n{','.join('2' * len(ODD_NAMES))}\n".encode()


def _stamps(*stamps: bytes) -> bytes:
    return b"time,value\n" + b"".join(stamp + b",%d\n" % number for number, stamp in enumerate(stamps))


def _nanoseconds() -> bytes:
    first = [b"2024-01-01T00:00:00.%09dZ" % number for number in range(50)]
    return _stamps(*first, b"2030-01-01T00:00:00.000000000Z")


def _classes(count: int) -> bytes:
    header = b"label," + _row(count, b"p_%d")
    return header + b"0,1" + b",0" * (count - 1) + b"\n"


def _population(name: str) -> bytes:
    rows = [f"{model},{label},0.5,0.5\n" for model in (name, "b") for label in (0, 1)]
    return ("model,label,p_0,p_1\n" + "".join(rows)).encode()


def _constant(columns: int, rows: int) -> bytes:
    one = pa.array(np.zeros(rows, dtype=np.float64))
    return parquet({f"c{number}": one for number in range(columns)}, row_group_size=rows)


def _metadata(text: bytes) -> bytes:
    table = pa.table({"a": [1.0, 2.0], "b": [3.0, 4.0]}).replace_schema_metadata({b"pandas": text})
    return _written(table)


def _pickled_type(given: Ingredients) -> bytes:
    """A column whose type asks to be unpickled, as pyarrow did up to version 14.0 (CVE-2023-47248)."""
    from tests.malicious.case import Payload

    marks = {
        "ARROW:extension:name": "arrow.py_extension_type",
        "ARROW:extension:metadata": pickle.dumps(Payload(given.canary), 0),
    }
    field = pa.field("a", pa.float64(), metadata=marks)
    return _written(pa.table([[1.0, 2.0], [3.0, 4.0]], schema=pa.schema([field, pa.field("b", pa.float64())])))


def _moments() -> bytes:
    far = pa.array([2**62, -(2**62), 0], pa.timestamp("ms"))
    return _written(pa.table({"time": far, "value": [1.0, 2.0, 3.0]}))


def _written(table: pa.Table) -> bytes:
    import io

    import pyarrow.parquet as pq

    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()
