"""Which column plays which part: what a person chose, and proposals from names and values for the rest."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Literal

import pyarrow as pa

from core.data.table import is_text
from core.data.telemetry_file import Columns
from core.errors import BadInput
from core.telemetry.ingest.facts import Facts
from core.telemetry.ingest.stamps import read_stamps

Role = Literal["time", "target", "covariate", "state", "label", "ignore"]
HEAD_ROWS = 200  # that tell whether a column holds times
_TIME_NAMES = frozenset(
    ("time", "times", "timestamp", "timestamps", "datetime", "date", "utc", "epoch", "ts", "unix", "gmt", "zeit")
)
_LABEL_NAMES = frozenset(
    ("label", "labels", "anomaly", "anomalies", "anomalous", "outlier", "attack", "fault", "faulty", "abnormal", "y")
)
_ROW_NAMES = frozenset(  # numbers about the rows rather than of what was measured
    ("changepoint", "index", "idx", "row", "id", "sample", "record", "seq", "sequence", "unnamed")
)


def find_time_column(file: Columns) -> str | None:
    """The column that most likely holds the times of the rows; None where no column does.

    Stored times first, then columns called like times, then other text that reads as times, then an ascending first
    column of epoch numbers.
    """
    head = file.head(HEAD_ROWS)
    stored = [name for name in file.names if file.types[name] == "time"]
    if stored:
        return next((name for name in stored if words_of(name) & _TIME_NAMES), stored[0])
    likely = [name for name in file.names if words_of(name) & _TIME_NAMES and reads_as_times(head[name])]
    if likely:
        return likely[0]
    texts = (name for name in file.names if file.types[name] == "text" and reads_as_times(head[name]))
    found = next(texts, None)
    if found is None and reads_as_times(head[file.names[0]]):
        values = head[file.names[0]].to_pylist()
        ascending = all(a is not None and b is not None and a <= b for a, b in pairwise(values))
        found = file.names[0] if ascending else None
    return found


def reads_as_times(column: pa.ChunkedArray) -> bool:
    """Do these cells read as time stamps, if perhaps as unclear ones?"""
    kind = column.type
    if not (is_text(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_temporal(kind)):
        return False
    try:
        read_stamps(column, "UTC", "")
    except BadInput as refusal:
        return "comes first" in str(refusal) or "names a time zone" in str(refusal) or "day first" in str(refusal)
    return True


def words_of(name: str) -> set[str]:
    """The words of a column name, in lower case: "isAnomaly" -> is, anomaly; "Time (UTC)" -> time, utc."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def proposed_role(facts: Facts) -> Role:
    """The part of a column that nobody chose, from its name and values: "target" stands for any quantity."""
    if facts.type == "time" or facts.empty or facts.constant:
        return "ignore"
    words = words_of(facts.name) - {"is", "has"}
    if words and words <= _ROW_NAMES:
        return "ignore"
    if words and words <= _LABEL_NAMES and looks_like_labels(facts):
        return "label"
    if facts.is_state:
        return "state"
    return "target" if facts.is_quantity else "ignore"


def looks_like_labels(facts: Facts) -> bool:
    """Zeros and ones, truth values, or two words."""
    if facts.type == "number":
        return facts.distinct <= 2 and facts.low == 0 and facts.high == 1
    return facts.type in ("truth", "text") and facts.distinct <= 2
