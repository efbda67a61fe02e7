"""Which learning rates a subspace dimension is trained with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


def scaled_rate(rate: float, guess: int, dimension: int) -> float:
    """The learning rate in another dimension than the one in which it was chosen.

    Adam moves every coordinate by about the rate, so the weights by rate x sqrt(d), as the columns of P have unit
    length: the root keeps the length of a step, where one fixed rate makes training collapse in large subspaces.
    """
    return rate * (guess / dimension) ** 0.5


@dataclass
class Rates:
    """The rates of a search: one that was chosen at the first guess, or in a sweep the best at each dimension.

    Attributes:
        guess: dimension at which the rate was chosen.
        chosen: that rate.
        offered: all rates that were tried there; a sweep tries them at each dimension, scaled like the chosen one.
        sweep: whether each dimension has a choice of its own.
        best: what a sweep has chosen so far, by dimension.
    """

    guess: int
    chosen: float
    offered: Sequence[float]
    sweep: bool
    best: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.best[self.guess] = self.chosen

    def at(self, dimension: int) -> tuple[float, ...]:
        """The rates to train with: several where a sweep has not chosen yet."""
        if not self.sweep:
            return (scaled_rate(self.chosen, self.guess, dimension),)
        if dimension in self.best:
            return (self.best[dimension],)
        return tuple(scaled_rate(rate, self.guess, dimension) for rate in self.offered)

    def choose(self, trained: Sequence[tuple[int, float, float]]) -> None:
        """Keeps the best rate of each dimension that has none yet; the smaller one of equal ones.

        Args:
            trained: dimension, rate and performance of each training; replicates are averaged.
        """
        for dimension in {dimension for dimension, _, _ in trained} - set(self.best):
            found: dict[float, list[float]] = {}
            for at, rate, performance in trained:
                if at == dimension:
                    found.setdefault(rate, []).append(performance)
            self.best[dimension] = max(sorted(found), key=lambda rate: sum(found[rate]) / len(found[rate]))
