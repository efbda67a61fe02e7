"""What the second model sees of each covariate: its value now, how it changed lately, how long a state has lasted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import BadInput
from core.telemetry.grid import Grid

LONGEST_STATE_HOURS = 24.0  # a longer stay says the same: hours without end would tell the date, and trees learn dates


@dataclass(frozen=True, eq=False)
class CovariateFeatures:
    """The features of all covariates.

    Attributes:
        values: [rows, features] float32; NaN where a covariate is unknown, or a difference would reach across a gap.
        names: of the features, "htr1", "htr1, change in 15 min", "htr1, hours in state".
        covariates: the physical covariates, as asked for.
        covariate_of: [features] position among the covariates.
        durations: of the differences, in seconds: (asked for, as the grid has it).
    """

    values: np.ndarray
    names: tuple[str, ...]
    covariates: tuple[str, ...]
    covariate_of: np.ndarray
    durations: tuple[tuple[float, float], ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader must know: durations that are no multiple of the grid's step."""
        return tuple(
            f"A difference over {duration_text(asked)} is taken over {duration_text(taken)}, the nearest the grid has."
            for asked, taken in self.durations
            if not np.isclose(asked, taken)
        )

    def of(self, kept: Sequence[str]) -> CovariateFeatures:
        """The features of some of the covariates, in the order of all."""
        positions = [position for position, name in enumerate(self.covariates) if name in kept]
        chosen = np.isin(self.covariate_of, positions)
        return CovariateFeatures(
            values=np.ascontiguousarray(self.values[:, chosen]),
            names=tuple(name for name, take in zip(self.names, chosen, strict=True) if take),
            covariates=tuple(self.covariates[position] for position in positions),
            covariate_of=np.searchsorted(positions, self.covariate_of[chosen]),
            durations=self.durations,
        )


def covariate_features(grid: Grid, covariates: Sequence[str], durations: Sequence[float]) -> CovariateFeatures:
    """Features of covariates on a grid.

    Each covariate x gives x(t) and, for each duration, x(t) - x(t - k) with k the nearest number of rows; durations
    that share a k give one difference. A state gives besides the hours since it last changed, up to 24; unknown until
    it has changed once since the start or the last gap.

    Args:
        grid: the telemetry.
        covariates: columns of the grid, each once.
        durations: of the differences, in seconds.

    Raises:
        BadInput: no covariate, one that the grid lacks, or one named twice.
    """
    _check(grid, covariates)
    taken = {grid.rows_in(seconds): seconds for seconds in reversed(durations)}  # of equals the first asked for stays
    columns: list[np.ndarray] = []
    names: list[str] = []
    owners: list[int] = []
    for position, name in enumerate(covariates):
        x = grid.column(name)
        features = {name: x}
        for rows in sorted(taken):
            features[f"{name}, change in {duration_text(rows * grid.step)}"] = difference(x, rows)
        if name in grid.states:
            features[f"{name}, hours in state"] = hours_in_state(x, grid.step)
        columns += features.values()
        names += features
        owners += [position] * len(features)
    values = np.empty((grid.rows, len(columns)), dtype=np.float32)
    for feature, column in enumerate(columns):
        values[:, feature] = column
    asked = tuple((seconds, grid.rows_in(seconds) * grid.step) for seconds in durations)
    return CovariateFeatures(values, tuple(names), tuple(covariates), np.array(owners), asked)


def difference(x: np.ndarray, rows: int) -> np.ndarray:
    """x(t) - x(t - rows), NaN where that is before the start or a value in between is unknown.

    >>> difference(np.array([1.0, 2.0, 4.0, np.nan, 7.0, 9.0]), 1)
    array([nan,  1.,  2., nan, nan,  2.])
    """
    result = np.full(len(x), np.nan)
    if rows < len(x):
        unknown = np.concatenate([[0], np.cumsum(np.isnan(x))])  # unknown[t]: among the first t
        known = unknown[rows + 1 :] == unknown[: -rows - 1]
        result[rows:][known] = (x[rows:] - x[:-rows])[known]
    return result


def hours_in_state(x: np.ndarray, step: float) -> np.ndarray:
    """Hours since a state last changed, at most `LONGEST_STATE_HOURS`; NaN while nobody can know.

    >>> hours_in_state(np.array([0.0, 0.0, 1.0, 1.0, 1.0, np.nan, 1.0, 0.0]), 1800.0)
    array([nan, nan, 0. , 0.5, 1. , nan, nan, 0. ])
    """
    index = np.arange(len(x))
    known = ~np.isnan(x)
    changed = np.zeros(len(x), dtype=bool)
    changed[1:] = known[1:] & known[:-1] & (x[1:] != x[:-1])
    last_change = np.maximum.accumulate(np.where(changed, index, -1))
    last_gap = np.maximum.accumulate(np.where(known, -1, index))
    hours = np.minimum((index - last_change) * step / 3600, LONGEST_STATE_HOURS)
    return np.where(known & (last_change > last_gap), hours, np.nan)


def duration_text(seconds: float) -> str:
    """A duration as people say it.

    >>> duration_text(900), duration_text(3600), duration_text(90), duration_text(5400)
    ('15 min', '1 h', '90 s', '90 min')
    """
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= length and np.isclose(seconds % length, 0):
            return f"{seconds / length:g} {unit}"
    return f"{seconds:g} s"


def _check(grid: Grid, covariates: Sequence[str]) -> None:
    if not covariates:
        raise BadInput("No covariate is chosen; an explanation needs at least one column besides the target.")
    for position, name in enumerate(covariates):
        if name not in grid.names:
            raise BadInput(f"Covariate {name!r} is no column of this telemetry; it has {', '.join(grid.names[:20])}.")
        if name in covariates[:position]:
            raise BadInput(f"Covariate {name!r} is named twice; name each once.")
