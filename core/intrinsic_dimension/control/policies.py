"""Policies of a control task: small perceptrons, many of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch

from core.intrinsic_dimension.control import cartpole, pendulum
from core.intrinsic_dimension.control.tasks import CART_POLE, INVERTED_PENDULUM, ControlTask
from core.training.perceptrons import Perceptrons

DYNAMICS = {CART_POLE.name: cartpole, INVERTED_PENDULUM.name: pendulum}


class Policies:
    """Perceptrons with ReLU that play one task."""

    def __init__(self, task: ControlTask, hidden: Sequence[int]) -> None:
        self.task = task
        self.dynamics = DYNAMICS[task.name]
        self.scale = np.array(self.dynamics.SCALE, dtype=np.float32)
        self.widths = (task.observations, *hidden, task.outputs)
        self.networks = Perceptrons(self.widths)

    @property
    def parameters(self) -> int:
        """D, of one policy."""
        return sum((before + 1) * after for before, after in pairwise(self.widths))

    def start(self, seed: int) -> torch.Tensor:
        """Fresh parameters [D] by PyTorch's default rule."""
        from core.models.initialise import fresh_parameters
        from core.training.parameters import layout_of

        module = torch.nn.Sequential(*(torch.nn.Linear(before, after) for before, after in pairwise(self.widths)))
        return layout_of(module).join(fresh_parameters(module, torch.Generator().manual_seed(seed)))

    def episodes(self, count: int, generator: torch.Generator) -> torch.Tensor:
        """States in which so many episodes begin, [count, observations]."""
        return (2 * torch.rand(count, self.task.observations, generator=generator) - 1) * self.task.start

    def rewards(self, weights: torch.Tensor, begin: torch.Tensor) -> torch.Tensor:
        """Reward of each policy in each episode, [R, E]: one for each step begun before the pole falls.

        Args:
            weights: [R, D].
            begin: states in which the episodes begin, [E, observations], the same for all policies, or [R, E, observations].
        """
        state = np.array(begin.expand(len(weights), *begin.shape[-2:]))  # numpy: small operations cost torch more
        alive = np.ones(state.shape[:2], dtype=bool)
        reward = np.zeros(state.shape[:2], dtype=np.float32)
        with torch.no_grad():
            for _ in range(self.task.steps):
                outputs = self.networks.logits(weights, torch.from_numpy(state / self.scale)).numpy()
                state = np.where(alive[..., None], self.dynamics.acted(state, outputs), state)
                reward += alive
                alive &= ~self.dynamics.fallen(state)
                if not alive.any():
                    break
        return torch.from_numpy(reward)
