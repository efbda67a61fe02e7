"""The largest Lyapunov exponent of a flow, measured: how fast neighbours part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.telemetry.synthetic.flows import Flow, trajectory

APART = 1e-7  # relative to the attractor's size: where neighbours are put back to
STEPS = 150  # of the integration in one period
SETTLE = 10.0  # periods until neighbours have turned into the direction that grows
STARTS_APART = 8  # rows of the trajectory that the neighbours start from, by period


@dataclass(frozen=True)
class Exponent:
    """Largest exponent (1/time unit) and its standard error over the places it was measured from."""

    value: float
    error: float


def largest_exponent(one: Flow, pairs: int = 64, periods: float = 60.0, seed: int = 0) -> Exponent:
    """Mean growth rate of the distance of neighbours, which are put back after each tenth of a period.

    The method of Benettin, Galgani and Strelcyn 1976, Phys. Rev. A 14:2338, for many places on the attractor at once.

    Args:
        one: the flow.
        pairs: of neighbours, from so many places.
        periods: that each pair is followed for.
        seed: of the places and directions.
    """
    rng = np.random.default_rng(seed)
    starts = trajectory(one, pairs * STARTS_APART, STARTS_APART, seed)[::STARTS_APART]  # [pairs, dimensions]
    apart = APART * starts.std()
    offset = rng.standard_normal(starts.shape)
    here = starts.T
    there = here + apart * (offset / np.linalg.norm(offset, axis=1, keepdims=True)).T
    step, often = one.period / STEPS, STEPS // 10
    settling, rounds = round(10 * SETTLE), round(10 * periods)
    growth = np.zeros(pairs)
    for turn in range(settling + rounds):
        for _ in range(often):
            here, there = runge_kutta(one.rate, np.stack([here, there], axis=1), step).swapaxes(0, 1)
        distance = np.linalg.norm(there - here, axis=0)
        if turn >= settling:
            growth += np.log(distance / apart)
        there = here + (there - here) * (apart / distance)
    rates = growth / (rounds * often * step)
    return Exponent(float(rates.mean()), float(rates.std(ddof=1) / np.sqrt(pairs)))


def runge_kutta(rate: Callable[[np.ndarray], np.ndarray], state: np.ndarray, step: float) -> np.ndarray:
    """One step of the classical fourth-order method."""
    first = rate(state)
    second = rate(state + step / 2 * first)
    third = rate(state + step / 2 * second)
    fourth = rate(state + step * third)
    return state + step / 6 * (first + 2 * second + 2 * third + fourth)
