"""A person's own pipeline for one parameter, fitted once and asked again for each injected event."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from core.telemetry.detection.detector import Detector
from core.telemetry.detection.events import EventSettings, Stretches, stretches_over, strongest
from core.telemetry.detection.thresholds import Threshold, ThresholdRule, choose_threshold
from core.telemetry.explanation.explainer import ExplainerSettings
from core.telemetry.grid import Grid


@dataclass(frozen=True)
class AlarmSettings:
    """From a score to events, as mode `detect` takes it.

    Attributes:
        rule: of the threshold.
        manual: threshold in sigma, for the rule "manual".
        quantile: of the nominal rows, for the rules "quantile" and "automatic".
        buffer: rows, for the rules "telemanom" and "automatic".
        events: which stretches are one event, and how many are listed.
    """

    rule: ThresholdRule = "automatic"
    manual: float | None = None
    quantile: float = 0.999
    buffer: int = 0
    events: EventSettings = field(default_factory=lambda: EventSettings(join=1, blank=0))


@dataclass(frozen=True, eq=False)
class Alarms:
    """What the pipeline says of a series.

    Attributes:
        signed: [rows] score in sigma.
        threshold: in force.
        stretches: over it.
        listed: numbers of the stretches that mode `detect` would list, the largest first.
    """

    signed: np.ndarray
    threshold: Threshold
    stretches: Stretches
    listed: np.ndarray


@dataclass(frozen=True, eq=False)
class Pipeline:
    """Everything of a run that does not change with an injected event.

    Attributes:
        grid: the telemetry.
        target: the parameter.
        covariates: that may explain it.
        responders: covariates that answer it.
        nominal: [rows] bool.
        first: row from which on events are looked for.
        detector: first model, fitted on the nominal rows.
        alarm: from score to events.
        explainer: settings of the second model.
    """

    grid: Grid
    target: str
    covariates: tuple[str, ...]
    responders: tuple[str, ...]
    nominal: np.ndarray
    first: int
    detector: Detector
    alarm: AlarmSettings = field(default_factory=AlarmSettings)
    explainer: ExplainerSettings = field(default_factory=ExplainerSettings)

    @property
    def sigma(self) -> float:
        """One sigma of the score, in the unit of the target."""
        return self.detector.scale.scale * self.detector.spread

    def usual(self) -> Alarms:
        """What it says of the series as it is."""
        return self._alarms(self.detector.score_own(self.grid.column(self.target)).signed, self.nominal)

    def with_event(self, values: np.ndarray, rows: slice) -> Alarms:
        """What it says of the series with an event in it.

        Args:
            values: [rows] of the target, changed in some rows.
            rows: that may be changed; they no longer count as nominal.
        """
        own = self.grid.column(self.target)
        # rows whose residual the event does not touch keep their held-out one, as in the run without it
        before, after = self.detector.score(own).signed, self.detector.score(values).signed
        same = (before == after) | (np.isnan(before) & np.isnan(after))
        signed = np.where(same, self.detector.score_own(own).signed, after)
        nominal = self.nominal.copy()
        nominal[rows] = False
        return self._alarms(signed, nominal)

    def with_columns(self, columns: dict[str, np.ndarray]) -> Grid:
        """The telemetry with some columns replaced."""
        values = self.grid.values.copy()
        for name, column in columns.items():
            values[:, self.grid.names.index(name)] = column
        return replace(self.grid, values=values)

    def _alarms(self, signed: np.ndarray, nominal: np.ndarray) -> Alarms:
        settings = self.alarm
        threshold = choose_threshold(
            signed, nominal, settings.rule, settings.manual, settings.quantile, settings.buffer
        )
        judged = signed.copy()
        judged[: self.first] = np.nan
        stretches = stretches_over(judged, threshold.value, settings.events.join)
        listed = strongest(judged, stretches, settings.events.blank, settings.events.top)
        return Alarms(signed, threshold, stretches, listed)


def event_row(target: str, stretches: Stretches, number: int) -> pd.DataFrame:
    """One stretch as the second model takes it."""
    return pd.DataFrame(
        {
            "parameter": [target],
            "rank": [1],
            "start_row": [int(stretches.starts[number])],
            "peak_row": [int(stretches.peaks[number])],
            "end_row": [int(stretches.ends[number])],
        }
    )
