"""Central differences beside automatic derivatives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

STEP = 1e-6


def relative_error(loss: Callable[..., Tensor], *at: np.ndarray) -> float:
    """The largest difference between derivatives and central differences, relative to the largest derivative.

    Args:
        loss: a function of tensors with a value without axes.
        at: the arrays to differentiate at; each of their numbers is moved.
    """
    tensors = [torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in at]
    loss(*tensors).backward()
    derivatives = np.concatenate([_gradient(tensor).reshape(-1) for tensor in tensors])
    assert np.abs(derivatives).max() > 0
    return float(np.abs(derivatives - _central(loss, at)).max() / np.abs(derivatives).max())


def _gradient(tensor: Tensor) -> np.ndarray:
    return np.zeros(tensor.shape) if tensor.grad is None else tensor.grad.numpy()


def _central(loss: Callable[..., Tensor], at: tuple[np.ndarray, ...]) -> np.ndarray:
    differences = []
    for place, array in enumerate(at):
        for number in range(array.size):
            values = []
            for step in (STEP, -STEP):
                moved = [np.array(one, dtype=np.float64) for one in at]
                moved[place].reshape(-1)[number] += step
                values.append(float(loss(*(torch.tensor(one) for one in moved))))
            differences.append((values[0] - values[1]) / (2 * STEP))
    return np.array(differences)
