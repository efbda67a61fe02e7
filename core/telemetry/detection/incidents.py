"""Events of several parameters that happen together: which moved first, and how much later the others followed."""

from __future__ import annotations

import pandas as pd


def find_incidents(events: pd.DataFrame, tolerance: int, step: float) -> pd.DataFrame:
    """Joins events that overlap, or lie at most a tolerance apart, to incidents.

    Args:
        events: parameter, rank, start_row, end_row (inclusive), peak_sigma.
        tolerance: rows between the end of an incident and the start of an event that still belongs to it.
        step: seconds between two rows.

    Returns:
        One row a member event, incidents in the order of time: incident (1, 2, ...), parameter, rank, start_row,
        end_row, order (1: the first to move; equal onsets share a place), lag_minutes behind the first, peak_sigma.
    """
    ordered = events.sort_values(["start_row", "end_row", "parameter"], kind="stable")
    numbers: list[int] = []
    reach = None
    for start, end in zip(ordered.start_row, ordered.end_row, strict=True):
        new = reach is None or start > reach + tolerance
        numbers.append((numbers[-1] if numbers else 0) + new)
        reach = end if new or reach is None else max(reach, end)
    table = ordered[["parameter", "rank", "start_row", "end_row", "peak_sigma"]].reset_index(drop=True)
    table.insert(0, "incident", pd.Series(numbers, dtype="int64"))
    onsets = table.groupby("incident").start_row
    table.insert(5, "order", onsets.rank(method="min").astype("int64"))
    table.insert(6, "lag_minutes", (table.start_row - onsets.transform("min")) * step / 60)
    return table
