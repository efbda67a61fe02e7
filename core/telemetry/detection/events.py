"""From a score to events: where it passes the threshold, the largest first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.telemetry.detection.detector import Score
from core.telemetry.metrics.events import runs

EVENT_COLUMNS = (
    "parameter",
    "rank",
    "start_row",
    "peak_row",
    "end_row",
    "peak_sigma",
    "peak_value",
    "measured",
    "predicted",
    "area",
)


@dataclass(frozen=True)
class EventSettings:
    """Which stretches count as one event, and how many are kept.

    Attributes:
        join: stretches over the threshold with fewer rows between them are one event.
        blank: events whose peaks are at most so many rows from a larger one's are left out.
        top: events of a parameter that are kept.
    """

    join: int
    blank: int
    top: int = 3


@dataclass(frozen=True, eq=False)
class Stretches:
    """Stretches of a score over a threshold, in the order of time; rows are inclusive.

    Attributes:
        starts: [stretches] first rows.
        peaks: [stretches] rows of largest size.
        ends: [stretches] last rows.
    """

    starts: np.ndarray
    peaks: np.ndarray
    ends: np.ndarray


def stretches_over(signed: np.ndarray, threshold: float, join: int) -> Stretches:
    """Stretches where the size of a score is above a threshold, those close to each other joined.

    Args:
        signed: [rows] in sigma, NaN where there is none.
        threshold: in sigma.
        join: fewer rows than this between two stretches make them one.
    """
    size = np.nan_to_num(np.abs(signed))
    starts, ends = runs(size > threshold)
    if len(starts):
        apart = starts[1:] - ends[:-1] - 1 >= join
        starts, ends = starts[np.r_[True, apart]], ends[np.r_[apart, True]]
    peaks = np.array([first + int(size[first : last + 1].argmax()) for first, last in zip(starts, ends, strict=True)])
    return Stretches(starts, peaks.astype(np.int64), ends)


def strongest(signed: np.ndarray, stretches: Stretches, blank: int, top: int) -> np.ndarray:
    """Numbers of the stretches to keep, the largest peak first; peaks too near to a larger one that is kept are left out."""
    sizes = np.abs(signed[stretches.peaks]) if len(stretches.peaks) else np.zeros(0)
    kept: list[int] = []
    for number in np.argsort(-sizes, kind="stable"):
        if len(kept) == top:
            break
        if all(abs(int(stretches.peaks[number] - stretches.peaks[other])) > blank for other in kept):
            kept.append(int(number))
    return np.array(kept, dtype=np.int64)


def largest_stretches(signed: np.ndarray, threshold: float, settings: EventSettings) -> tuple[Stretches, np.ndarray]:
    """The stretches over a threshold and the numbers of the largest; where these are too few, the largest single rows
    below the threshold follow.

    Args:
        signed: [rows] in sigma, NaN where there is none.
        threshold: in sigma.
        settings: which stretches are one event, and how many are wanted.
    """
    over = stretches_over(signed, threshold, settings.join)
    chosen = strongest(signed, over, settings.blank, settings.top)
    left = np.nan_to_num(np.abs(signed))
    for first, last in zip(over.starts, over.ends, strict=True):
        left[first : last + 1] = 0.0
    for number in chosen:
        _blank(left, int(over.peaks[number]), settings.blank)
    below: list[int] = []
    while len(chosen) + len(below) < settings.top and left.any():
        below.append(int(left.argmax()))
        _blank(left, below[-1], settings.blank)
    rows = np.array(below, dtype=np.int64)
    numbers = np.concatenate([chosen, len(over.peaks) + np.arange(len(below))])
    return Stretches(*(np.concatenate([one, rows]) for one in (over.starts, over.peaks, over.ends))), numbers


def _blank(sizes: np.ndarray, peak: int, rows: int) -> None:
    sizes[max(peak - rows, 0) : peak + rows + 1] = 0.0


def event_table(
    parameter: str, values: np.ndarray, score: Score, stretches: Stretches, chosen: np.ndarray, step: float
) -> pd.DataFrame:
    """One row an event.

    Args:
        parameter: its name.
        values: [rows] measured.
        score: of these values.
        stretches: over the threshold.
        chosen: which of them, by rank.
        step: seconds between two rows.

    Returns:
        parameter, rank (1: the largest), start_row, peak_row and end_row (inclusive), peak_sigma (signed), peak_value
        (measured - predicted, averaged, in the unit), measured and predicted at the peak, area (sigma hours).
    """
    lines = []
    for rank, number in enumerate(chosen, start=1):
        first, peak, last = (int(one[number]) for one in (stretches.starts, stretches.peaks, stretches.ends))
        area = float(np.nansum(np.abs(score.signed[first : last + 1]))) * step / 3600
        lines.append(
            (
                parameter,
                rank,
                first,
                peak,
                last,
                float(score.signed[peak]),
                float(score.deviation[peak]),
                float(values[peak]),
                float(score.predicted[peak]),
                area,
            )
        )
    return pd.DataFrame(lines, columns=list(EVENT_COLUMNS))
