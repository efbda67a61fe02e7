"""Permutation alignment: the hidden units of one network in the order of another's, by weight matching.

Networks that were trained apart differ by the order of their hidden units, which changes nothing they compute; a line
between them passes over a barrier that is due to that order. Ainsworth, Hayase and Srinivasa 2022 (arXiv:2209.04836),
algorithm 1 for two networks and algorithm 3 for many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import nn

from core.landscape.connectivity.units import Orders, Units, place, units_of
from core.training.parameters import layout_of

MOST_SWEEPS = 100  # over all groups; each sweep but the last brings both networks nearer, so it ends by itself
MOST_ROUNDS = 20  # over all networks, likewise

Tensors = Mapping[str, torch.Tensor]
_Arrays = Mapping[str, np.ndarray]


def aligned(module: nn.Module, reference: torch.Tensor, moved: torch.Tensor, seed: int = 0) -> torch.Tensor:
    """The second network with its hidden units in the order that is nearest to the first's, computing the same.

    Args:
        module: a built-in network, or a chain of linear layers.
        reference: [D] trainable parameters of the first network, or [R, D].
        moved: of the second.
        seed: of the order in which layers are visited.

    Returns:
        The parameters of the second network, of the shape that came. Statistics of batch normalisation have to move
        along: see `matched` and `Units.reordered`.

    Raises:
        BadInput: a network whose units are not known.
    """
    if moved.ndim == 2:
        return torch.stack(
            [aligned(module, first, second, seed) for first, second in zip(reference, moved, strict=True)]
        )
    units, layout = units_of(module), layout_of(module)
    second = layout.views(moved)
    return layout.join(units.reordered(second, matched(units, layout.views(reference), second, seed)))


def matched(units: Units, first: Tensors, second: Tensors, seed: int = 0) -> dict[str, np.ndarray]:
    """The orders that bring a second network nearest to a first: those for `Units.reordered` of the second.

    Coordinate descent: the order of one group of units is the best one given all others, a linear assignment; groups
    are visited in random order until none changes. It ends in a local optimum, so it begins from the order as it is, and
    from the one in which each group is matched by what is known of it on the way from the input. The better end counts.

    Args:
        units: of the architecture.
        first: trainable parameters by name.
        second: of the second network.
        seed: of the order in which groups are visited.
    """
    return _matched(units, _arrays(units, first), _arrays(units, second), np.random.default_rng(seed))


def matched_together(units: Units, networks: Sequence[Tensors], seed: int = 0) -> list[dict[str, np.ndarray]]:
    """The orders that bring many networks near to each other: each is matched to the mean of the others, in turn.

    The first network's order stays as it is, so that two networks are matched as by `matched`.

    Args:
        units: of the architecture.
        networks: trainable parameters of each by name.
        seed: of the order in which groups and networks are visited.
    """
    generator = np.random.default_rng(seed)
    given = [_arrays(units, network) for network in networks]
    orders = [units.unmoved()]
    orders += [_matched(units, given[0], other, generator) for other in given[1:]]
    moved = [_permuted(units, own, order) for own, order in zip(given, orders, strict=True)]
    for _ in range(MOST_ROUNDS if len(networks) > 2 else 0):
        changed = False
        for number in (generator.permutation(len(networks) - 1) + 1).tolist():
            others = [one for place_, one in enumerate(moved) if place_ != number]
            mean = {
                name: np.sum([one[name] for one in others], axis=0) / len(others)
                for name in units.axes
                if name in moved[0]
            }
            found = _descend(units, mean, given[number], orders[number], generator)
            before, after = (_agreement(units, mean, given[number], order) for order in (orders[number], found))
            if after > before + 1e-12 * abs(before):
                orders[number], changed = found, True
                moved[number] = _permuted(units, given[number], found)
        if not changed:
            break
    return orders


def _matched(units: Units, first: _Arrays, second: _Arrays, generator: np.random.Generator) -> dict[str, np.ndarray]:
    starts = (units.unmoved(), _from_the_input(units, first, second))
    ends = [_descend(units, first, second, start, generator) for start in starts]
    # where a weight has the same units on both of its axes a step may lead away; then the order stays as it is
    return max((*ends, units.unmoved()), key=lambda orders: _agreement(units, first, second, orders))


def _from_the_input(units: Units, first: _Arrays, second: _Arrays) -> dict[str, np.ndarray]:
    """Each group by those tensors alone whose other units are ordered already."""
    orders: dict[str, np.ndarray] = {}
    for group in units.sizes:
        orders[group] = _best(_gain(units, first, second, group, orders))
    return orders


def _descend(
    units: Units, first: _Arrays, second: _Arrays, start: Orders, generator: np.random.Generator
) -> dict[str, np.ndarray]:
    orders, groups = dict(start), list(units.sizes)
    for _ in range(MOST_SWEEPS):
        changed = False
        for number in generator.permutation(len(groups)).tolist():
            group = groups[number]
            gain = _gain(units, first, second, group, orders)
            found, rows = _best(gain), np.arange(len(gain))
            if gain[rows, found].sum() > gain[rows, orders[group]].sum() + 1e-12 * np.abs(gain).sum():
                orders[group], changed = found, True
        if not changed:
            break
    return orders


def _gain(units: Units, first: _Arrays, second: _Arrays, group: str, orders: Orders) -> np.ndarray:
    """[units, units] inner product of everything that belongs to a unit of the first network and to one of the second,
    over the tensors whose other axes have an order."""
    size = units.sizes[group]
    gain = np.zeros((size, size))
    for name, axes in units.axes.items():
        for number, axis in enumerate(axes):
            others = [(other, one) for other, one in enumerate(axes) if other != number and one]
            known = all(one in orders for _, other in others for one in other)
            if group in axis and name in first and known:
                moved = second[name]
                for other, one in others:
                    moved = moved.take(place(one, orders, moved.shape[other]), axis=other)
                own, its = (_of_units(values, number, axis[group]) for values in (first[name], moved))
                gain += own @ its.T
    return gain


def _of_units(values: np.ndarray, axis: int, positions: np.ndarray) -> np.ndarray:
    """[units, everything of each] of the units at some positions [units, repeats] of an axis."""
    found: np.ndarray = np.moveaxis(values, axis, 0)[positions].reshape(len(positions), -1)
    return found


def _best(gain: np.ndarray) -> np.ndarray:
    found: np.ndarray = linear_sum_assignment(gain, maximize=True)[1]
    return found


def _agreement(units: Units, first: _Arrays, second: _Arrays, orders: Orders) -> float:
    """Inner product of both networks; the larger, the nearer, as an order changes no length."""
    moved = _permuted(units, second, orders)
    return sum(float((first[name] * moved[name]).sum()) for name in first)


def _permuted(units: Units, values: _Arrays, orders: Orders) -> dict[str, np.ndarray]:
    permuted = {}
    for name, value in values.items():
        for number, axis in enumerate(units.axes[name]):
            if axis:
                value = value.take(place(axis, orders, value.shape[number]), axis=number)
        permuted[name] = value
    return permuted


def _arrays(units: Units, tensors: Tensors) -> dict[str, np.ndarray]:
    """What has units, in double precision; statistics are left out, as they follow from the weights."""
    return {
        name: tensor.detach().double().cpu().numpy()
        for name, tensor in tensors.items()
        if name in units.axes and not name.endswith(("running_mean", "running_var"))
    }
