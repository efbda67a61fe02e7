"""A synthetic spacecraft, after the telemetry of Euclid: 11 temperatures, 35 covariates, 33 planted events.

Everything in it is invented; its shape (11 temperatures explained by 35 covariates, half a year from 15 February
2024) follows Gomez et al. 2024, arXiv:2411.05596, whose data are not public.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from core.errors import BadInput
from core.telemetry.grid import Grid
from core.telemetry.synthetic.covariates import (
    COVARIATES,
    STATES,
    THERMOSTAT,
    UNITS,
    Commanded,
    all_covariates,
    draw_commanded,
    heat,
)
from core.telemetry.synthetic.events import LAST_HOURS, PROXIES, PlantedEvent, faulty, inject, plan_events
from core.telemetry.synthetic.gaps import missing_rows
from core.telemetry.synthetic.plant import SET_POINTS, TEMPERATURES, Plant, plant, process_noise

START = pd.Timestamp("2024-02-15", tz="UTC")
SENSOR_NOISE, RESOLUTION = 0.008, 0.002  # K
FEWEST_SLOT_HOURS = 32.0  # an event lasts up to 14 hours from within the first third of its slot


@dataclass(frozen=True)
class EuclidLike:
    """Telemetry of the synthetic spacecraft, and the truth about it.

    Attributes:
        grid: 46 columns, temperatures first; `grid.labels` is None: nobody tells an analysis the truth.
        truth: one row a planted event in the order of time: event (1, 2, ...), parameter, kind ("caused" or
            "sensor_only"), type ("cause", "spike", "step", "drift" or "stuck"), cause, proxies (separated by
            commas), start, end (UTC, of its first and last row), start_row, end_row (inclusive), effect_K on its own
            parameter.
        effects: [events, temperatures] K, largest absolute difference of the readings (before they are rounded) to
            those of the run with that event left out and the same noise.
        training_rows: how many rows at the start are free of events.
    """

    grid: Grid
    truth: pd.DataFrame
    effects: np.ndarray
    training_rows: int
    targets: tuple[str, ...] = TEMPERATURES
    covariates: tuple[str, ...] = COVARIATES
    responders: tuple[str, ...] = field(default=(THERMOSTAT,))

    @property
    def event_rows(self) -> np.ndarray:
        """[rows] bool: rows of any event."""
        return _rows_of(self.grid.rows, self.truth.start_row, self.truth.end_row + 1)


def euclid_like(
    seed: int = 0,
    amplitude: float = 1.0,
    minutes: float = 5.0,
    days: float = 182.0,
    gaps: bool = False,
    training_days: float | None = None,
) -> EuclidLike:
    """Generates the telemetry of a synthetic spacecraft with 33 planted events.

    Each temperature has two events that a covariate causes and one fault of its sensor alone.

    Args:
        seed: of six independent generators: plan, covariates, process noise, sensor noise, events, gaps.
        amplitude: scales the faults, and how far covariates are set from where they were (states are just set).
        minutes: between two rows.
        days: length of the series.
        gaps: 0.2 % of the rows and one stretch of 12 hours are missing.
        training_days: without events at the start; 40, or a quarter of a series shorter than 160 days.

    Raises:
        BadInput: the series is too short for 33 events that do not meet; a step or an amplitude that makes no sense.
    """
    training_days = min(40.0, days / 4) if training_days is None else training_days
    _check(amplitude, minutes, days, training_days)
    rows, training = round(days * 1440 / minutes), round(training_days * 1440 / minutes)
    plan_rng, covariate_rng, process_rng, sensor_rng, event_rng, gap_rng = (
        np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(6)
    )
    base = draw_commanded(plan_rng, covariate_rng, rows, minutes)
    events = plan_events(event_rng, rows, training, minutes)
    commanded = base
    for event in events:
        commanded = inject(commanded, event, amplitude)
    body = plant(minutes)
    noise = process_noise(process_rng, rows, minutes)
    x, duty = body.run(heat(commanded.columns), noise)
    readings = SET_POINTS + x + SENSOR_NOISE * sensor_rng.standard_normal(x.shape)
    effects = _caused_effects(body, base, commanded, noise, x, events)
    for index, event in enumerate(events):
        if event.kind == "sensor_only":
            true = readings[event.rows, event.node]
            shown = faulty(true, event, amplitude)
            effects[index, event.node] = np.abs(shown - true).max()
            readings[event.rows, event.node] = shown
    values = np.hstack([np.round(readings / RESOLUTION) * RESOLUTION, all_covariates(commanded, duty)])
    if gaps:
        busy = _rows_of(rows, [event.start for event in events], [event.stop for event in events])
        values[missing_rows(gap_rng, busy, minutes)] = np.nan
    grid = Grid(
        times=START.value // 1_000_000 + np.arange(rows) * round(minutes * 60_000),
        step=minutes * 60,
        names=(*TEMPERATURES, *COVARIATES),
        values=values,
        units={**dict.fromkeys(TEMPERATURES, "K"), **{name: unit for name, unit in UNITS.items() if unit}},
        states=STATES,
    )
    return EuclidLike(grid, _truth(events, effects, grid.times), effects, training)


def _check(amplitude: float, minutes: float, days: float, training_days: float) -> None:
    if not 0 < minutes <= 30:
        raise BadInput(f"minutes={minutes:g}: the step of the synthetic spacecraft lies above 0 and up to 30 minutes.")
    if not np.isfinite(amplitude) or amplitude < 0:
        raise BadInput(f"amplitude={amplitude:g}: a size of at least 0 is expected.")
    slot = ((days - training_days) * 24 - LAST_HOURS) / 33
    if slot < FEWEST_SLOT_HOURS:
        least = training_days + (33 * FEWEST_SLOT_HOURS + LAST_HOURS) / 24
        raise BadInput(
            f"days={days:g}: 33 events that do not meet need at least {int(np.ceil(least))} days with {training_days:g} "
            "days of training before them."
        )


def _caused_effects(
    body: Plant,
    base: Commanded,
    commanded: Commanded,
    noise: np.ndarray,
    x: np.ndarray,
    events: list[PlantedEvent],
) -> np.ndarray:
    """[events, nodes] K: the run is repeated from the start of each event with that event left out."""
    effects = np.zeros((len(events), x.shape[1]))
    heats = heat(commanded.columns)
    for index, event in enumerate(events):
        if event.cause is None:
            continue
        name = event.cause.covariate
        without = commanded.with_values(name, event.rows, base.columns[name][event.rows])
        other = heats[event.start :].copy()
        other[: event.stop - event.start] = heat({key: column[event.rows] for key, column in without.columns.items()})
        before = x[event.start - 1] if event.start else None
        calm, _ = body.run(other, noise[event.start :], before)
        effects[index] = np.abs(x[event.start :] - calm).max(axis=0)
    return effects


def _truth(events: list[PlantedEvent], effects: np.ndarray, times: np.ndarray) -> pd.DataFrame:
    last = np.array([event.stop - 1 for event in events])
    first = np.array([event.start for event in events])
    causes = ["" if event.cause is None else event.cause.covariate for event in events]
    return pd.DataFrame(
        {
            "event": np.arange(1, len(events) + 1),
            "parameter": [event.parameter for event in events],
            "kind": [event.kind for event in events],
            "type": [event.type for event in events],
            "cause": causes,
            "proxies": [",".join(PROXIES.get(cause, ())) for cause in causes],
            "start": pd.to_datetime(times[first], unit="ms", utc=True),
            "end": pd.to_datetime(times[last], unit="ms", utc=True),
            "start_row": first,
            "end_row": last,
            "effect_K": effects[np.arange(len(events)), [event.node for event in events]],
        }
    )


def _rows_of(rows: int, starts: list[int] | pd.Series, stops: list[int] | pd.Series) -> np.ndarray:
    inside = np.zeros(rows, dtype=bool)
    for start, stop in zip(starts, stops, strict=True):
        inside[start:stop] = True
    return inside
