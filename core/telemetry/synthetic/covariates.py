"""The 35 covariates of the synthetic spacecraft: pointing, modes, heaters, wheels, power."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from core.telemetry.synthetic.plant import HEATER_WATTS, TEMPERATURES

FIELD_MINUTES = 75.0
HEATER_NOMINAL = (30.0, 35.0, 25.0, 30.0, 40.0, 25.0, 30.0, 30.0)  # duty (%)
HEATER_NODES = (0, 3, 5, 6, 7, 9, 10, 4)
THERMOSTAT = "htr7"  # its duty answers the temperature of SVM_PANEL: a responder, never a cause
UNITS = MappingProxyType(
    {
        "att_saa": "deg",
        "att_alpha": "deg",
        "slew_flag": "",
        "att_rate": "deg/s",
        "sun_dist": "au",
        "hga_elev": "deg",
        "tx_on": "",
        "tx_current": "A",
        "vis_mode": "",
        "nisp_mode": "",
        "nisp_grism": "",
        "vis_shutter": "1/h",
        "nisp_led": "",
        "vis_ccd_power": "W",
        "nisp_det_power": "W",
        "fgs_power": "W",
        **{f"htr{k}": "%" for k in range(1, 9)},
        **{f"rw{k}": "rpm" for k in range(1, 4)},
        "thruster": "",
        "cpu_load": "%",
        "mmu_fill": "%",
        "sa_current": "A",
        "bus_current": "A",
        "pcdu_load": "W",
        "bus_voltage": "V",
        "bat_voltage": "V",
    }
)
COVARIATES = tuple(UNITS)
STATES = frozenset({"slew_flag", "tx_on", "vis_mode", "nisp_mode", "nisp_grism", "nisp_led"})
BEST_SUN = np.cos(np.radians(6)) / 0.99**2  # at the middle of the attitudes

Columns = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Commanded:
    """What the spacecraft does by itself or by plan, before its answers and measurements of it.

    Attributes:
        hours: [rows] since the first row.
        columns: [rows] values of the covariates that depend on no other.
        noise: [rows] noise of the measurements that depend on others, by column.
    """

    hours: np.ndarray
    columns: Columns
    noise: Columns

    def with_values(self, name: str, rows: slice, values: np.ndarray | float) -> Commanded:
        """The same with other values in some rows of one covariate."""
        changed = self.columns[name].copy()
        changed[rows] = values
        return replace(self, columns={**self.columns, name: changed})


def draw_commanded(plan: np.random.Generator, rng: np.random.Generator, rows: int, minutes: float) -> Commanded:
    """Draws the independent covariates.

    Args:
        plan: draws the survey: where the telescope points, and how long it stays there.
        rng: draws everything else.
        rows: how many.
        minutes: between two rows.
    """
    hours = np.arange(rows) * minutes / 60
    of_field = max(1, round(FIELD_MINUTES / minutes))  # rows
    f, phase = np.divmod(np.arange(rows), of_field)
    saa, alpha = _attitude(plan, int(f[-1]) + 1)
    slewing = phase == 0
    vis = ((phase >= 0.1 * of_field) & (phase < 0.85 * of_field)).astype(float)
    nisp = np.where(phase < 0.1 * of_field, 0.0, np.where(phase < 0.5 * of_field, 1.0, 2.0))
    normal = rng.standard_normal
    columns = {
        "att_saa": saa[f],
        "att_alpha": alpha[f],
        "slew_flag": slewing.astype(float),
        "sun_dist": 0.99 * (1 + 0.0167 * np.sin(2 * np.pi * (hours / 24 - 50) / 365.25)),
        "hga_elev": 15 * np.sin(2 * np.pi * hours / (24 * 29.5)),
        "tx_on": (hours % 24 < 4).astype(float),
        "vis_mode": vis,
        "nisp_mode": nisp,
        "nisp_grism": np.where(nisp == 1, f % 4 + 1.0, 0.0),
        "vis_shutter": 2 * vis,
        "nisp_led": ((f % 64 == 63) & (phase >= 0.5 * of_field)).astype(float),
        "vis_ccd_power": 60 + 25 * vis + 0.5 * normal(rows),
        "nisp_det_power": 40 + 6.0 * (nisp > 0) + 0.3 * normal(rows),
        "fgs_power": np.where(slewing, 6.0, 9.0) + 0.1 * normal(rows),
    }
    for k, nominal in enumerate(HEATER_NOMINAL):
        wave = nominal + 4 * np.sin(2 * np.pi * hours / 24 + k) + normal(rows)
        if f"htr{k + 1}" != THERMOSTAT:
            columns[f"htr{k + 1}"] = np.clip(wave, 0, 100)
    for k, period in enumerate((70, 90, 110), start=1):
        wander = 0.2 * np.cumsum(8 * normal(rows))
        columns[f"rw{k}"] = 1500 + wander + 300 * np.sin(2 * np.pi * hours / period)
    columns["thruster"] = rng.poisson(0.02, rows).astype(float)
    columns["cpu_load"] = 40 + 10 * vis + 3 * normal(rows)
    spread = {
        "tx_current": 0.03,
        THERMOSTAT: 0.5,
        "sa_current": 0.15,
        "bus_current": 0.1,
        "pcdu_load": 4.0,
        "bus_voltage": 0.02,
        "bat_voltage": 0.02,
    }
    return Commanded(hours, columns, {name: width * normal(rows) for name, width in spread.items()})


def _attitude(plan: np.random.Generator, fields: int) -> tuple[np.ndarray, np.ndarray]:
    """[fields] solar aspect and alpha angle (deg): patches of 12 to 39 fields, with a little scatter by field."""
    lengths = plan.integers(12, 40, size=fields // 12 + 1)
    patch = np.repeat(np.arange(len(lengths)), lengths)[:fields]
    saa, alpha = plan.uniform(88, 104, len(lengths)), plan.uniform(-6, 6, len(lengths))
    return (
        saa[patch] + 0.4 * plan.standard_normal(fields),
        alpha[patch] + 0.3 * plan.standard_normal(fields),
    )


def sunlight(columns: Columns) -> np.ndarray:
    """What falls on the sunshield, relative to full sun at 1 au."""
    return np.cos(np.radians(columns["att_saa"] - 90)) / columns["sun_dist"] ** 2


def heat(columns: Columns) -> np.ndarray:
    """[rows, nodes] W that the covariates bring in; the thermostat's share is the plant's own."""
    q = np.zeros((len(columns["att_saa"]), len(TEMPERATURES)))
    q[:, 8] = 60 * (sunlight(columns) - BEST_SUN)
    q[:, 6] = 1.5 * np.sin(np.radians(columns["att_saa"] - 96))
    q[:, 5] = 0.05 * columns["att_alpha"]
    for k, (node, nominal) in enumerate(zip(HEATER_NODES, HEATER_NOMINAL, strict=True), start=1):
        if f"htr{k}" != THERMOSTAT:
            q[:, node] += HEATER_WATTS * (columns[f"htr{k}"] - nominal)
    q[:, 0] += 0.02 * (columns["vis_ccd_power"] - 78)
    q[:, 1] += 0.12 * (columns["vis_shutter"] - 1.5)
    q[:, 2] += 0.05 * (columns["nisp_det_power"] - 45) + 1.2 * columns["nisp_led"]
    q[:, 4] += 0.1 * (columns["nisp_grism"] > 0) + 0.5 * columns["nisp_led"]
    q[:, 9] += 0.15 * (columns["fgs_power"] - 8.8)
    wheels = np.abs(columns["rw1"]) + np.abs(columns["rw2"]) + np.abs(columns["rw3"])
    q[:, 10] += 6 * (columns["tx_on"] - 4 / 24) + 0.0005 * (wheels - 4500)
    return q


def all_covariates(given: Commanded, duty: np.ndarray) -> np.ndarray:
    """[rows, 35] in the order of `COVARIATES`: the commanded ones, and all that follow from them.

    Args:
        given: after the events were put in, so that proxies follow their cause.
        duty: [rows] command of the thermostat.
    """
    columns, noise = dict(given.columns), given.noise
    turned = np.abs(np.diff(columns["att_saa"], prepend=columns["att_saa"][0]))
    columns["att_rate"] = np.where(columns["slew_flag"] > 0, 0.02 + 0.01 * turned, 1e-4)
    columns["tx_current"] = 2.2 * columns["tx_on"] + noise["tx_current"]
    columns[THERMOSTAT] = duty + noise[THERMOSTAT]
    columns["mmu_fill"] = np.cumsum(0.02 * columns["vis_mode"] - 0.12 * columns["tx_on"]) % 100
    columns["sa_current"] = 40 * sunlight(columns) + noise["sa_current"]
    heaters = np.sum([columns[f"htr{k}"] for k in range(1, 9)], axis=0)
    instruments = (columns["vis_ccd_power"] + columns["nisp_det_power"]) / 28
    loads = 4 * columns["tx_current"] + 0.02 * heaters + instruments  # A
    columns["bus_current"] = loads + noise["bus_current"]
    columns["pcdu_load"] = 28 * loads + noise["pcdu_load"]
    columns["bus_voltage"] = 28.2 - 0.01 * loads + noise["bus_voltage"]
    columns["bat_voltage"] = 24.5 + 0.02 * (columns["sa_current"] - loads) + noise["bat_voltage"]
    return np.column_stack([columns[name] for name in COVARIATES])
