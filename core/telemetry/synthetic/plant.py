"""The thermal network of the synthetic spacecraft: eleven nodes, stepped exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

# Set point (K), heat capacity (W h/K) and conductance to the environment (W/K) of each node; invented values.
NODES = MappingProxyType(
    {
        "VIS_FPA": (152.0, 2.0, 0.5),
        "VIS_RSU": (160.0, 0.8, 0.2),
        "NISP_DET": (95.0, 1.0, 0.4),
        "NISP_OPT": (133.0, 4.0, 0.3),
        "NISP_FWA": (134.0, 1.0, 0.2),
        "M1": (126.0, 8.0, 0.3),
        "M2": (124.0, 2.0, 0.2),
        "BASEPLATE": (128.0, 10.0, 0.3),
        "SUNSHIELD": (310.0, 3.0, 1.5),
        "FGS": (155.0, 1.0, 0.3),
        "SVM_PANEL": (293.0, 6.0, 1.0),
    }
)
TEMPERATURES = tuple(NODES)
SET_POINTS = np.array([node[0] for node in NODES.values()])
# Conductance (W/K) of the links between nodes, by index.
LINKS = MappingProxyType(
    {
        (8, 10): 0.5,
        (10, 7): 0.2,
        (7, 5): 0.3,
        (7, 6): 0.15,
        (7, 0): 0.1,
        (7, 3): 0.25,
        (3, 2): 0.2,
        (3, 4): 0.3,
        (0, 1): 0.15,
        (9, 7): 0.12,
        (9, 0): 0.05,
        (8, 6): 0.02,
    }
)

SVM = TEMPERATURES.index("SVM_PANEL")
THERMOSTAT_BIAS, THERMOSTAT_GAIN = 30.0, 8.0  # duty (%) at the set point; duty taken away by each K above it
HEATER_WATTS = 0.05  # by percent of duty
PROCESS_NOISE = 0.004  # K by the square root of 5 minutes
STRETCH = 4096  # rows that are solved at once


@dataclass(frozen=True)
class Plant:
    """x(t) = A x(t-1) + B q(t) + noise(t), with the thermostat of SVM_PANEL in the loop.

    Attributes:
        minutes: between two rows.
        A: [nodes, nodes] transition of one step.
        B: [nodes, nodes] temperature rise by heat (W) that is held over one step.
    """

    minutes: float
    A: np.ndarray
    B: np.ndarray

    def run(
        self, heat: np.ndarray, noise: np.ndarray, start: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Temperatures above their set points, and the command of the thermostat.

        The thermostat is linear while its duty lies within 0 and 100 %: those stretches are solved at once in the
        eigenbasis of the closed loop, and rows at a limit one by one. `run_by_rows` is the definition.

        Args:
            heat: [rows, nodes] W, without the thermostat's.
            noise: [rows, nodes] K.
            start: [nodes] x before the first row; zero where it is not given.

        Returns:
            x [rows, nodes] in K; duty [rows] in percent.
        """
        rows = len(heat)
        x, duty = np.empty_like(heat), np.empty(rows)
        state = np.zeros(heat.shape[1]) if start is None else start
        drive = heat @ self.B.T + noise
        row = 0
        while row < rows:
            stop = min(rows, row + STRETCH)
            found = self._closed_loop(drive[row:stop], state)
            wanted = commanded(np.concatenate([state[SVM : SVM + 1], found[:-1, SVM]]))
            limited = np.flatnonzero((wanted < 0) | (wanted > 100))
            good = int(limited[0]) if len(limited) else stop - row
            x[row : row + good], duty[row : row + good] = found[:good], wanted[:good]
            row += good
            state = x[row - 1] if good else state
            while row < rows and not 0 <= (asked := commanded(state[SVM])) <= 100:
                duty[row] = np.clip(asked, 0, 100)
                state = x[row] = self._step(state, drive[row], duty[row])
                row += 1
        return x, duty

    def run_by_rows(self, heat: np.ndarray, noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same by its definition, row after row: slow, and what `run` is tested against."""
        x, duty = np.empty_like(heat), np.empty(len(heat))
        state = np.zeros(heat.shape[1])
        for row, drive in enumerate(heat @ self.B.T + noise):
            duty[row] = np.clip(commanded(state[SVM]), 0, 100)
            state = x[row] = self._step(state, drive, duty[row])
        return x, duty

    def _step(self, state: np.ndarray, drive: np.ndarray, duty: float) -> np.ndarray:
        return self.A @ state + drive + self.B[:, SVM] * HEATER_WATTS * (duty - THERMOSTAT_BIAS)

    def _closed_loop(self, drive: np.ndarray, state: np.ndarray) -> np.ndarray:
        """x(t) = A' x(t-1) + drive(t), A' with the thermostat's linear answer in it."""
        from scipy.signal import lfilter

        closed = self.A.copy()
        closed[:, SVM] -= self.B[:, SVM] * HEATER_WATTS * THERMOSTAT_GAIN
        values, vectors = np.linalg.eig(closed)
        inverse = np.linalg.inv(vectors)
        modes = drive @ inverse.T  # [rows, modes]
        before = inverse @ state
        solved = np.empty(modes.shape, dtype=np.result_type(values, vectors))
        for k, value in enumerate(values):
            solved[:, k], _ = lfilter([1.0], [1.0, -value], modes[:, k], zi=[value * before[k]])
        return np.real(solved @ vectors.T)


def plant(minutes: float) -> Plant:
    """The exact step: A = expm(F dt), B = F^-1 (A - I) C^-1, F = -C^-1 (D + Laplacian of the links)."""
    from scipy.linalg import expm

    capacity = np.array([node[1] for node in NODES.values()])
    conductance = np.diag([node[2] for node in NODES.values()])
    for (i, j), link in LINKS.items():
        conductance[[i, j], [i, j]] += link
        conductance[[i, j], [j, i]] -= link
    F = -conductance / capacity[:, None]
    A = expm(F * minutes / 60)
    B = np.linalg.solve(F, A - np.eye(len(A))) / capacity[None, :]
    return Plant(minutes, A, B)


def process_noise(rng: np.random.Generator, rows: int, minutes: float) -> np.ndarray:
    """[rows, nodes] K: what no heat explains."""
    return PROCESS_NOISE * np.sqrt(minutes / 5) * rng.standard_normal((rows, len(TEMPERATURES)))


def commanded(above: Sequence[float] | np.ndarray | float) -> np.ndarray:
    """Duty (%) that the thermostat asks for at a temperature (K above its set point), before its limits."""
    return THERMOSTAT_BIAS - THERMOSTAT_GAIN * np.asarray(above)
