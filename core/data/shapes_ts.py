"""Reads .ts files, the form in which aeon and sktime keep series with their labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from core.data.limits import check_size
from core.errors import BadInput


@dataclass
class _Header:
    """What the lines that begin with @ declare."""

    timestamps: bool = False
    labelled: bool | None = None
    classes: list[str] = field(default_factory=list)


def read_ts(lines: Iterable[str], filename: str) -> tuple[list[np.ndarray], list[str] | None]:
    """Series [channels, length] and their labels as they are written; None where the file has none.

    Channels are separated by a colon, values by commas, the label comes last; "?" is a missing value, and missing
    values at the end of a channel only fill it up.

    Args:
        lines: text.
        filename: as messages show it.

    Raises:
        BadInput: no @data line, time stamps, targets that are numbers, an unknown label, channels of unequal length, or
            a field that is no number; the line is named.
        TooLarge: more than this installation accepts.
    """
    header, in_data, values = _Header(), False, 0
    series: list[np.ndarray] = []
    labels: list[str] = []
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        if not line or line.startswith(("#", "%")):
            continue
        if line.startswith("@"):
            in_data = _declared(line, header, filename) or in_data
            continue
        if not in_data:
            raise BadInput(f"{filename}: line {number:,} holds values before the line @data.")
        parts = line.split(":")
        if header.labelled:
            labels.append(_label(parts.pop(), header, number, filename))
        series.append(_channels(parts, number, filename))
        values += series[-1].size
        if len(series) % 1024 == 0:
            check_size(filename, len(series), values // len(series))
    if not in_data or not series:
        raise BadInput(f"{filename} has no series: a line @data with one series a line below it is expected.")
    check_size(filename, len(series), max(one.size for one in series))
    return series, labels if header.labelled else None


def _declared(line: str, header: _Header, filename: str) -> bool:
    """Takes a line of the header; says whether the data begin."""
    words = line.split()
    name, rest = words[0].lower(), words[1:]
    if name == "@timestamps" and rest[:1] == ["true"]:
        raise BadInput(f"{filename} holds time stamps; series with even steps are expected: @timeStamps false.")
    if name == "@targetlabel" and rest[:1] == ["true"]:
        raise BadInput(f"{filename} has numbers as targets (@targetLabel true); series with class labels are expected.")
    if name == "@classlabel":
        header.labelled, header.classes = rest[:1] == ["true"], rest[1:]
    return name == "@data"


def _label(text: str, header: _Header, line: int, filename: str) -> str:
    label = text.strip()
    if header.classes and label not in header.classes:
        raise BadInput(
            f"{filename}: line {line:,} ends in the label {label[:40]!r}; the header has {', '.join(header.classes[:10])}."
        )
    return label


def _channels(parts: list[str], line: int, filename: str) -> np.ndarray:
    channels = [_values(part, line, filename) for part in parts]
    lengths = {len(channel) for channel in channels}
    if len(lengths) != 1 or lengths == {0}:
        raise BadInput(f"{filename}: line {line:,} has channels of lengths {sorted(lengths)}; equal ones are expected.")
    return np.stack(channels)


def _values(part: str, line: int, filename: str) -> np.ndarray:
    texts = [text.strip() for text in part.split(",")]
    try:
        values = np.array([np.nan if text in ("?", "NaN", "nan") else float(text) for text in texts])
    except ValueError:
        wrong = next(text for text in texts if not _is_number(text))
        raise BadInput(f"{filename}: line {line:,} holds {wrong[:40]!r}; a number is expected.") from None
    present = np.flatnonzero(~np.isnan(values))
    return values[: present[-1] + 1] if len(present) else values[:0]


def _is_number(text: str) -> bool:
    try:
        return text == "?" or float(text) is not None
    except ValueError:
        return False
