"""The loss of mode `optimise` with its derivatives, and one step of Adam."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.errors import BadInput
from core.topology.differentiable import (
    clutter_loss,
    codensity,
    complete_mass,
    distance_to_measure,
    eccentricity,
    landscape,
    landscape_loss,
    localized_loss,
    norm_loss,
    signed_measure,
    sliced_wasserstein,
)
from core.topology.optimise_problem import Problem

DIRECTIONS = 25  # of the sliced Wasserstein distance
FIRST_DECAY, SECOND_DECAY, TINY = 0.9, 0.999, 1e-8  # Kingma and Ba's own choices


@dataclass(frozen=True)
class Value:
    """The objective at one place.

    Attributes:
        loss: what is lowered, the sum of the parts.
        topology: the loss of the topology.
        box: the weighted penalty for leaving the box.
        anchor: the weighted penalty for moving.
        gradient: of the loss, in the shape of what moves.
        function: [n] second parameter.
    """

    loss: float
    topology: float
    box: float
    anchor: float
    gradient: np.ndarray
    function: np.ndarray

    @property
    def gradient_norm(self) -> float:
        """Euclidean norm of the gradient."""
        return float(np.linalg.norm(self.gradient))


def evaluate(problem: Problem, variables: np.ndarray) -> Value:
    """The objective and its gradient.

    Args:
        problem: what is optimised.
        variables: [n, d] points or [n] values of the function.

    Raises:
        BadInput: the loss or its gradient is not finite.
    """
    moving = torch.tensor(variables, dtype=torch.float64, requires_grad=True)
    points = moving if problem.variables == "points" else torch.as_tensor(problem.points)
    function = second_parameter(problem, points) if problem.variables == "points" else moving
    topology = topology_loss(problem, points, function)
    penalties = box_penalty(problem, moving), anchor_penalty(problem, moving)
    loss = topology + sum(penalties)
    (gradient,) = torch.autograd.grad(loss, moving, allow_unused=True)
    found = np.zeros_like(variables) if gradient is None else gradient.numpy()
    if not (np.isfinite(loss.item()) and np.isfinite(found).all()):
        raise BadInput("The loss or its gradient is not a finite number any more: choose a lower learning rate.")
    return Value(
        loss=loss.item(),
        topology=topology.item(),
        box=penalties[0].item(),
        anchor=penalties[1].item(),
        gradient=found,
        function=function.detach().numpy(),
    )


def second_parameter(problem: Problem, points: Tensor) -> Tensor:
    """[n] the second parameter of points: values that came with the points stay with them."""
    if (
        problem.loss == "remove_clutter"
    ):  # what is clutter is decided once, or dense places would spread to make it none
        return torch.as_tensor(problem.function)
    if problem.second == "codensity":
        return codensity(points, problem.bandwidth)
    if problem.second == "dtm":
        return distance_to_measure(points, problem.mass)
    if problem.second == "eccentricity":
        return eccentricity(points)
    return torch.as_tensor(problem.function)


def topology_loss(problem: Problem, points: Tensor, function: Tensor) -> Tensor:
    """The chosen loss."""
    if problem.loss == "open_loops":
        direction = [float(np.ptp(axis)) for axis in (problem.radii, problem.levels)]
        layers = landscape(
            points,
            function,
            problem.radii,
            problem.levels,
            (1,),
            1,
            problem.filtration,
            direction=direction,
            threshold=problem.threshold,
        )
        return landscape_loss(layers[1])
    measures = signed_measure(points, function, problem.degrees, problem.filtration, threshold=problem.threshold)
    if problem.loss == "remove_clutter":
        return clutter_loss(measures[0], problem.level)
    if problem.loss == "localized":
        return localized_loss(measures, problem.level)
    if problem.loss == "norm":
        return norm_loss(measures)
    distances = []
    for degree in problem.degrees:
        positions, weights = complete_mass(*measures[degree], problem.corner.tolist())
        there, masses = map(torch.as_tensor, problem.target[str(degree)])
        unit = torch.as_tensor(problem.unit)
        distances.append(sliced_wasserstein(positions / unit, weights, there, masses, DIRECTIONS))
    return torch.stack(distances).sum()


def box_penalty(problem: Problem, moving: Tensor) -> Tensor:
    """weight x sum of (distance outside of the box)^2 / scale, divided by n."""
    low, high = map(torch.as_tensor, problem.box)
    outside = (low - moving).clamp(min=0) + (moving - high).clamp(min=0)
    return problem.box_weight * outside.square().sum() / (problem.scale * len(moving))


def anchor_penalty(problem: Problem, moving: Tensor) -> Tensor:
    """weight x sum of (distance from the start)^2 / scale, divided by n."""
    moved = moving - torch.as_tensor(problem.start)
    return problem.anchor_weight * moved.square().sum() / (problem.scale * len(moving))


def adam(
    variables: np.ndarray, gradient: np.ndarray, moments: np.ndarray, iteration: int, step: float
) -> tuple[np.ndarray, np.ndarray]:
    """One step of Adam (Kingma and Ba, 2015, algorithm 1).

    Args:
        variables: where they are.
        gradient: of the same shape.
        moments: [2, ...] means of gradient and squared gradient so far, zeros at first.
        iteration: from 1.
        step: learning rate.

    Returns:
        The variables and the moments after it.
    """
    first = FIRST_DECAY * moments[0] + (1 - FIRST_DECAY) * gradient
    second = SECOND_DECAY * moments[1] + (1 - SECOND_DECAY) * gradient**2
    unbiased = first / (1 - FIRST_DECAY**iteration), second / (1 - SECOND_DECAY**iteration)
    return variables - step * unbiased[0] / (np.sqrt(unbiased[1]) + TINY), np.stack([first, second])


@contextmanager
def one_thread() -> Iterator[None]:
    """Within this block torch uses one thread, so that sums come out the same on every machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
