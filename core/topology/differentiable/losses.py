"""Losses of signed measures and landscapes, as mode `optimise` offers them and for use elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from core.topology.differentiable.measures import TensorMeasure

Measures = Mapping[int | str, TensorMeasure]


def norm_loss(measures: Measures) -> Tensor:
    """Integral of |p|_1 against the measures, divided by the number of their Diracs.

    To lower it, what begins has to move towards the origin and what ends away from it. It is the loss of the example
    "density preserving optimization" in the documentation of multipers.

    Args:
        measures: of some degrees.
    """
    return _integral(measures, lambda positions: positions.abs().sum(dim=1))


def localized_loss(measures: Measures, level: float) -> Tensor:
    """Integral of radius x max(level - y, 0) against the measures, divided by the number of their Diracs.

    At each level y, minus the integral of the radius against what has entered is the sum of the lives of all classes, so
    this is minus their sum over all levels up to the given one. Lowering it makes features of these levels live longer and
    leaves what enters later alone.

    Args:
        measures: of some degrees.
        level: of the second parameter.
    """
    return _integral(measures, lambda positions: positions[:, 0] * (level - positions[:, 1]).clamp(min=0))


def clutter_loss(measure: TensorMeasure, level: float) -> Tensor:
    """Minus the integral of radius x max(y - level, 0) against the measure of degree 0, divided by its Diracs.

    A point that enters at level y adds -(integral of the radius over its Diracs) to the length of the minimum spanning
    tree. Here each point above the level pays that length times how far above it enters: lowering the loss moves stray
    points to the others.

    Args:
        measure: of degree 0.
        level: of the second parameter.
    """
    return -_integral({0: measure}, lambda positions: positions[:, 0] * (positions[:, 1] - level).clamp(min=0))


def landscape_loss(landscapes: Tensor) -> Tensor:
    """Minus the mean of the first landscape: lowering it widens the largest class at each place of the grid.

    Args:
        landscapes: [layers, g, h].
    """
    return -landscapes[0].mean()


def _integral(measures: Measures, value: Callable[[Tensor], Tensor]) -> Tensor:
    """Sum of weight x value over all Diracs, divided by the sum of the absolute weights; 0 without Diracs."""
    totals = torch.stack([(weights * value(positions)).sum() for positions, weights in measures.values()])
    count = sum(int(weights.abs().sum()) for _, weights in measures.values())
    return totals.sum() / max(count, 1)
