"""The planted events: what happens, to which temperature, by which covariate, and when."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from core.telemetry.synthetic.covariates import STATES, Commanded
from core.telemetry.synthetic.plant import TEMPERATURES

Kind = Literal["caused", "sensor_only"]


@dataclass(frozen=True)
class Cause:
    """A covariate that is set to a value (or raised by it) for some hours."""

    covariate: str
    value: float
    hours: float
    adds: bool = False


CAUSES = MappingProxyType(
    {
        "VIS_FPA": Cause("htr1", 95, 3),
        "VIS_RSU": Cause("vis_shutter", 16, 2),
        "NISP_DET": Cause("nisp_led", 1, 5),
        "NISP_OPT": Cause("htr2", 0, 4),
        "NISP_FWA": Cause("htr8", 90, 3),
        "M1": Cause("htr3", 100, 6),
        "M2": Cause("htr4", 95, 4),
        "BASEPLATE": Cause("htr5", 100, 8),
        "SUNSHIELD": Cause("att_saa", 122, 2),
        "FGS": Cause("fgs_power", 9, 3, adds=True),
        "SVM_PANEL": Cause("tx_on", 1, 14),
    }
)
PROXIES = MappingProxyType({"att_saa": ("sa_current",), "tx_on": ("tx_current",)})
SENSOR_FAULTS = MappingProxyType({"spike": (1.5, 0.5), "step": (0.8, 3.0), "drift": (1.2, 6.0), "stuck": (0.6, 8.0)})
LAST_HOURS = 48.0  # without events, at the end


@dataclass(frozen=True)
class PlantedEvent:
    """One event: rows `start` to `stop` (exclusive)."""

    parameter: str
    kind: Kind
    type: str  # "cause", or the sensor's fault
    start: int
    stop: int

    @property
    def cause(self) -> Cause | None:
        """What causes it; None for a fault of the sensor alone."""
        return CAUSES[self.parameter] if self.kind == "caused" else None

    @property
    def node(self) -> int:
        """Index of its temperature."""
        return TEMPERATURES.index(self.parameter)

    @property
    def rows(self) -> slice:
        """Its rows."""
        return slice(self.start, self.stop)


def plan_events(rng: np.random.Generator, rows: int, training: int, minutes: float) -> list[PlantedEvent]:
    """Two caused events and one fault of the sensor for each temperature, in random order, in equal slots.

    Args:
        rng: draws order and moments.
        rows: of the whole series.
        training: rows at the start that stay free.
        minutes: between two rows.
    """
    of_each: list[Kind] = ["caused", "caused", "sensor_only"]
    kinds = [(node, kind) for node in range(len(TEMPERATURES)) for kind in of_each]
    slot = (rows - training - LAST_HOURS * 60 / minutes) / len(kinds)
    events = []
    for k, place in enumerate(rng.permutation(len(kinds))):
        node, kind = kinds[place]
        parameter = TEMPERATURES[node]
        fault = list(SENSOR_FAULTS)[node % len(SENSOR_FAULTS)]
        hours = CAUSES[parameter].hours if kind == "caused" else SENSOR_FAULTS[fault][1]
        start = int(training + k * slot + rng.uniform(0, slot / 3))
        stop = start + max(1, round(hours * 60 / minutes))
        events.append(PlantedEvent(parameter, kind, "cause" if kind == "caused" else fault, start, stop))
    return events


def inject(given: Commanded, event: PlantedEvent, amplitude: float) -> Commanded:
    """The covariates with the cause of one event in them; a fault of the sensor changes none."""
    cause = event.cause
    if cause is None:
        return given
    before = given.columns[cause.covariate][event.rows]
    if cause.covariate in STATES:  # on is on: a state has no half size
        return given.with_values(cause.covariate, event.rows, cause.value)
    change = cause.value if cause.adds else cause.value - before
    return given.with_values(cause.covariate, event.rows, before + amplitude * change)


def faulty(readings: np.ndarray, event: PlantedEvent, amplitude: float) -> np.ndarray:
    """What the sensor shows instead: [rows of the event] from its true readings there."""
    size = amplitude * SENSOR_FAULTS[event.type][0]
    if event.type == "stuck":
        return np.full(len(readings), readings[0] + size)
    if event.type == "drift":
        return readings + size * np.arange(1, len(readings) + 1) / len(readings)
    return readings + size
