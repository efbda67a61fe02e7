"""The losses are what their definitions say, computed by other means."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import pdist, squareform

from core import topology
from core.topology.differentiable import clutter_loss, landscape_loss, localized_loss, norm_loss, signed_measure
from core.topology.differentiable.measures import TensorMeasure
from tests.core.topology.differentiable.clouds import cloud


def test_the_norm_loss_by_hand() -> None:
    """Weights 2, -1 and 1 at three places: (2 x 3 - 1 x 7 + 1 x 1) / 4."""
    positions = torch.tensor([[1.0, -2.0], [3.0, 4.0], [0.0, 1.0]], dtype=torch.float64)
    measure = TensorMeasure(positions, torch.tensor([2, -1, 1]))
    assert norm_loss({1: measure}).item() == pytest.approx((2 * 3 - 7 + 1) / 4)


def test_the_localized_loss_is_minus_the_lives_of_all_levels() -> None:
    """The integral over levels of the sum of all bars of what has entered, from barcodes of one parameter each."""
    points, function = cloud(25)
    level = 0.6
    measures = signed_measure(torch.tensor(points), torch.tensor(function), (1,))
    edges = np.sort(np.append(function[function < level], level))
    lives = 0.0
    for begin, end in pairwise(edges):
        present = function <= begin
        alone = topology.signed_measure(points[present], np.zeros(present.sum()), (1,))[1]
        lives -= (end - begin) * float((alone.weights * alone.positions[:, 0]).sum())
    assert lives > 0
    count = int(measures[1].weights.abs().sum())
    assert localized_loss(measures, level).item() == pytest.approx(-lives / count)


def test_the_clutter_loss_is_what_late_points_add_to_the_spanning_tree() -> None:
    """Length that each point above the level adds, times how far above it is."""
    points, function = cloud(15)
    lengths = squareform(pdist(points))
    order = np.argsort(function)
    trees = [
        minimum_spanning_tree(lengths[np.ix_(order[:count], order[:count])]).sum() for count in range(1, len(order) + 1)
    ]
    added = np.diff(trees, prepend=0.0)
    level = -0.3
    expected = (added * np.maximum(function[order] - level, 0)).sum()
    measure = signed_measure(torch.tensor(points), torch.tensor(function), (0,))[0]
    assert clutter_loss(measure, level).item() == pytest.approx(expected / int(measure.weights.abs().sum()))


def test_the_landscape_loss_is_minus_the_mean_of_the_first_landscape() -> None:
    """The other layers do not count."""
    layers = torch.tensor([[[1.0, 3.0]], [[100.0, 0.0]]], dtype=torch.float64)
    assert landscape_loss(layers).item() == -2.0
