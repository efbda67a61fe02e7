"""Which models of a family are averaged: Wortsman et al. 2022, Model soups, arXiv:2203.05482, recipe 1."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def greedy_soup(alone: Sequence[float], score: Callable[[list[int]], float]) -> list[int]:
    """The members of a greedy soup: from the best model on, each is kept if the average does not get worse by it.

    On the rows by which it is chosen it is never worse than the best model; so these are not the rows to report it on.

    Args:
        alone: score of each model, larger is better.
        score: of the average of some models, by their numbers, on the same rows.

    >>> greedy_soup([1.0, 3.0, 2.0], lambda members: -abs(sum(members) / len(members) - 1))
    [1]
    """
    order = sorted(range(len(alone)), key=lambda number: -alone[number])
    kept, best = order[:1], score(order[:1])
    for number in order[1:]:
        found = score([*kept, number])
        if found >= best:
            kept, best = [*kept, number], found
    return kept
