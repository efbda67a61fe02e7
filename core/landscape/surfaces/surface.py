"""Loss on a line or in a plane through a model, which lies exactly in the centre."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from core.analysis import report
from core.errors import BadInput
from core.landscape.surfaces.directions import Vector

Batch = tuple[Tensor, ...]
Loss = Callable[[Mapping[str, Tensor], Batch], Tensor]

LEAST, MOST = 3, 501


def steps(points: int, span: float) -> np.ndarray:
    """Evenly spaced values from -span to span, the middle one exactly 0.

    Raises:
        BadInput: an even number of points, or out of bounds.
    """
    if points % 2 == 0 or not LEAST <= points <= MOST:
        raise BadInput(
            f"{points} points on an axis: an odd number from {LEAST} to {MOST} is expected, so that the model is the middle one."
        )
    half = points // 2
    found: np.ndarray = np.arange(-half, half + 1) / half * span
    return found


def loss_line(
    loss: Loss, parameters: Mapping[str, Tensor], batches: Sequence[Batch], direction: Vector, places: np.ndarray
) -> np.ndarray:
    """The mean loss at parameters + a direction, for each a, [places] float64."""
    return np.array([_at(loss, parameters, batches, [(direction, float(place))]) for place in places])


def loss_surface(
    loss: Loss,
    parameters: Mapping[str, Tensor],
    batches: Sequence[Batch],
    first: Vector,
    second: Vector,
    places: np.ndarray,
) -> np.ndarray:
    """The mean loss at parameters + a first + b second.

    Every point starts from the model, so no rounding adds up over the grid; values that are not finite stay so.

    Args:
        loss: (parameters, batch) -> mean over the batch.
        parameters: of the model, by name.
        batches: whose first axis is the sample; each counts by its samples.
        first: direction.
        second: direction.
        places: of a and b, as `steps` returns them.

    Returns:
        [a, b] float64.
    """
    grid = np.empty((len(places), len(places)))
    for row, a in enumerate(places):
        for column, b in enumerate(places):
            grid[row, column] = _at(loss, parameters, batches, [(first, float(a)), (second, float(b))])
        report((row + 1) / len(places))
    return grid


def _at(
    loss: Loss,
    parameters: Mapping[str, Tensor],
    batches: Sequence[Batch],
    moves: Sequence[tuple[Vector, float]],
) -> float:
    """The loss at one place. A move of 0 is left out, so that the centre is the model to the last bit."""
    moved = {name: value.detach() for name, value in parameters.items()}
    for direction, length in moves:
        if length:
            moved = {name: torch.add(value, direction[name], alpha=length) for name, value in moved.items()}
    total, rows = 0.0, 0
    with torch.no_grad():
        for batch in batches:
            total += float(loss(moved, batch)) * len(batch[0])
            rows += len(batch[0])
    if not rows:
        raise BadInput("Surface: no rows came; at least one batch with a row is expected.")
    return total / rows
