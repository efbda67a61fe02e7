"""Candidate decompositions: intervals that follow the bars of neighbouring lines of one slope.

Loiseaux, Carriere and Blumberg, arXiv:2306.11170, section 3 and the module approximation behind it. They match bars by
following the vineyard exactly. Here bars of neighbouring lines are matched by the cells that begin and end them, which
agrees with the vineyard as long as pairs of cells don't switch, and is otherwise APPROXIMATE: sums and means over the
intervals depend on the matching, the largest one and landscapes do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from core.errors import BadInput
from core.topology.engine.complex import BifilteredComplex
from core.topology.engine.line_barcode import bars_on_line
from core.topology.engine.persistence import Bars


@dataclass(frozen=True)
class Interval:
    """A summand: where it begins and ends.

    Its support is the union of the boxes from a birth corner to a death corner that lies above it.

    Attributes:
        births: [k, 2] its lowest points (radius, level).
        deaths: [m, 2] its highest points; infinite if it never ends.
        lines: [l] numbers of the lines that it was seen on.
        bars: [l, 2, 2] its bar on each of them, from (radius, level) to (radius, level).
    """

    births: np.ndarray
    deaths: np.ndarray
    lines: np.ndarray
    bars: np.ndarray


@dataclass(frozen=True)
class _Sight:
    """A bar on one line: its ends, and over which sides it comes and goes."""

    line: int
    ends: np.ndarray  # [2, 2]
    enters_by_radius: bool  # its birth cell was waiting for the radius, not for the level
    leaves_by_level: bool  # its death cell was waiting for the level


@dataclass(frozen=True)
class _Seen:
    """All bars on one line: as cells, as points of the plane [m, 2, 2], and over which sides they come and go [m]."""

    bars: Bars
    ends: np.ndarray
    enters_by_radius: np.ndarray
    leaves_by_level: np.ndarray


def candidate_decomposition(
    filtered: BifilteredComplex,
    degree: int,
    box: tuple[Sequence[float], Sequence[float]],
    lines: int = 200,
    direction: Sequence[float] = (1.0, 1.0),
) -> list[Interval]:
    """Intervals whose bars on evenly spaced lines of one direction are those of the module.

    Args:
        filtered: complex.
        degree: of homology.
        box: lowest and highest (radius, level); the lines cover it.
        lines: how many, at least 1.
        direction: of the lines, both coordinates above zero.

    Returns:
        The intervals, the one with the largest box first.

    Raises:
        BadInput: a box, direction or number of lines that can't be used.
    """
    low, high = checked_box(box)
    if lines < 1 or lines != int(lines):
        raise BadInput(f"lines is {lines}; a whole number from 1 is expected.")
    slope = np.asarray(direction, dtype=np.float64)
    tracks: list[list[_Sight]] = []
    before, track_of = None, np.zeros(0, dtype=np.int64)
    for line, base in enumerate(_bases(low, high, slope, lines)):
        seen = _seen(filtered, degree, bars_on_line(filtered, base, direction, (degree,))[degree], base, slope)
        continued = _continued(before, seen)
        track_of = np.array([track_of[c] if c >= 0 else -1 for c in continued], dtype=np.int64)
        for bar in range(len(seen.bars)):
            if track_of[bar] < 0:
                track_of[bar] = len(tracks)
                tracks.append([])
            tracks[track_of[bar]].append(
                _Sight(line, seen.ends[bar], bool(seen.enters_by_radius[bar]), bool(seen.leaves_by_level[bar]))
            )
        before = seen
    intervals = [_interval(track) for track in tracks]
    return sorted(intervals, key=lambda interval: -side_of_largest_square(interval, low, high, slope))


def checked_box(box: tuple[Sequence[float], Sequence[float]]) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest corner.

    Raises:
        BadInput: they are not finite pairs, or the second is not above the first in both coordinates.
    """
    low, high = (np.asarray(corner, dtype=np.float64) for corner in box)
    if low.shape != (2,) or high.shape != (2,) or not (np.isfinite([low, high]).all() and (low < high).all()):
        raise BadInput(f"box is {box}; two corners (radius, level), the second above the first in both, are expected.")
    return low, high


def side_of_largest_square(
    interval: Interval, low: np.ndarray, high: np.ndarray, direction: ArrayLike = (1.0, 1.0)
) -> float:
    """w(I) = max over birth corners b and death corners d of min_i (min(d_i, high_i) - max(b_i, low_i)) / v_i.

    Args:
        interval: I.
        low: lowest corner of the box that I is cut to.
        high: highest corner.
        direction: v, the unit of each coordinate.

    Returns:
        At least 0.
    """
    births, deaths = np.maximum(interval.births, low), np.minimum(interval.deaths, high)
    sides = (deaths[None, :, :] - births[:, None, :]) / np.asarray(direction, dtype=np.float64)
    return max(0.0, float(sides.min(axis=2).max()))


def _bases(low: np.ndarray, high: np.ndarray, slope: np.ndarray, lines: int) -> Iterator[np.ndarray]:
    """A point of each line, evenly spaced between the upper left and the lower right corner of the box."""
    left, right = low[0] / slope[0] - high[1] / slope[1], high[0] / slope[0] - low[1] / slope[1]
    for offset in np.linspace(left, right, lines + 2)[1:-1]:
        yield np.array([offset * slope[0], 0.0])


def _seen(filtered: BifilteredComplex, degree: int, found: Bars, base: np.ndarray, slope: np.ndarray) -> _Seen:
    born = (filtered.of(degree).grades[found.birth_cells] - base) / slope
    ended = found.death_cells >= 0
    dead = np.full((len(found), 2), np.inf)
    dead[ended] = (filtered.of(degree + 1).grades[found.death_cells[ended]] - base) / slope
    ends = np.stack([base + found.births[:, None] * slope, base + found.deaths[:, None] * slope], axis=1)
    return _Seen(found, ends, born[:, 0] >= born[:, 1], ended & (dead[:, 1] >= dead[:, 0]))


def _continued(before: _Seen | None, seen: _Seen) -> list[int]:
    """For each bar of a line the bar of the line before that it continues; -1 for none.

    The bar with both cells the same. Of the others, those that share one cell, nearest first: where two pairs of cells
    switch, their births or their deaths meet, so the bar that goes on smoothly is near.
    """
    continued = [-1] * len(seen.bars)
    if before is None:
        return continued
    old, new = before.bars, seen.bars
    pairs = {(int(b), int(d)): i for i, (b, d) in enumerate(zip(old.birth_cells, old.death_cells, strict=True))}
    for bar, cells in enumerate(zip(new.birth_cells, new.death_cells, strict=True)):
        continued[bar] = pairs.get((int(cells[0]), int(cells[1])), -1)
    left = np.setdiff1d(np.arange(len(old)), continued)
    open_bars = np.flatnonzero(np.array(continued, dtype=np.int64) < 0)
    shared = old.birth_cells[left][:, None] == new.birth_cells[open_bars][None, :]
    deaths = new.death_cells[open_bars][None, :]
    shared |= (old.death_cells[left][:, None] == deaths) & (deaths >= 0)
    rows, columns = np.nonzero(shared)
    with np.errstate(invalid="ignore"):
        moves = np.abs(before.ends[left[rows]] - seen.ends[open_bars[columns]])
    moves[np.isnan(moves)] = 0.0  # both never end
    for place in np.argsort(moves.max(axis=(1, 2), initial=0.0), kind="stable"):
        start, bar = int(left[rows[place]]), int(open_bars[columns[place]])
        if continued[bar] < 0 and start not in continued:
            continued[bar] = start
    return continued


def _interval(track: list[_Sight]) -> Interval:
    bars = np.stack([sight.ends for sight in track])  # [l, 2, 2]
    births, deaths = [*bars[:, 0]], [*bars[:, 1]]
    # Lines go from the upper left to the lower right. Two neighbours that come in over the two sides of a birth corner
    # have it as their meet; two that go out over the two sides of a death corner have it as their join.
    for left, right in pairwise(track):
        if left.enters_by_radius and not right.enters_by_radius:
            births.append(np.minimum(left.ends[0], right.ends[0]))
        if left.leaves_by_level and not right.leaves_by_level and np.isfinite(right.ends[1]).all():
            deaths.append(np.maximum(left.ends[1], right.ends[1]))
    return Interval(
        _extreme(np.array(births), 1.0),
        _extreme(np.array(deaths), -1.0),
        np.array([sight.line for sight in track]),
        bars,
    )


def _extreme(corners: np.ndarray, sign: float) -> np.ndarray:
    """The minimal corners (sign 1) or the maximal ones (sign -1)."""
    kept: list[np.ndarray] = []
    for corner in np.unique(sign * corners, axis=0):  # by the first coordinate: a later one must be lower in the second
        if not kept or corner[1] < kept[-1][1]:
            kept.append(corner)
    return sign * np.array(kept)
