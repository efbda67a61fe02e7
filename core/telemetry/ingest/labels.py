"""Rows that are known to be anomalous, from a column of zeros and ones or of words."""

from __future__ import annotations

import numpy as np

from core.errors import BadInput
from core.telemetry.ingest.facts import Column

NORMAL_WORDS = frozenset(
    ("0", "0.0", "false", "no", "n", "normal", "nominal", "ok", "good", "none", "benign", "healthy", "")
)
ANOMALY_WORDS = frozenset(
    (
        "1",
        "1.0",
        "true",
        "yes",
        "y",
        "anomaly",
        "anomalous",
        "abnormal",
        "outlier",
        "fault",
        "faulty",
        "failure",
        "attack",
        "bad",
    )
)


def read_labels(column: Column, what: str) -> np.ndarray:
    """Reads a label column.

    Accepted are 0 and 1, true and false, and words for both ("normal", "nominal", "ok"; "anomaly", "fault",
    "attack", ...). An empty cell says that nothing is known to be wrong.

    Args:
        column: of the file.
        what: file and column, as messages show them.

    Returns:
        [rows] bool, True where the row is anomalous.

    Raises:
        BadInput: the first other value, with its row.
    """
    known = ~np.isnan(column.values)
    if column.facts.type in ("number", "truth"):
        wrong = np.flatnonzero(known & ~np.isin(column.values, (0.0, 1.0)))
        if len(wrong):
            raise _refused(what, int(wrong[0]), f"{column.values[wrong[0]]:g}")
        return column.values == 1.0
    if column.facts.type == "time":
        raise BadInput(f"{what} holds times; labels are 0 or 1, true or false, normal or anomaly.")
    if not column.words and column.facts.distinct:
        raise BadInput(
            f"{what} holds more than 50 different words; labels are 0 or 1, true or false, normal or anomaly."
        )
    spelt = [word.strip().lower() for word in column.words]
    for number, word in enumerate(spelt):
        if word not in NORMAL_WORDS | ANOMALY_WORDS:
            raise _refused(what, int(np.argmax(column.values == number)), repr(column.words[number][:40]))
    anomalous = [number for number, word in enumerate(spelt) if word in ANOMALY_WORDS]
    return np.isin(column.values, anomalous)


def _refused(what: str, row: int, found: str) -> BadInput:
    return BadInput(
        f"{what} holds {found} in row {row + 1:,}; labels are 0 or 1, true or false, normal or anomaly, or an empty cell: "
        "correct the column, or choose another with labels=COLUMN."
    )
