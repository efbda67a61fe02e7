"""All averages of a family of networks: plain, greedy and Fisher-weighted, each as they are and aligned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn

from core.landscape.averaging.architectures import State
from core.landscape.averaging.fisher import fisher_average, fisher_diagonal
from core.landscape.averaging.scores import scores_of
from core.landscape.averaging.soups import greedy_soup
from core.landscape.averaging.weights import average
from core.landscape.connectivity.alignment import matched, matched_together
from core.landscape.connectivity.units import Units
from core.training.ensemble import Examples
from core.training.parameters import Layout, layout_of

Method = Literal["mean", "greedy soup", "Fisher"]
Alignment = Literal["none", "to the first", "all at once"]


@dataclass(frozen=True, eq=False)
class Average:
    """One average of a family.

    Attributes:
        method: how members are weighted.
        alignment: none; to the first: each member's units in the order of the first one's; all at once: each in the
            order nearest to the mean of the others.
        used: members that are in it, by their numbers.
        weights: [D] trainable parameters; statistics of normalisation are to be computed anew.
    """

    method: Method
    alignment: Alignment
    used: tuple[int, ...]
    weights: torch.Tensor


def averages(
    module: nn.Module,
    states: Sequence[State],
    units: Units | None,
    training: torch.Tensor,
    choosing: Examples,
    fisher_rows: int,
    seed: int,
) -> list[Average]:
    """The averages of networks of one architecture.

    Args:
        module: the architecture, in evaluation mode.
        states: parameters and buffers of each, at least two.
        units: of the architecture; None where they are not known, so that nothing can be aligned.
        training: features that statistics of normalisation and the Fisher information (on the first of them) are
            measured on.
        choosing: rows on which the greedy soup is chosen.
        fisher_rows: the most rows of the Fisher information.
        seed: of the alignment.
    """
    layout = layout_of(module)
    fishers = [_fisher(module, layout, state, training[:fisher_rows]) for state in states]

    def score(weights: torch.Tensor) -> float:
        return float(scores_of(module, weights[None], choosing, statistics_from=training).accuracy.mean())

    found = _weighted(layout, states, fishers, "none", score)
    if units is None:
        return found
    if len(states) > 2:
        orders = [units.unmoved(), *(matched(units, states[0], other, seed) for other in states[1:])]
        moved = [units.reordered(state, order) for state, order in zip(states, orders, strict=True)]
        found.append(Average("mean", "to the first", tuple(range(len(states))), layout.join(average(moved))))
    orders = matched_together(units, states, seed)
    moved = [units.reordered(state, order) for state, order in zip(states, orders, strict=True)]
    informed = [units.reordered(fisher, order) for fisher, order in zip(fishers, orders, strict=True)]
    return found + _weighted(layout, moved, informed, "all at once", score)


def _weighted(
    layout: Layout,
    states: Sequence[State],
    fishers: Sequence[State],
    alignment: Alignment,
    score: Callable[[torch.Tensor], float],
) -> list[Average]:
    everyone = tuple(range(len(states)))

    def mean_of(members: Sequence[int]) -> torch.Tensor:
        return layout.join(average([states[member] for member in members]))

    alone = [score(mean_of([member])) for member in everyone]
    kept = tuple(greedy_soup(alone, lambda members: score(mean_of(members))))
    return [
        Average("mean", alignment, everyone, mean_of(everyone)),
        Average("greedy soup", alignment, kept, mean_of(kept)),
        Average("Fisher", alignment, everyone, layout.join(fisher_average(states, fishers))),
    ]


def _fisher(module: nn.Module, layout: Layout, state: State, features: torch.Tensor) -> dict[str, torch.Tensor]:
    statistics = {name: value for name, value in state.items() if name not in layout.names}

    def logits(parameters: State, rows: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = torch.func.functional_call(module, {**parameters, **statistics}, (rows,))
        return found

    return fisher_diagonal(logits, {name: state[name] for name in layout.names}, features)
