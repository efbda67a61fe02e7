"""Which column plays which part: what a person chose, and proposals from names and values for the rest."""

from __future__ import annotations

import re
from typing import Literal

from core.data.telemetry_file import Columns
from core.telemetry.ingest.facts import Facts
from core.telemetry.ingest.stamps import look_like_stamps

Role = Literal["time", "target", "covariate", "state", "label", "ignore"]
HEAD_ROWS = 200  # that tell whether a column holds times
_TIME_NAMES = frozenset(
    (
        "time",
        "times",
        "timestamp",
        "timestamps",
        "datetime",
        "date",
        "utc",
        "epoch",
        "ts",
        "unix",
        "gmt",
        "unixtime",
        "t",
    )
)
_LABEL_NAMES = frozenset(
    ("label", "labels", "anomaly", "anomalies", "anomalous", "outlier", "attack", "fault", "faulty", "abnormal", "y")
)
_ROW_NAMES = frozenset(  # numbers about the rows rather than of what was measured
    ("changepoint", "index", "idx", "row", "id", "sample", "record", "seq", "sequence", "unnamed")
)


def find_time_column(columns: Columns) -> str | None:
    """The column that holds the times of the rows; None where none looks like it.

    Stored times first, then stamps and epoch numbers in a column that is called like one, then any text that looks
    like stamps.
    """
    head = columns.head(HEAD_ROWS)
    stored = [name for name in columns.names if columns.types[name] == "time"]
    texts = [name for name in columns.names if columns.types[name] == "text"]
    named = [name for name in columns.names if words_of(name) & _TIME_NAMES]
    for names in ([name for name in named if name in stored], stored, named, texts):
        found = next((name for name in names if look_like_stamps(head[name])), None)
        if found is not None:
            return found
    return None


def called_like_time(columns: Columns) -> str | None:
    """A column that is called like one of times, whatever it holds: what is wrong with it is worth a sentence."""
    words = {name: words_of(name) for name in columns.names if columns.types[name] != "truth"}
    return next((name for name, spelt in words.items() if spelt and spelt <= _TIME_NAMES - {"t", "ts"}), None)


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
