"""What a person chose for the detection, worked out for a given grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.analysis import Device
from core.telemetry.detection.detector import DetectorSettings
from core.telemetry.detection.events import EventSettings
from core.telemetry.detection.forecaster import ForecastSettings
from core.telemetry.detection.lags import Lags, Preset, check_span, choose_lags, choose_smoothing
from core.telemetry.detection.nominal import NominalRange, nominal_range
from core.telemetry.detection.thresholds import ThresholdRule

if TYPE_CHECKING:
    from core.telemetry.reading import Telemetry

BLANK = 12 * 3600.0  # seconds around a listed event in which no other is listed
LEAST_SHARE = 8  # the blank is at most an eighth of the judged rows, shared among the events listed


@dataclass(frozen=True)
class Recipe:
    """The fields of `DetectionParams.recipe`."""

    preset: Preset
    nominal_rows: int | None
    nominal_end: int | None  # milliseconds since 1970-01-01 UTC
    lags: tuple[float, ...] | list[float]
    smoothing: float | None
    causal: bool
    threshold: ThresholdRule
    quantile: float
    sigma: float | None
    top: int
    seed: int
    device: Device

    def lags_on(self, step: float) -> Lags:
        """The lags in rows of a grid."""
        return choose_lags(self.preset, step, self.lags)

    def detector(self, step: float) -> DetectorSettings:
        """Settings of the first model on a grid: the paper's preset forecasts levels, the other tries both forms."""
        return DetectorSettings(
            lags=self.lags_on(step).rows,
            forms=("level",) if self.preset == "paper" else ("increment", "level"),
            smoothing=choose_smoothing(step, self.smoothing),
            causal=self.causal,
            forecast=ForecastSettings(seed=self.seed, device=self.device),
        )

    def events(self, telemetry: Telemetry, nominal: NominalRange) -> EventSettings:
        """Which stretches are one event: closer than the smoothing; of the listed, 12 hours apart where the series is long."""
        grid = telemetry.grid
        judged = grid.rows - nominal.end
        blank = min(grid.rows_in(BLANK), max(1, judged // (LEAST_SHARE * self.top)))
        return EventSettings(join=choose_smoothing(grid.step, self.smoothing), blank=blank, top=self.top)

    def nominal(self, telemetry: Telemetry) -> NominalRange:
        """The nominal rows, before a parameter looks for its own.

        Raises:
            BadInput: the part that was marked is empty or shorter than the longest lag.
        """
        grid = telemetry.grid
        end = telemetry.training_rows
        if self.nominal_rows is not None:
            end = telemetry.rows_of_first(self.nominal_rows)
        elif self.nominal_end is not None:
            end = telemetry.rows_until(self.nominal_end)
        found = nominal_range(grid.rows, end, "time" if self.nominal_end is not None else "rows", grid.labels)
        if end is not None:
            check_span(self.lags_on(grid.step), found.end, f"The nominal part of {telemetry.name}")
        return found
