"""Whether retrained networks say that the advice of a pruning regime was right.

The advice names a direction, not a value. For each dense network the value in that direction is the one that was best for
the other dense networks, so that the gain is measured on a network that had no say in the choice: the best of several
noisy values would otherwise look better than it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

TURNS = {"I": "raise", "II-A": "lower"}  # Zhou et al. 2023 (arXiv:2305.18383), section 4
OPPOSITE = {"raise": "lower", "lower": "raise", "": ""}


@dataclass(frozen=True)
class Gain:
    """Points of test error that a direction has less, NaN where it holds nothing or there is one dense network alone.

    Attributes:
        mean: over the dense networks.
        standard_error: of it.
    """

    mean: float
    standard_error: float

    @property
    def verdict(self) -> str:
        """ "yes" or "no" where the mean exceeds its standard error, else "undecided"; "" where nothing was measured."""
        if np.isnan(self.mean):
            return ""
        if abs(self.mean) <= self.standard_error:
            return "undecided"
        return "yes" if self.mean > 0 else "no"


def with_confirmation(cells: pd.DataFrame, errors: pd.DataFrame, *, cold_if_large: bool) -> pd.DataFrame:
    """The cells with what retrained networks say of their advice.

    In regime I the advice is to raise the temperature, in II-A to lower it; II-B asks for nothing.

    Args:
        cells: of a regime map, with `density`, `temperature`, `regime`.
        errors: a row a dense network of a cell: `density`, `temperature`, `seed`, `test_error` in points.
        cold_if_large: whether large values of the temperature's knob are cold.

    Returns:
        The same with `advised` ("raise", "lower" or ""), `gain` and `gain_standard_error` (points of test error that the
        advised direction has less), `confirmed` (see `Gain.verdict`) and `opposite` (the same of the other direction).
    """
    table = errors.pivot_table(index=["density", "temperature"], columns="seed", values="test_error", dropna=False)
    sign = -1.0 if cold_if_large else 1.0
    turns, gains, against = [], [], []
    for _, cell in cells.iterrows():
        line = table.loc[cell.density]
        turn = TURNS.get(cell.regime, "")
        turns.append(turn)
        gains.append(_gain(line, cell.temperature, turn, sign))
        against.append(_gain(line, cell.temperature, OPPOSITE[turn], sign))
    return cells.assign(
        advised=turns,
        gain=[gain.mean for gain in gains],
        gain_standard_error=[gain.standard_error for gain in gains],
        confirmed=[gain.verdict for gain in gains],
        opposite=[gain.verdict for gain in against],
    )


def held_out_gain(own: np.ndarray, others: np.ndarray) -> Gain:
    """What changing to the best of several values gains, each network judged by the choice of the others.

    Example:
        >>> held_out_gain(np.array([5.0, 5.0]), np.array([[4.0, 9.0], [6.0, 1.0]])).mean
        -2.5

    Args:
        own: [networks] test error at the present value.
        others: [values, networks] at the values to choose from.
    """
    kept = np.isfinite(own) & np.isfinite(others).all(axis=0)
    own, others = own[kept], others[:, kept]
    networks = len(own)
    if networks < 2 or not len(others):
        return Gain(float("nan"), float("nan"))
    rest = (others.sum(axis=1, keepdims=True) - others) / (networks - 1)
    gains = own - others[rest.argmin(axis=0), np.arange(networks)]
    return Gain(float(gains.mean()), float(gains.std(ddof=1) / np.sqrt(networks)))


def _gain(line: pd.DataFrame, temperature: float, turn: str, sign: float) -> Gain:
    """Of a direction from a cell; `line` holds its density, temperatures x seeds."""
    heat = sign * (line.index.to_numpy(float) - temperature)
    beyond = heat > 0 if turn == "raise" else heat < 0 if turn == "lower" else np.zeros(len(line), dtype=bool)
    return held_out_gain(line.loc[temperature].to_numpy(float), line[beyond].dropna(how="all").to_numpy(float))
