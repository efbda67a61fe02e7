"""The same figure of several results drawn to one scale, so that what looks larger is larger."""

from __future__ import annotations

import base64
import copy
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

Plot = Mapping[str, Any]  # Plotly's `data` and `layout` as JSON values
MARGIN = 0.05  # of a span, so that no marker sits on the frame
KNOWN = {"scatter", "scattergl", "bar", "heatmap", "contour", "box", "violin"}  # whose extent follows from their arrays
COLOURED = {"heatmap", "contour"}


@dataclass(frozen=True)
class Span:
    """What an axis shows: from low to high in the axis's own coordinates (of a logarithmic axis: powers of ten)."""

    low: float
    high: float
    dates: bool = False
    loose: bool = False  # follows from points, which want a margin

    def over(self, other: Span) -> Span:
        """The smallest span that holds both."""
        return Span(min(self.low, other.low), max(self.high, other.high), self.dates, self.loose and other.loose)

    def ends(self, logarithmic: bool) -> list[Any]:
        """As Plotly has a range; a loose span has a margin, but on an axis of plain numbers not below a zero."""
        margin = MARGIN * ((self.high - self.low) or abs(self.high) or 1.0) if self.loose else 0.0
        if self.dates:
            return [_date(self.low - margin), _date(self.high + margin)]
        return [self.low if self.low == 0 and not logarithmic else self.low - margin, self.high + margin]


def with_common_axes(plots: Sequence[Plot]) -> list[dict[str, Any]]:
    """Copies of plots in which each axis that all of them have spans what any of them shows.

    An axis is left as it is where it means something else in one of the plots (another title or type), has categories
    that are not numbers or dates in a common order, or shows traces whose extent Plotly alone knows (histograms). Colour scales
    of heat maps become common likewise. Axes of one plot that move together (`matches`) stay together.
    """
    drawn = [copy.deepcopy(dict(plot)) for plot in plots]
    shared = set.intersection(*({*_axes(plot)} for plot in drawn)) if drawn else set()
    for group in _groups(drawn, shared):
        _span_group(drawn, sorted(group))
    _span_colours(drawn)
    return drawn


def _axes(plot: Plot) -> set[str]:
    """The names in the layout of the axes that traces use: "xaxis", "yaxis2", ..."""
    used = set()
    for trace in plot["data"]:
        if trace.get("type", "scatter") in KNOWN:
            used |= {_name(trace, "x"), _name(trace, "y")}
    return used


def _name(trace: Mapping[str, Any], letter: str) -> str:
    reference = str(trace.get(f"{letter}axis", letter))
    return f"{letter}axis{reference[1:]}"


def _groups(plots: Sequence[Plot], axes: set[str]) -> list[set[str]]:
    """Axes that move together in any of the plots, as groups."""
    groups = [{axis} for axis in sorted(axes)]
    for plot in plots:
        for axis in axes:
            leader = re.sub(r"^([xy])", r"\1axis", str(plot["layout"].get(axis, {}).get("matches") or ""))
            if leader in axes:
                joined = [group for group in groups if axis in group or leader in group]
                groups = [group for group in groups if group not in joined] + [set().union(*joined)]
    return groups


def _span_group(plots: list[dict[str, Any]], group: Sequence[str]) -> None:
    layouts = [[plot["layout"].get(axis, {}) for axis in group] for plot in plots]
    meanings = {tuple((_title(axis), axis.get("type")) for axis in layout) for layout in layouts}
    if len(meanings) > 1:
        return
    spans = [_span(plot, axis) for plot in plots for axis in group]
    if any(span is None for span in spans):
        return
    whole = next(span for span in spans if span is not None)
    for span in spans:
        whole = whole.over(span) if span is not None else whole
    for plot in plots:
        for axis in group:
            held = plot["layout"].setdefault(axis, {})
            ends = whole.ends(held.get("type") == "log")
            held["range"] = ends[::-1] if _reversed(held) else ends
            held["autorange"] = False


def _title(axis: Mapping[str, Any]) -> str:
    title = axis.get("title") or ""
    return str(title.get("text", "") if isinstance(title, Mapping) else title)


def _reversed(axis: Mapping[str, Any]) -> bool:
    ends = axis.get("range")
    fixed = ends is not None and not isinstance(ends[0], str) and float(ends[0]) > float(ends[1])
    return axis.get("autorange") == "reversed" or fixed


def _span(plot: Plot, axis: str) -> Span | None:
    """What an axis of one plot shows; None where that can't be told or has no order."""
    held = plot["layout"].get(axis, {})
    ends = held.get("range")
    if ends is not None and None not in ends:
        if isinstance(ends[0], str):
            return _of(pd.to_datetime(pd.Series(list(ends))).astype("int64").to_numpy(float), dates=True)
        return _of(np.asarray(ends, float))
    letter, logarithmic = axis[0], held.get("type") == "log"
    values, dates, flush = [], False, False
    for trace in plot["data"]:
        if _name(trace, letter) != axis:
            continue
        kind = trace.get("type", "scatter")
        if kind not in KNOWN:
            return None
        extent = _extent(trace, letter, kind)
        if extent is None:
            return None
        dates |= extent.dtype.kind == "M"
        values.append(
            extent.astype("datetime64[ns]").astype("int64").astype(float) if extent.dtype.kind == "M" else extent
        )
        flush |= kind in COLOURED
    everything = np.concatenate(values) if values else np.empty(0)
    everything = everything[np.isfinite(everything)]
    if logarithmic:
        everything = np.log10(everything[everything > 0])
    if everything.size == 0:
        return None
    return _of(everything, dates, loose=not flush)


def _of(values: np.ndarray, dates: bool = False, loose: bool = False) -> Span:
    return Span(float(values.min()), float(values.max()), dates, loose)


def _extent(trace: Mapping[str, Any], letter: str, kind: str) -> np.ndarray | None:
    """The numbers or dates between which a trace lies on an axis; None for words."""
    if kind in COLOURED and letter not in trace:
        count = array_of(trace["z"]).shape[0 if letter == "y" else 1]
        return np.array([-0.5, count - 0.5])
    if letter not in trace:
        return None
    values = _numbers_or_dates(array_of(trace[letter]))
    if values is None or values.dtype.kind == "M":
        return values
    if kind == "heatmap" and values.size > 1 and values.size == array_of(trace["z"]).shape[0 if letter == "y" else 1]:
        half = np.diff(values)[[0, -1]] / 2  # centres of cells: half a cell more on either side
        return np.array([values[0] - half[0], values[-1] + half[1]])
    spread = trace.get(f"error_{letter}") or {}
    above = _numbers_or_dates(array_of(spread["array"])) if "array" in spread else None
    below = _numbers_or_dates(array_of(spread["arrayminus"])) if "arrayminus" in spread else above
    reach = [values]
    if above is not None and below is not None:
        reach += [values + np.nan_to_num(above), values - np.nan_to_num(below)]
    if kind == "bar" and letter == ("x" if trace.get("orientation") == "h" else "y"):
        reach.append(np.zeros(1))
    return np.concatenate(reach)


def array_of(values: Any) -> np.ndarray:
    """An array as a plot's JSON has it: a list, or base64 with its type and shape."""
    if isinstance(values, Mapping):
        flat = np.frombuffer(base64.b64decode(values["bdata"]), dtype=np.dtype(values["dtype"]).newbyteorder("<"))
        shape = [int(size) for size in str(values.get("shape") or flat.size).split(",")]
        return flat.reshape(shape)
    return np.asarray(values, dtype=object) if not isinstance(values, np.ndarray) else values


def _numbers_or_dates(values: np.ndarray) -> np.ndarray | None:
    """Floats (NaN where nothing stands) or dates; None for words."""
    if values.dtype.kind in "fiub":
        return values.astype(float).ravel()
    flat = [value for row in values for value in (row if isinstance(row, list) else [row])]
    if all(value is None or isinstance(value, int | float) for value in flat):
        return np.array([math.nan if value is None else float(value) for value in flat])
    try:
        return pd.to_datetime(pd.Series(flat), format="ISO8601").to_numpy("datetime64[ns]")
    except (ValueError, TypeError):
        return None


def _date(nanoseconds: float) -> str:
    return pd.Timestamp(int(nanoseconds)).isoformat()


def _span_colours(plots: list[dict[str, Any]]) -> None:
    """One colour for one value in the heat maps at the same place of all plots."""
    held = [[trace for trace in plot["data"] if trace.get("type") in COLOURED] for plot in plots]
    for place in range(min(map(len, held), default=0)):
        traces = [maps[place] for maps in held]
        if any(trace.get("zmid") is not None or "coloraxis" in trace for trace in traces):
            continue
        spans = [_colours(trace) for trace in traces]
        if any(span is None for span in spans):
            continue
        low = min(span.low for span in spans if span is not None)
        high = max(span.high for span in spans if span is not None)
        for trace in traces:
            trace.update(zmin=low, zmax=high, zauto=False)


def _colours(trace: Mapping[str, Any]) -> Span | None:
    if trace.get("zmin") is not None and trace.get("zmax") is not None:
        return Span(float(trace["zmin"]), float(trace["zmax"]))
    values = _numbers_or_dates(array_of(trace["z"]))
    if values is None or values.dtype.kind == "M" or not np.isfinite(values).any():
        return None
    return _of(values[np.isfinite(values)])
