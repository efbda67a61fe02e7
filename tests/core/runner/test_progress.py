"""Fraction and time left."""

from __future__ import annotations

import pytest

from core.runner.progress import Progress


class Clock:
    """A clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_fraction_sums_finished_shares_and_running_parts() -> None:
    """0.3 finished, half of 0.2 and a tenth of 0.1 running: 0.41."""
    progress = Progress()
    progress.find(0.1)
    progress.finish(0.2)
    assert progress.fraction([(0.2, 0.5), (0.1, 0.1)]) == pytest.approx(0.41)


def test_the_fraction_is_one_only_when_the_result_is_there() -> None:
    """Shares are expectations and may add up to more."""
    progress = Progress()
    progress.finish(1.4)
    assert progress.fraction() == 0.99


def test_the_time_left_follows_from_elapsed_and_fraction() -> None:
    """A quarter in 10 seconds leaves 30."""
    clock = Clock()
    progress = Progress(clock)
    clock.now += 10
    assert progress.seconds_left(0.25) == pytest.approx(30)


def test_steps_that_were_found_do_not_count_for_the_speed() -> None:
    """Half was there, a quarter took 10 seconds, so the last quarter takes 10."""
    clock = Clock()
    progress = Progress(clock)
    progress.find(0.5)
    assert progress.seconds_left(0.5) is None
    clock.now += 10
    assert progress.seconds_left(0.75) == pytest.approx(10)


def test_the_time_left_is_smoothed() -> None:
    """Without progress for 10 seconds the plain guess is 60, the one before has 20 left: 0.3 x 60 + 0.7 x 20."""
    clock = Clock()
    progress = Progress(clock)
    clock.now += 10
    assert progress.seconds_left(0.25) == pytest.approx(30)
    clock.now += 10
    assert progress.seconds_left(0.25) == pytest.approx(0.3 * 60 + 0.7 * 20)
