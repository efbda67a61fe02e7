"""Eight chaotic flows: their equations, and what dysts' table says of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.errors import StepFailed

TRANSIENT = 20.0  # periods that are thrown away until a trajectory lies on the attractor
TOLERANCE = 1e-8
MOST_STEPS = 1_000_000  # of the solver between two rows, the whole approach to the attractor among them


@dataclass(frozen=True)
class Flow:
    """A chaotic flow dx/dt = f(x) with the parameters that it was published with.

    Attributes:
        name: as scripts write it.
        title: as people write it.
        rate: x [dimensions, ...] -> dx/dt of the same shape.
        start: near the attractor.
        period: length of its dominant oscillation (time units of the flow), from dysts' table.
        exponent: largest Lyapunov exponent (1/time unit), from dysts' table.
        dimension: Kaplan-Yorke dimension, from dysts' table.
        reference: where it was published.

    dysts: W. Gilpin 2021, Chaos as an interpretable benchmark for forecasting and data-driven modelling,
    arXiv:2110.05266; file data/chaotic_attractors.json of version 0.96.
    """

    name: str
    title: str
    rate: Callable[[np.ndarray], np.ndarray]
    start: tuple[float, ...]
    period: float
    exponent: float
    dimension: float
    reference: str


def _lorenz(state: np.ndarray) -> np.ndarray:
    x, y, z = state
    return np.array([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z])


def _rossler(state: np.ndarray) -> np.ndarray:
    x, y, z = state
    return np.array([-y - z, x + 0.2 * y, 0.2 + z * (x - 5.7)])


def _aizawa(state: np.ndarray) -> np.ndarray:
    x, y, z = state
    return np.array(
        [
            (z - 0.7) * x - 3.5 * y,
            3.5 * x + (z - 0.7) * y,
            0.6 + 0.95 * z - z**3 / 3 - (x**2 + y**2) * (1 + 0.25 * z) + 0.1 * z * x**3,
        ]
    )


def _rucklidge(state: np.ndarray) -> np.ndarray:
    x, y, z = state
    return np.array([-2 * x + 6.7 * y - y * z, x, y**2 - z])


def _sprott_b(state: np.ndarray) -> np.ndarray:
    x, y, z = state
    return np.array([y * z, x - y, 1 - x * y])


def _thomas(state: np.ndarray) -> np.ndarray:
    return 10 * np.sin(state)[[1, 2, 0]] - 1.85 * state


def _halvorsen(state: np.ndarray) -> np.ndarray:
    x, y, z = state
    return np.array([-1.4 * x - 4 * (y + z) - y * y, -1.4 * y - 4 * (z + x) - z * z, -1.4 * z - 4 * (x + y) - x * x])


def _chen(state: np.ndarray) -> np.ndarray:
    x, y, z = state
    return np.array([35 * (y - x), -7 * x - x * z + 28 * y, x * y - 3 * z])


FLOWS: tuple[Flow, ...] = (
    Flow(
        "lorenz",
        "Lorenz",
        _lorenz,
        (-9.787, -15.039, 20.534),
        1.5008,
        0.8917098,
        2.0751588,
        "Lorenz 1963, J. Atmos. Sci. 20:130",
    ),
    Flow(
        "rossler",
        "Rössler",
        _rossler,
        (6.513, 0.477, 0.342),
        5.9086,
        0.1505969,
        2.0146095,
        "Rössler 1976, Phys. Lett. A 57:397",
    ),
    Flow(
        "aizawa",
        "Aizawa",
        _aizawa,
        (-0.785, -0.629, -0.176),
        2.5837,
        0.1348956,
        2.3501298,
        "Aizawa and Uezu 1982, Prog. Theor. Phys. 67:982",
    ),
    Flow(
        "rucklidge",
        "Rucklidge",
        _rucklidge,
        (1.926, 3.192, 5.783),
        6.0721,
        0.1936357,
        2.0556610,
        "Rucklidge 1992, J. Fluid Mech. 237:209",
    ),
    Flow(
        "sprott_b",
        "Sprott B",
        _sprott_b,
        (1.688, 1.485, -0.537),
        11.050143,
        0.2067428,
        2.1852995,
        "Sprott 1994, Phys. Rev. E 50:R647",
    ),
    Flow(
        "thomas",
        "Thomas",
        _thomas,
        (2.199, 2.363, 3.220),
        4.969,
        0.6324054,
        2.1271136,
        "Thomas 1999, Int. J. Bifurcation Chaos 9:1889",
    ),
    Flow(
        "halvorsen",
        "Halvorsen",
        _halvorsen,
        (-8.681, -2.474, 0.071),
        1.4889,
        0.6963712,
        2.1182353,
        "Sprott 2010, Elegant Chaos, World Scientific",
    ),
    Flow(
        "chen",
        "Chen",
        _chen,
        (3.269, 5.299, 19.435),
        0.58689,
        2.0059613,
        2.1686219,
        "Chen and Ueta 1999, Int. J. Bifurcation Chaos 9:1465",
    ),
)


def flow(name: str) -> Flow:
    """The flow of a name.

    Raises:
        KeyError: there is none.
    """
    return {one.name: one for one in FLOWS}[name]


def trajectory(one: Flow, points: int, per_period: float, seed: int = 0) -> np.ndarray:
    """Integrates a flow.

    Args:
        one: the flow.
        points: how many rows.
        per_period: rows in one period.
        seed: of the start, near the published one; the approach to the attractor is thrown away.

    Returns:
        [points, dimensions] by one row each period / per_period time units.

    Raises:
        StepFailed: the solver did not come to the end.
    """
    from scipy.integrate import odeint  # LSODA without a Python step around each of its own: four times faster

    rng = np.random.default_rng(seed)
    start = np.array(one.start) * (1 + 0.01 * rng.standard_normal(len(one.start)))
    times = TRANSIENT * one.period + np.arange(points) * one.period / per_period
    states, report = odeint(
        lambda state, _: one.rate(state),
        start,
        np.concatenate(([0.0], times)),
        rtol=TOLERANCE,
        atol=TOLERANCE,
        mxstep=MOST_STEPS,
        full_output=True,
    )
    if report["message"] != "Integration successful.":
        raise StepFailed(
            f"{one.title}: the integration stopped early ({report['message']}); ask for fewer rows or another flow."
        )
    return states[1:]
