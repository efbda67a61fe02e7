"""Finds the subspace dimension at which performance crosses a threshold, in few trainings.

A bracket is widened by factors of four from the first guess (with a training half-way, in log d); then new
trainings are placed around the crossing of a line through (log d, logit performance) until it is known well
enough. Every training is a new seed, so the scatter around the line is the scatter of the method. Where the curve is
too flat for a line, means of three trainings are bisected instead.

The search is a generator: it yields the dimensions to train at, and is sent their performances.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from math import exp, inf, log, sqrt
from typing import Literal

import numpy as np

from core.intrinsic_dimension.local_line import LocalLine, Point, fit_line, logit

WIDENING = 4.0  # factor between the ends of the bracket while it is sought
NARROW = 2.0  # and when the line takes over
SPREAD = 1.3  # new points lie this factor to either side of the crossing
WINDOW = 1.5  # points within this factor of the crossing count for the line: farther off the curve bends
LEAST_POINTS = 6  # of a line that may end the search
STEEP = 2.0  # slope over its standard error below which a line is not trusted
REPLICATES = 3  # of a mean that is bisected
FINE = 1.1  # factor between the ends at which bisection of means stops


@dataclass(frozen=True)
class Goal:
    """What is sought and how well.

    Attributes:
        threshold: performance to be reached, in 0..1.
        threshold_error: its standard error, in logit units.
        smallest: d is not sought below this.
        largest: d is not sought above this.
        trainings: most that the search may ask for.
        batch: how many trainings are asked for at once near the crossing.
        standard_error: relative error of d that is good enough.
        resolution: smallest step of a performance that means anything, half a row of the validation set.
    """

    threshold: float
    largest: int
    trainings: int
    batch: int = 4
    standard_error: float = 0.03
    resolution: float = 1e-3
    threshold_error: float = 0.0
    smallest: int = 1

    @property
    def level(self) -> float:
        """The threshold in logit units."""
        return logit(self.threshold, self.resolution)


@dataclass(frozen=True)
class Crossing:
    """What the search found.

    Attributes:
        how: "line", or "bisection" of means; "bracket": the trainings ran out before either; "not reached" up to
            the largest d; "at once": already at the smallest d; "grid": the first d of a grid whose mean passes.
        dimension: d at the threshold; None where it was not reached.
        low: lower end of the 95 % interval (of a bisection or bracket: its lower end; where it was not reached: the
            largest d that was tried).
        high: upper end; None where it was not reached.
        standard_error: relative, of d; NaN where the method gives none.
        line: the fitted line, where there is one.
        resampled: mean of the bootstrap of a grid; NaN where some of its curves never pass.
    """

    how: Literal["line", "bisection", "bracket", "not reached", "at once", "grid"]
    dimension: float | None
    low: float
    high: float | None
    standard_error: float
    line: LocalLine | None
    resampled: float = float("nan")


def not_reached(largest: int) -> Crossing:
    """No mean passed up to the largest d that was tried."""
    return Crossing("not reached", None, float(largest), None, float("nan"), None)


Search = Generator[list[int], list[float], Crossing]


def adaptive_search(goal: Goal, known: Sequence[Point]) -> Search:
    """Seeks the crossing, starting from one or more trainings that are finished.

    Args:
        goal: threshold, precision and limits.
        known: finished trainings, at least one; the first guess.
    """
    trials = _Trials(goal, list(known))
    ended = yield from _bracket(trials)
    if ended:
        return ended
    return (yield from _follow_line(trials))


def read_off(goal: Goal, known: Sequence[Point]) -> Crossing:
    """Where trainings that were placed for another threshold cross this one, without any more of them.

    Args:
        goal: threshold and limits.
        known: finished trainings, at least one.

    Returns:
        The crossing of a line through the trainings near it, or the bracket that they give; "not reached" where no
        mean passes up to the largest d that was tried.
    """
    trials = _Trials(goal, list(known))
    low, high = trials.ends()
    if high is None:
        return not_reached(low)
    if low == 0 and high == goal.smallest:
        return Crossing("at once", float(high), float(high), float(high), float("nan"), None)
    found = _conclude(trials, _between(trials))
    perfect = goal.threshold > 1 - goal.resolution  # logits end there, and so does the straight line
    if found.line and (perfect or not _near(found.line, found.dimension)):
        return _from_ends(trials, "bracket")  # nor does a line say anything far from the trainings it was fitted to
    return found


class _Trials:
    """All finished trainings of a search and what is left of its budget."""

    def __init__(self, goal: Goal, points: list[Point]) -> None:
        self.goal = goal
        self.points = points
        self.left = goal.trainings

    def ask(self, dimensions: Iterable[int]) -> Generator[list[int], list[float], None]:
        """Trains at the dimensions, as far as the budget goes."""
        asked = list(dimensions)[: self.left]
        if asked:
            performances = yield asked
            self.left -= len(asked)
            self.points += [Point(*pair) for pair in zip(asked, performances, strict=True)]

    def excess(self, dimension: int) -> float:
        """Mean logit performance at a dimension, minus the threshold's."""
        levels = [logit(p.performance, self.goal.resolution) for p in self.points if p.dimension == dimension]
        return float(np.mean(levels)) - self.goal.level

    def ends(self) -> tuple[int, int | None]:
        """The largest d below the smallest that passes (0: none), and that one (None: none passes)."""
        dimensions = sorted({point.dimension for point in self.points})
        passing = next((d for d in dimensions if self.excess(d) >= 0), None)
        return max((d for d in dimensions if passing is None or d < passing), default=0), passing

    def count(self, dimension: int) -> int:
        return sum(point.dimension == dimension for point in self.points)

    def clamp(self, dimension: float) -> int:
        return int(min(max(round(dimension), self.goal.smallest), self.goal.largest))

    def nearest(self) -> int:
        """The dimension whose mean is nearest to the threshold."""
        return min({point.dimension for point in self.points}, key=lambda d: abs(self.excess(d)))


def _bracket(trials: _Trials) -> Generator[list[int], list[float], Crossing | None]:
    """Widens, two factors of two at once, until the ends are a factor of two apart.

    Single trainings decide here: the line forgives a wrong turn.
    """
    goal = trials.goal
    while trials.left > 0:
        low, high = trials.ends()
        if high is None and low == goal.largest:
            if trials.count(low) >= REPLICATES:
                return not_reached(goal.largest)
            step = [low] * (REPLICATES - trials.count(low))
        elif high is None:
            step = sorted({trials.clamp(NARROW * low), trials.clamp(WIDENING * low)})
        elif high == goal.smallest:
            if trials.count(high) >= REPLICATES:
                return Crossing("at once", float(high), float(high), float(high), float("nan"), None)
            step = [high] * (REPLICATES - trials.count(high))
        elif low == 0:
            step = sorted({trials.clamp(high / WIDENING), trials.clamp(high / NARROW)})
        elif high / low > NARROW and high - low > 1:
            step = [trials.clamp(sqrt(low * high))]
        else:
            return None
        yield from trials.ask(step)
    return None


def _follow_line(trials: _Trials) -> Search:
    """Places trainings around the crossing of the line until its error is small enough."""
    goal = trials.goal
    centre = _between(trials)
    line = None
    while True:
        line = fit_line(_window(trials, centre), goal.resolution)
        if line and line.slope_to_noise > STEEP:
            # One fit never carries the search far from where trainings have been.
            centre = min(max(exp(line.crossing(goal.level)), line.narrowest / NARROW), line.widest * NARROW)
            error = line.crossing_error(goal.level)
            if line.points >= LEAST_POINTS and error <= goal.standard_error:
                break
        elif line and line.points >= 2 * LEAST_POINTS and trials.left > 0:
            return (yield from _bisect_means(trials))
        else:
            centre = _between(trials)
        if trials.left == 0:
            break
        yield from trials.ask(_around(trials, centre))
    return _conclude(trials, centre)


def _conclude(trials: _Trials, centre: float) -> Crossing:
    """What finished trainings say of a crossing near a place: a bent line beats two single trainings."""
    for factor in (WINDOW, NARROW, WIDENING):
        line = fit_line(_window(trials, centre, factor), trials.goal.resolution)
        if line and line.slope_to_noise > STEEP:
            return _from_line(trials.goal, line)
    return _from_ends(trials, "bracket")


def _between(trials: _Trials) -> float:
    """The crossing as the ends of the bracket have it, by interpolation in (log d, logit performance)."""
    low, high = trials.ends()
    if low == 0 or high is None:
        return float(trials.nearest())
    below, above = trials.excess(low), trials.excess(high)
    return exp(log(low) + (log(high) - log(low)) * -below / (above - below))


def _window(trials: _Trials, centre: float, factor: float = WINDOW) -> list[Point]:
    reach = max(log(factor), log((centre + 1) / centre))  # at small d: the neighbours at least
    return [point for point in trials.points if abs(log(point.dimension / centre)) <= reach + 1e-9]


def _near(line: LocalLine, dimension: float | None) -> bool:
    """Whether a place is within a factor of two of the trainings that a line was fitted to."""
    return dimension is not None and line.narrowest / NARROW <= dimension <= line.widest * NARROW


def _around(trials: _Trials, centre: float) -> list[int]:
    """The next batch: below and above the crossing by turns, where the fewest points are."""
    places = [
        trials.clamp(min(centre / SPREAD, centre - 1)),
        trials.clamp(centre),
        trials.clamp(max(centre * SPREAD, centre + 1)),
    ]
    counts = dict.fromkeys(places, 0)
    for point in _window(trials, centre):
        counts[min(counts, key=lambda place: abs(log(place / point.dimension)))] += 1
    chosen = []
    for _ in range(trials.goal.batch):
        place = min(counts, key=lambda candidate: counts[candidate])
        counts[place] += 1
        chosen.append(place)
    return sorted(chosen)


def _bisect_means(trials: _Trials) -> Search:
    """Halves the bracket (in log d) by the means of three trainings."""
    goal = trials.goal
    for end in trials.ends():
        if end and trials.count(end) < REPLICATES:
            yield from trials.ask([end] * (REPLICATES - trials.count(end)))
    while trials.left >= REPLICATES:
        low, high = trials.ends()
        if high is None and low == goal.largest:
            return not_reached(goal.largest)
        middle = trials.clamp(sqrt(max(low, 1) * high) if high else NARROW * low)
        if high and (high / max(low, 1) <= FINE or middle in (low, high)):
            break
        yield from trials.ask([middle] * max(1, REPLICATES - trials.count(middle)))
    return _from_ends(trials, "bisection")


def _from_ends(trials: _Trials, how: Literal["bisection", "bracket"]) -> Crossing:
    low, high = trials.ends()
    if high is None:
        return not_reached(low)
    return Crossing(how, sqrt(max(low, 1) * high), float(max(low, 1)), float(high), float("nan"), None)


def _from_line(goal: Goal, line: LocalLine) -> Crossing:
    from scipy.stats import t

    centre = line.crossing(goal.level)
    error = line.crossing_error(goal.level, goal.threshold_error)
    reach = float(t.ppf(0.975, line.points - 2)) * error if line.points > 2 else inf
    bottom, top = log(goal.smallest), log(goal.largest)  # a line may run on beyond them, an answer may not
    dimension, low, high = (exp(min(max(place, bottom), top)) for place in (centre, centre - reach, centre + reach))
    return Crossing("line", dimension, low, high, error, line)
