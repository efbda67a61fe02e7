"""What people write beside the events, and the list of both to take away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

_FORMULA = ("=", "+", "-", "@", "\t")  # what a spreadsheet would compute instead of show


@dataclass(frozen=True)
class Remark:
    """A remark on a stretch of time.

    Attributes:
        parameter: that it is about; empty: all of them.
        start: first moment, milliseconds since 1970-01-01 UTC.
        end: last moment.
        text: one line.
        author: who wrote it.
    """

    parameter: str
    start: int
    end: int
    text: str
    author: str = ""

    def about(self, parameter: str) -> bool:
        """Whether it is about a parameter."""
        return self.parameter in ("", parameter)


def event_list(events: pd.DataFrame, remarks: Sequence[Remark]) -> pd.DataFrame:
    """The events with the remarks that meet them, then the remarks that meet none.

    Args:
        events: the table of a detect result.
        remarks: in the order in which they shall stand.

    Returns:
        The columns of `events` with `kind` ("event" or "annotation") before them and `annotations` behind: the words of
        all remarks on the parameter whose time overlaps the event's. A text that a spreadsheet would take for a formula
        begins with an apostrophe.
    """
    first, last = _milliseconds(events.start), _milliseconds(events.end)
    met: set[int] = set()
    words = []
    for parameter, start, end in zip(events.parameter, first, last, strict=True):
        own = [
            place
            for place, remark in enumerate(remarks)
            if remark.about(parameter) and remark.start <= end and remark.end >= start
        ]
        met.update(own)
        words.append("; ".join(_words(remarks[place]) for place in own))
    listed = events.assign(annotations=words)
    listed.insert(0, "kind", "event")
    alone = [remark for place, remark in enumerate(remarks) if place not in met]
    if not alone:
        return listed
    rows = pd.DataFrame(
        {
            "kind": "annotation",
            "parameter": [_plain(remark.parameter) for remark in alone],
            "start": pd.to_datetime([remark.start for remark in alone], unit="ms", utc=True),
            "end": pd.to_datetime([remark.end for remark in alone], unit="ms", utc=True),
            "annotations": [_words(remark) for remark in alone],
        }
    )
    return pd.concat([listed, rows.astype({"start": events.start.dtype, "end": events.end.dtype})], ignore_index=True)


def _words(remark: Remark) -> str:
    return _plain(f"{remark.text} ({remark.author})" if remark.author else remark.text)


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _milliseconds(moments: pd.Series) -> list[int]:
    return pd.to_datetime(moments, utc=True).dt.as_unit("ms").astype("int64").tolist()
