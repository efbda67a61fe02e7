"""A detect result as its figures and its page read it: columns by name, moments in milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from core.analysis import Result

HOUR = 3_600_000  # milliseconds


@dataclass(frozen=True)
class Event:
    """One event of a parameter; moments in milliseconds since 1970-01-01 UTC.

    Attributes:
        parameter: that misbehaves.
        rank: among the events of its parameter, 1 is the largest.
        start: first row over the threshold.
        peak: row of largest size.
        end: last row.
        sigma: signed size at the peak, in robust standard deviations.
        value: measured minus predicted at the peak, smoothed, in `unit`.
        unit: of the parameter.
        measured: at the peak.
        predicted: at the peak.
        share: cross-fitted explained share; NaN where it could not be computed.
        verdict: the share in words.
        over: whether the peak passes the threshold; others are listed as the largest of their parameter.
        incident: number of the incident that it belongs to; 0 for none.
    """

    parameter: str
    rank: int
    start: int
    peak: int
    end: int
    sigma: float
    value: float
    unit: str
    measured: float
    predicted: float
    share: float
    verdict: str
    over: bool
    incident: int

    @property
    def name(self) -> str:
        """Such as `MIRROR, event 2`."""
        return f"{self.parameter}, event {self.rank}"


@dataclass(frozen=True)
class Detected:
    """Access to a detect result.

    Attributes:
        result: as `core.telemetry.detect_mode` makes it.
        times: [rows] int64 milliseconds.
        targets: names of the parameters whose series the result keeps, in the order of the columns of `values`,
            `predicted` and `residual`.
        covariates: names of the covariates.
        events: those of the targets, the largest first.
    """

    result: Result
    times: np.ndarray
    targets: tuple[str, ...]
    covariates: tuple[str, ...]
    events: tuple[Event, ...]

    @classmethod
    def of(cls, result: Result) -> Detected:
        """Reads the names and the events once."""
        targets = tuple(map(str, result.arrays["target_names"]))
        events = result.tables["events"]
        return cls(
            result,
            result.arrays["time"],
            targets,
            tuple(map(str, result.arrays["covariate_names"])),
            tuple(_events(events[events.parameter.isin(targets)])),
        )

    @property
    def step(self) -> int:
        """Milliseconds between two rows."""
        return int(self.times[1] - self.times[0]) if len(self.times) > 1 else 0

    @property
    def span(self) -> tuple[int, int]:
        """First and last moment."""
        return int(self.times[0]), int(self.times[-1])

    def column(self, array: str, parameter: str) -> np.ndarray:
        """[rows] one parameter's column of `values`, `predicted` or `residual`."""
        return self.result.arrays[array][:, self.targets.index(parameter)]

    def covariate(self, name: str) -> np.ndarray:
        """[rows] values of one covariate."""
        return self.result.arrays["covariates"][:, self.covariates.index(name)]

    def about(self, parameter: str) -> dict[str, Any]:
        """Unit, scale, threshold and the rest that the table of parameters has."""
        table = self.result.tables["parameters"]
        return dict(table[table.parameter == parameter].iloc[0])

    def events_of(self, parameter: str) -> tuple[Event, ...]:
        """A parameter's events by rank."""
        return tuple(sorted((one for one in self.events if one.parameter == parameter), key=lambda one: one.rank))

    def event(self, parameter: str, rank: int) -> Event | None:
        """One event, or None where there is none of that rank."""
        return next((one for one in self.events_of(parameter) if one.rank == rank), None)

    def of_event(self, table: str, event: Event) -> pd.DataFrame:
        """The rows of a table that belong to one event; empty where the result has no such table."""
        if table not in self.result.tables:
            return pd.DataFrame()
        found = self.result.tables[table]
        return found[(found.parameter == event.parameter) & (found["rank"] == event.rank)]


def moment(milliseconds: int | float) -> str:
    """A moment in UTC, to the minute.

    >>> moment(1_710_000_000_000)
    '2024-03-09 16:00'
    """
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M}"


def milliseconds(moments: pd.Series) -> np.ndarray:
    """Moments of a table as int64 milliseconds since 1970-01-01 UTC."""
    return pd.to_datetime(moments, utc=True).dt.as_unit("ms").astype("int64").to_numpy()


def signed(value: float, digits: int = 3) -> str:
    """A number with its sign, as in `+19.8` or `−0.004`."""
    return f"{value:+.{digits}g}".replace("-", "−")


def share_words(share: float) -> str:
    """An explained share.

    >>> share_words(0.894), share_words(-0.002), share_words(-0.3), share_words(float("nan"))
    ('0.89', '0.00', '−0.30', 'undefined')
    """
    return f"{round(share, 2) + 0.0:.2f}".replace("-", "−") if np.isfinite(share) else "undefined"


def _events(table: pd.DataFrame) -> list[Event]:
    if table.empty:
        return []
    moments = {name: milliseconds(table[name]) for name in ("start", "peak", "end")}
    rows = table.drop(columns=list(moments)).to_dict("records")
    found = [
        Event(
            parameter=str(row["parameter"]),
            rank=int(row["rank"]),
            start=int(moments["start"][place]),
            peak=int(moments["peak"][place]),
            end=int(moments["end"][place]),
            sigma=float(row["peak_sigma"]),
            value=float(row["peak_value"]),
            unit=_words(row.get("unit")),
            measured=float(row["measured"]),
            predicted=float(row["predicted"]),
            share=_number(row.get("explained_share")),
            verdict=_words(row.get("verdict")),
            over=bool(row["over"]),
            incident=int(row["incident"]) if np.isfinite(_number(row.get("incident"))) else 0,
        )
        for place, row in enumerate(rows)
    ]
    return sorted(found, key=lambda event: -abs(event.sigma))


def _number(value: Any) -> float:
    """NaN for what is missing."""
    return float("nan") if value is None or pd.isna(value) else float(value)


def _words(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)
