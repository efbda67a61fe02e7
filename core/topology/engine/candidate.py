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
from core.topology.engine.line_barcode import bars_on_lines
from core.topology.engine.persistence import Bars, ManyBars


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
class _Sights:
    """The bars of all lines, one line after the other.

    Attributes:
        bars: with their cells.
        starts: [lines + 1] where the bars of each line begin.
        ends: [m, 2, 2] from (radius, level) to (radius, level).
        grades: [m, 2, 2] of the cells that begin and end them; infinite for bars that never end.
        for_radius: [m, 2] bool, whether the cell at an end enters when the line reaches its radius, its level being
            reached.
    """

    bars: Bars
    starts: np.ndarray
    ends: np.ndarray
    grades: np.ndarray
    for_radius: np.ndarray


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
    offsets = _offsets(low, high, slope, lines)
    bases = np.column_stack([offsets * slope[0], np.zeros(lines)])
    sights = _seen(filtered, degree, bars_on_lines(filtered, bases, slope, (degree,))[degree], bases, slope)
    tracks = _tracks(sights, float(offsets[1] - offsets[0]) if lines > 1 else 0.0, slope)
    intervals = _intervals(sights, tracks)
    widths = sides_of_largest_squares(intervals, low, high, slope)
    return [intervals[place] for place in np.argsort(-widths, kind="stable")]


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
    return float(sides_of_largest_squares([interval], low, high, direction)[0])


def sides_of_largest_squares(
    intervals: Sequence[Interval], low: np.ndarray, high: np.ndarray, direction: ArrayLike = (1.0, 1.0)
) -> np.ndarray:
    """[intervals] `side_of_largest_square` of each."""
    if not intervals:
        return np.zeros(0)
    births = np.maximum(np.concatenate([interval.births for interval in intervals]), low)
    deaths = np.minimum(np.concatenate([interval.deaths for interval in intervals]), high)
    begin = np.array([len(interval.births) for interval in intervals])
    end = np.array([len(interval.deaths) for interval in intervals])
    starts = np.cumsum(begin * end) - begin * end  # of the pairs of corners of each interval
    owner = np.repeat(np.arange(len(intervals)), begin * end)
    birth, death = np.divmod(np.arange(len(owner)) - starts[owner], end[owner])
    birth += (np.cumsum(begin) - begin)[owner]
    death += (np.cumsum(end) - end)[owner]
    sides = ((deaths[death] - births[birth]) / np.asarray(direction, dtype=np.float64)).min(axis=1)
    return np.maximum(np.maximum.reduceat(sides, starts), 0.0)


def _offsets(low: np.ndarray, high: np.ndarray, slope: np.ndarray, lines: int) -> np.ndarray:
    """Where the lines cross level 0, in units of the direction: evenly between two corners of the box, left to right."""
    left, right = low[0] / slope[0] - high[1] / slope[1], high[0] / slope[0] - low[1] / slope[1]
    return np.linspace(left, right, lines + 2)[1:-1]


def _seen(filtered: BifilteredComplex, degree: int, many: ManyBars, bases: np.ndarray, slope: np.ndarray) -> _Sights:
    found = many.bars
    base = np.repeat(bases, np.diff(many.starts), axis=0)
    ended = found.death_cells >= 0
    grades = np.full((len(found), 2, 2), np.inf)
    grades[:, 0] = filtered.of(degree).grades[found.birth_cells]
    grades[ended, 1] = filtered.of(degree + 1).grades[found.death_cells[ended]]
    ends = np.stack([base + found.births[:, None] * slope, base + found.deaths[:, None] * slope], axis=1)
    with np.errstate(invalid="ignore"):  # the ends of bars that never end wait for nothing
        late = (grades - ends) / slope  # at most 0, and 0 in what the cell waits for
        for_radius = late[:, :, 0] >= late[:, :, 1]
    return _Sights(found, many.starts, ends, grades, for_radius)


def _tracks(sights: _Sights, step: float, slope: np.ndarray) -> np.ndarray:
    """[m] which interval each bar belongs to; intervals are numbered as they are first seen, from left to right."""
    track_of, count = np.empty(len(sights.bars), dtype=np.int64), 0
    before = slice(0, 0)
    for start, end in pairwise(sights.starts):
        line = slice(start, end)
        continued = _continued(sights, before, line, step, slope)
        own = np.where(continued >= 0, track_of[before.start + continued], -1)
        new = np.flatnonzero(own < 0)
        own[new] = count + np.arange(len(new))
        track_of[line], count, before = own, count + len(new), line
    return track_of


def _continued(sights: _Sights, before: slice, line: slice, step: float, slope: np.ndarray) -> np.ndarray:
    """For each bar of a line the bar of the line before that it continues, counted there from 0; -1 for none.

    The bar with both cells the same. Of the others, those that no end of which moved further than the lines are apart,
    as the ends of a bar that goes on never do: first those that share a cell, and the nearest ones first.

    Args:
        sights: the bars of all lines.
        before: those of the line before.
        line: those of this line.
        step: distance of the lines, in units of their direction.
        slope: the direction.
    """
    births, deaths = sights.bars.birth_cells, sights.bars.death_cells
    old_birth, old_death, new_birth, new_death = births[before], deaths[before], births[line], deaths[line]
    continued = np.full(len(new_birth), -1, dtype=np.int64)
    if not len(old_birth) or not len(new_birth):
        return continued
    by_cell = np.argsort(old_birth)  # a cell begins one bar of a line
    nearest = by_cell[np.searchsorted(old_birth, new_birth, sorter=by_cell).clip(max=len(by_cell) - 1)]
    same = (old_birth[nearest] == new_birth) & (old_death[nearest] == new_death)
    continued[same] = nearest[same]
    left = np.ones(len(old_birth), dtype=bool)
    left[nearest[same]] = False
    old, new = np.flatnonzero(left), np.flatnonzero(~same)
    if not len(old) or not len(new):
        return continued
    with np.errstate(invalid="ignore"):
        moves = np.abs(sights.ends[before][old][:, None] - sights.ends[line][new][None, :]) / slope
    moves[np.isnan(moves)] = 0.0  # both never end
    furthest = moves.max(axis=(2, 3))  # [old, new]
    shared = old_birth[old][:, None] == new_birth[new][None, :]
    shared |= old_death[old][:, None] == new_death[new][None, :]
    rows, columns = np.nonzero(furthest <= step * (1 + 1e-9))
    for place in np.lexsort((furthest[rows, columns], ~shared[rows, columns])):
        start, bar = old[rows[place]], new[columns[place]]
        if continued[bar] < 0 and left[start]:
            continued[bar], left[start] = start, False
    return continued


def _intervals(sights: _Sights, track_of: np.ndarray) -> list[Interval]:
    """The bars of each interval, and the corners that they show.

    Between two neighbouring lines a bar begins on a staircase that goes down and to the right. If the left one comes in
    over an upright side (its birth cell waited for the radius) and the right one over a level side, the corner where
    the sides meet was passed. The same holds for the ends, mirrored; and an end that passes from the corner of one death
    cell to that of another has their join for an outer corner.
    """
    order = np.argsort(track_of, kind="stable")  # by interval, and in each from left to right
    track = track_of[order]
    line_of = np.repeat(np.arange(len(sights.starts) - 1), np.diff(sights.starts))[order]
    ends, grades, for_radius = sights.ends[order], sights.grades[order], sights.for_radius[order]
    left = np.flatnonzero(track[1:] == track[:-1])
    right = left + 1
    passed = left[for_radius[left, 0] & ~for_radius[right, 0]]
    births = [ends[:, 0], np.minimum(ends[passed, 0], ends[passed + 1, 0])]
    birth_tracks = [track, track[passed]]
    finite = np.isfinite(ends[left, 1] + ends[right, 1]).all(axis=1)
    left, right = left[finite], right[finite]
    turned = left[~for_radius[left, 1] & for_radius[right, 1]]
    joins = np.maximum(grades[left, 1], grades[right, 1])
    met = _between(joins, ends[left, 1], ends[right, 1])
    deaths = [ends[:, 1], np.maximum(ends[turned, 1], ends[turned + 1, 1]), joins[met]]
    death_tracks = [track, track[turned], track[left[met]]]
    count = int(track[-1]) + 1 if len(track) else 0
    bounds = np.searchsorted(track, np.arange(count + 1))
    lowest = _extremes(np.concatenate(births), np.concatenate(birth_tracks), count, 1.0)
    highest = _extremes(np.concatenate(deaths), np.concatenate(death_tracks), count, -1.0)
    return [
        Interval(lowest[number], highest[number], line_of[start:end], ends[start:end])
        for number, (start, end) in enumerate(pairwise(bounds))
    ]


def _between(corners: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """[m] whether corners [m, 2] are in the boxes that pairs of points span, up to rounding."""
    slack = 1e-12 * np.abs(np.stack([corners, first, second])).max(axis=(0, 2))[:, None]
    low, high = np.minimum(first, second) - slack, np.maximum(first, second) + slack
    return ((corners >= low) & (corners <= high)).all(axis=1)


def _extremes(corners: np.ndarray, track: np.ndarray, count: int, sign: float) -> list[np.ndarray]:
    """Of each interval the minimal corners (sign 1) or the maximal ones (sign -1), those that differ by rounding once.

    Args:
        corners: [k, 2] of all intervals.
        track: [k] which one each belongs to.
        count: how many intervals.
        sign: which.

    Returns:
        Of each interval [its corners, 2].
    """
    turned = sign * corners
    order = np.lexsort((turned[:, 1], turned[:, 0], track))
    largest = np.zeros(count)
    np.maximum.at(largest, track, np.where(np.isfinite(corners), np.abs(corners), 0.0).max(axis=1))
    slack = (1e-12 * largest).tolist()
    kept: list[list[tuple[float, float]]] = [[] for _ in range(count)]
    # by the first coordinate: a later one must be lower in the second
    for number, x, y in zip(track[order].tolist(), *turned[order].T.tolist(), strict=True):
        own = kept[number]
        if own and y >= own[-1][1] - slack[number]:
            continue
        if own and x <= own[-1][0] + slack[number]:
            own.pop()
        own.append((x, y))
    return [sign * np.array(own) for own in kept]
