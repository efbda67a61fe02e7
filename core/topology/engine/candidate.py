"""Candidate decompositions: intervals that follow the bars of neighbouring lines of one slope.

Loiseaux, Carriere and Blumberg, arXiv:2306.11170, who match bars by following the vineyard exactly. Here bars of
neighbouring lines are matched by the cells that begin and end them and by how far their ends moved, which agrees with
the vineyard as long as pairs of cells don't switch, and is otherwise APPROXIMATE. Sums and means over the intervals
depend on the matching; landscapes and the largest summand do not, up to the spacing of the lines.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    """The bars on one line, one entry each.

    Attributes:
        bars: with their cells.
        ends: [m, 2, 2] from (radius, level) to (radius, level).
        grades: [m, 2, 2] of the cells that begin and end them; infinite for bars that never end.
        slope: [2] direction of the line.
    """

    bars: Bars
    ends: np.ndarray
    grades: np.ndarray
    slope: np.ndarray

    def waits_for_radius(self, bar: int, end: int) -> bool:
        """Whether the cell at an end of a bar enters when the line reaches its radius, its level being reached."""
        late = (self.grades[bar, end] - self.ends[bar, end]) / self.slope  # at most 0, and 0 in what it waits for
        return bool(late[0] >= late[1])


def candidate_decomposition(
    filtered: BifilteredComplex,
    degree: int,
    box: tuple[ArrayLike, ArrayLike],
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
    tracks: list[list[tuple[int, _Sight, int]]] = []  # line, all its bars, and which one of them
    before, track_of = None, np.zeros(0, dtype=np.int64)
    offsets = _offsets(low, high, slope, lines)
    step = float(offsets[1] - offsets[0]) if lines > 1 else 0.0
    for line, offset in enumerate(offsets):
        base = np.array([offset * slope[0], 0.0])
        sight = _seen(filtered, degree, bars_on_line(filtered, base, direction, (degree,))[degree], base, slope)
        continued = _continued(before, sight, step)
        track_of = np.array([track_of[c] if c >= 0 else -1 for c in continued], dtype=np.int64)
        for bar in range(len(sight.bars)):
            if track_of[bar] < 0:
                track_of[bar] = len(tracks)
                tracks.append([])
            tracks[track_of[bar]].append((line, sight, bar))
        before = sight
    intervals = [_interval(track) for track in tracks]
    return sorted(intervals, key=lambda interval: -side_of_largest_square(interval, low, high, slope))


def checked_box(box: tuple[ArrayLike, ArrayLike]) -> tuple[np.ndarray, np.ndarray]:
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


def _offsets(low: np.ndarray, high: np.ndarray, slope: np.ndarray, lines: int) -> np.ndarray:
    """Where the lines cross level 0, in units of the direction: evenly between two corners of the box, left to right."""
    left, right = low[0] / slope[0] - high[1] / slope[1], high[0] / slope[0] - low[1] / slope[1]
    return np.linspace(left, right, lines + 2)[1:-1]


def _seen(filtered: BifilteredComplex, degree: int, found: Bars, base: np.ndarray, slope: np.ndarray) -> _Sight:
    ended = found.death_cells >= 0
    grades = np.full((len(found), 2, 2), np.inf)
    grades[:, 0] = filtered.of(degree).grades[found.birth_cells]
    grades[ended, 1] = filtered.of(degree + 1).grades[found.death_cells[ended]]
    ends = np.stack([base + found.births[:, None] * slope, base + found.deaths[:, None] * slope], axis=1)
    return _Sight(found, ends, grades, slope)


def _continued(before: _Sight | None, sight: _Sight, step: float) -> list[int]:
    """For each bar of a line the bar of the line before that it continues; -1 for none.

    The bar with both cells the same. Of the others, those that no end of which moved further than the lines are apart,
    as the ends of a bar that goes on never do: first those that share a cell, and the nearest ones first.

    Args:
        before: the bars of the line before.
        sight: the bars of this line.
        step: distance of the lines, in units of their direction.
    """
    continued = [-1] * len(sight.bars)
    if before is None:
        return continued
    old, new = before.bars, sight.bars
    pairs = {(int(b), int(d)): i for i, (b, d) in enumerate(zip(old.birth_cells, old.death_cells, strict=True))}
    for bar, cells in enumerate(zip(new.birth_cells, new.death_cells, strict=True)):
        continued[bar] = pairs.get((int(cells[0]), int(cells[1])), -1)
    left = np.setdiff1d(np.arange(len(old)), continued)
    open_bars = np.flatnonzero(np.array(continued, dtype=np.int64) < 0)
    with np.errstate(invalid="ignore"):
        moves = np.abs(before.ends[left][:, None] - sight.ends[open_bars][None, :]) / sight.slope
    moves[np.isnan(moves)] = 0.0  # both never end
    furthest = moves.max(axis=(2, 3), initial=0.0)  # [left, open]
    shared = old.birth_cells[left][:, None] == new.birth_cells[open_bars][None, :]
    shared |= old.death_cells[left][:, None] == new.death_cells[open_bars][None, :]
    rows, columns = np.nonzero(furthest <= step * (1 + 1e-9))
    for place in np.lexsort((furthest[rows, columns], ~shared[rows, columns])):
        start, bar = int(left[rows[place]]), int(open_bars[columns[place]])
        if continued[bar] < 0 and start not in continued:
            continued[bar] = start
    return continued


def _interval(track: list[tuple[int, _Sight, int]]) -> Interval:
    bars = np.stack([sight.ends[bar] for _, sight, bar in track])  # [l, 2, 2]
    births, deaths = [*bars[:, 0]], [*bars[:, 1]]
    # Between two neighbouring lines a bar begins on a staircase that goes down and to the right. If the left one comes in
    # over an upright side (its birth cell waited for the radius) and the right one over a level side, the corner where
    # the sides meet was passed. The same holds for the ends, mirrored; and an end that passes from the corner of one
    # death cell to that of another has their join for an outer corner.
    for (_, left, i), (_, right, j) in pairwise(track):
        if left.waits_for_radius(i, 0) and not right.waits_for_radius(j, 0):
            births.append(np.minimum(left.ends[i, 0], right.ends[j, 0]))
        if not np.isfinite(left.ends[i, 1] + right.ends[j, 1]).all():
            continue
        if not left.waits_for_radius(i, 1) and right.waits_for_radius(j, 1):
            deaths.append(np.maximum(left.ends[i, 1], right.ends[j, 1]))
        corner = np.maximum(left.grades[i, 1], right.grades[j, 1])
        if _between(corner, left.ends[i, 1], right.ends[j, 1]):
            deaths.append(corner)
    return Interval(
        _extreme(np.array(births), 1.0),
        _extreme(np.array(deaths), -1.0),
        np.array([line for line, _, _ in track]),
        bars,
    )


def _between(corner: np.ndarray, first: np.ndarray, second: np.ndarray) -> bool:
    """Whether a corner is in the box that two points span, up to rounding."""
    slack = 1e-12 * max(np.abs(first).max(), np.abs(second).max(), np.abs(corner).max())
    low, high = np.minimum(first, second) - slack, np.maximum(first, second) + slack
    return bool((corner >= low).all() and (corner <= high).all())


def _extreme(corners: np.ndarray, sign: float) -> np.ndarray:
    """The minimal corners (sign 1) or the maximal ones (sign -1), those that differ by rounding once."""
    slack = 1e-12 * np.abs(corners[np.isfinite(corners)]).max(initial=0.0)
    kept: list[np.ndarray] = []
    for corner in np.unique(sign * corners, axis=0):  # by the first coordinate: a later one must be lower in the second
        if kept and corner[1] >= kept[-1][1] - slack:
            continue
        if kept and corner[0] <= kept[-1][0] + slack:
            kept.pop()
        kept.append(corner)
    return sign * np.array(kept)
