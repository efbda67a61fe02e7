"""The search on curves whose crossing is known."""

from collections.abc import Callable
from math import exp, log

import numpy as np
import pytest

from core.intrinsic_dimension.local_line import Point, fit_line, logit
from core.intrinsic_dimension.search import Crossing, Goal, adaptive_search, read_off


def drive(
    level: Callable[[int], float], goal: Goal, *, guess: int = 64, noise: float = 0.0, seed: int = 0
) -> tuple[Crossing, list[int]]:
    """Runs a search on a curve of logit performance with normal scatter; returns what it found and what it asked for."""
    generator = np.random.default_rng(seed)

    def performance(dimension: int) -> float:
        return float(1 / (1 + np.exp(-(level(dimension) + noise * generator.normal()))))

    search, asked = adaptive_search(goal, [Point(guess, performance(guess))]), []
    try:
        batch = next(search)
        while True:
            asked += batch
            batch = search.send([performance(dimension) for dimension in batch])
    except StopIteration as stop:
        return stop.value, asked


def line(dimension: int) -> float:
    """Crosses 0.9 at d = 200."""
    return log(9) + 1.5 * log(dimension / 200)


@pytest.mark.parametrize("guess", [1, 64, 200, 5000])
def test_crossing_of_a_line_without_noise(guess: int) -> None:
    """From any first guess the crossing of a straight line is found to within a whole number."""
    found, asked = drive(line, Goal(0.9, largest=10_000, trainings=25), guess=guess)
    assert found.how == "line"
    assert found.dimension == pytest.approx(200, rel=0.01)
    assert len(asked) <= 20


def test_interval_covers_the_crossing_at_its_nominal_rate() -> None:
    """Over many noisy searches the 95 % interval covers the true crossing, and the median hits it."""
    goal = Goal(0.9, largest=10_000, trainings=16)
    found = [drive(line, goal, noise=0.2, seed=seed)[0] for seed in range(200)]
    lines = [one for one in found if one.how == "line"]
    assert len(lines) >= 190
    covered = np.mean([one.low <= 200 <= (one.high or 0) for one in lines])
    assert 0.88 <= covered <= 1.0
    assert np.median([one.dimension for one in lines]) == pytest.approx(200, rel=0.04)


def test_never_more_trainings_than_allowed() -> None:
    """The search keeps to its budget, whatever the noise."""
    for seed in range(20):
        assert len(drive(line, Goal(0.9, largest=10_000, trainings=9), noise=0.5, seed=seed)[1]) <= 9


def test_stops_early_when_precise_enough() -> None:
    """A precision that is reached ends the search before the budget does."""
    found, asked = drive(line, Goal(0.9, largest=10_000, trainings=500, standard_error=0.05), noise=0.15)
    assert found.standard_error <= 0.06
    assert len(asked) < 40


def test_not_reached() -> None:
    """Where the largest dimension fails in the mean of three trainings, the answer is 'more than that'."""
    found, asked = drive(line, Goal(0.9, largest=100, trainings=20))
    assert found == Crossing("not reached", None, 100.0, None, found.standard_error, None)
    assert asked.count(100) == 3
    assert max(asked) == 100


def test_one_parameter_is_enough() -> None:
    """Where d = 1 passes three times, the answer is one."""
    found, asked = drive(lambda dimension: 5.0, Goal(0.9, largest=1000, trainings=20))
    assert (found.how, found.dimension) == ("at once", 1.0)
    assert asked.count(1) == 3


def test_small_dimensions() -> None:
    """A crossing between 3 and 4 is found among neighbouring whole numbers."""
    found, _ = drive(lambda dimension: log(9) + 3 * log(dimension / 3.5), Goal(0.9, 1000, 25), noise=0.05)
    assert found.dimension is not None
    assert 3 <= found.dimension <= 4


def test_plateau_falls_back_to_bisection_of_means() -> None:
    """Where the curve is flat against its noise, no line is trusted and means are bisected."""

    def plateau(dimension: int) -> float:
        return log(9) + (0.15 if dimension >= 300 else -0.15) - 2 * max(0.0, log(20 / dimension))

    hows = [drive(plateau, Goal(0.9, largest=5000, trainings=60), noise=0.25, seed=seed)[0].how for seed in range(12)]
    assert hows.count("bisection") >= 6


def test_answer_and_interval_stay_within_the_largest_subspace() -> None:
    """However uncertain the line, neither end of the interval leaves 1 to the largest dimension."""
    for seed in range(20):
        found, _ = drive(line, Goal(0.9, largest=230, trainings=9), noise=1.0, seed=seed)
        assert 1 <= found.low <= (found.dimension or found.low) <= (found.high or 230) <= 230 + 1e-9


def test_out_of_trainings_the_wider_line_answers() -> None:
    """Where the points next to the crossing show no slope and nothing is left, those farther off decide."""
    found = [drive(line, Goal(0.9, largest=10_000, trainings=12), noise=0.35, seed=seed)[0] for seed in range(40)]
    assert sum(one.how == "line" for one in found) >= 38
    assert np.median([one.dimension for one in found]) == pytest.approx(200, rel=0.1)


def test_line_matches_the_closed_form() -> None:
    """Slope, intercept, noise and crossing error equal those of numpy's least squares."""
    points = [Point(d, p) for d, p in ((50, 0.7), (80, 0.82), (100, 0.85), (140, 0.9), (100, 0.88))]
    fitted = fit_line(points, 1e-3)
    assert fitted is not None
    x, y = np.log([p.dimension for p in points]), [logit(p.performance, 1e-3) for p in points]
    (slope, intercept), covariance = np.polyfit(x, y, 1, cov="unscaled")
    residual = np.sqrt(np.sum((np.polyval([slope, intercept], x) - y) ** 2) / (len(points) - 2))
    assert fitted.slope == pytest.approx(slope)
    assert fitted.noise == pytest.approx(residual)
    threshold = logit(0.87, 1e-3)
    crossing = (threshold - intercept) / slope
    assert fitted.crossing(threshold) == pytest.approx(crossing)
    gradient = np.array([crossing, 1.0]) / slope
    assert fitted.crossing_error(threshold) == pytest.approx(residual * np.sqrt(gradient @ covariance @ gradient))
    assert exp(fitted.crossing(fitted.intercept)) == pytest.approx(exp(fitted.centre))


def test_no_line_through_one_dimension() -> None:
    """Points at one dimension, or fewer than three, define no line."""
    assert fit_line([Point(10, 0.5)] * 5, 1e-3) is None
    assert fit_line([Point(10, 0.5), Point(20, 0.6)], 1e-3) is None


def test_logit_keeps_away_from_zero_and_one() -> None:
    """A perfect score counts as half a row short of it."""
    assert logit(1.0, 0.005) == pytest.approx(log(0.995 / 0.005))
    assert logit(0.0, 0.005) == pytest.approx(-logit(1.0, 0.005))


def test_read_off_needs_no_training() -> None:
    """Finished trainings tell where another threshold is crossed: by their line, by their bracket, or not at all."""
    points = [Point(d, float(1 / (1 + np.exp(-line(d))))) for d in (100, 140, 170, 200, 240, 280, 400)]
    near = read_off(Goal(0.88, largest=10_000, trainings=0), points)
    assert near.how == "line" and near.dimension == pytest.approx(200 * exp((logit(0.88, 0) - log(9)) / 1.5), rel=0.01)
    high = read_off(Goal(0.99, largest=10_000, trainings=0), points)
    assert (high.how, high.dimension, high.low, high.high) == ("not reached", None, 400, None)
    apart = read_off(Goal(0.5, largest=10_000, trainings=0), [Point(10, 0.2), Point(160, 0.9)])
    assert (apart.how, apart.dimension, apart.low, apart.high) == ("bracket", 40, 10, 160)


def test_a_perfect_score_is_reached_by_a_perfect_score() -> None:
    """Where the threshold is 1, trainings that make no mistake reach it, and the bracket is the answer."""
    points = [Point(8, 0.9), Point(16, 0.97), Point(32, 0.99), Point(64, 1.0), Point(128, 1.0)]
    found = read_off(Goal(1.0, largest=1000, trainings=0, resolution=0.005), points)
    assert (found.how, found.low, found.high) == ("bracket", 32, 64)
