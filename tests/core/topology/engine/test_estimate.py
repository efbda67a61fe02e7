"""Costs from sizes alone."""

from __future__ import annotations

import itertools

import pytest

from core.errors import TooLarge
from core.topology.engine.estimate import Cost, landscape_cost, line_cost, measure_cost, preparation_cost, refuse_beyond


@pytest.mark.parametrize("filtration", ["rips", "alpha"])
@pytest.mark.parametrize("invariant", ["hilbert", "euler", "rank"])
def test_costs_grow_with_the_number_of_points(filtration: str, invariant: str) -> None:
    """In seconds and in bytes, for every choice."""
    for degrees, levels in itertools.product(((0,), (0, 1), (0, 1, 2)), (None, 20)):
        small, large = (
            measure_cost(n, degrees=degrees, filtration=filtration, invariant=invariant, levels=levels, radii=20)
            for n in (100, 1000)
        )
        assert 0 < small.seconds < large.seconds
        assert 0 < small.memory <= large.memory


def test_costs_are_of_the_measured_order() -> None:
    """The figures of the benchmarks within a factor of three."""
    assert measure_cost(500).seconds == pytest.approx(0.045, rel=2.0)
    assert measure_cost(2000).seconds == pytest.approx(1.1, rel=2.0)
    assert measure_cost(2000, filtration="alpha").seconds == pytest.approx(0.21, rel=2.0)
    assert measure_cost(2000, dimension=3, filtration="alpha").seconds == pytest.approx(0.9, rel=2.0)
    assert line_cost(300).seconds == pytest.approx(0.7e-3, rel=2.0)


def test_what_is_too_much_is_refused_with_a_size_that_fits() -> None:
    """The sentence names time, memory and the largest cloud."""

    def cost(points: int) -> Cost:
        return preparation_cost(points)

    refuse_beyond(cost, 2000, seconds=60, memory=1 << 30)
    with pytest.raises(
        TooLarge, match=r"on 100,000 points needs .* h and .* GiB; 60 s and 1 GiB are allowed"
    ) as raised:
        refuse_beyond(cost, 100_000, seconds=60, memory=1 << 30)
    fits = int(str(raised.value).split("at most ")[1].split(" points")[0].replace(",", ""))
    assert cost(fits).memory <= 1 << 30 < cost(fits + 1).memory


def test_costs_add_up() -> None:
    """One after the other: seconds add, the larger memory counts."""
    both = preparation_cost(300).plus(landscape_cost(300, 400))
    assert both.seconds == preparation_cost(300).seconds + 400 * line_cost(300).seconds
    assert both.memory == max(preparation_cost(300).memory, line_cost(300).memory)
