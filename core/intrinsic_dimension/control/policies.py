"""Policies of a cart-pole: small perceptrons, many of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch

from core.intrinsic_dimension.control import cartpole
from core.training.networks import Perceptrons

SCALE = torch.tensor(
    [0.5, 0.5, 0.1, 0.5]
)  # of what a policy sees: about the spread of each coordinate while it balances


class Policies:
    """Perceptrons with ReLU whose larger output decides between left and right."""

    def __init__(self, hidden: Sequence[int]) -> None:
        self.widths = (cartpole.OBSERVATIONS, *hidden, cartpole.ACTIONS)
        self.networks = Perceptrons(self.widths)

    @property
    def parameters(self) -> int:
        """D, of one policy."""
        return sum((before + 1) * after for before, after in pairwise(self.widths))

    def start(self, seed: int) -> torch.Tensor:
        """Fresh parameters [D] by PyTorch's default rule."""
        from core.models.architectures import Mlp
        from core.models.initialise import fresh_parameters
        from core.models.networks import build
        from core.training.parameters import layout_of

        config = Mlp(architecture="mlp", inputs=self.widths[0], hidden=list(self.widths[1:-1]), classes=self.widths[-1])
        module = build(config)
        return layout_of(module).join(fresh_parameters(module, torch.Generator().manual_seed(seed)))

    def rewards(self, weights: torch.Tensor, begin: torch.Tensor) -> torch.Tensor:
        """Reward of each policy in each episode, [R, E]: one for each step begun before the pole falls, at most 200.

        Args:
            weights: [R, D].
            begin: states in which the episodes begin, [E, 4]; the same for all policies.
        """
        state = begin.expand(len(weights), *begin.shape).clone()
        alive = torch.ones(state.shape[:2], dtype=torch.bool)
        reward = torch.zeros(state.shape[:2])
        with torch.no_grad():
            for _ in range(cartpole.STEPS):
                logits = self.networks.logits(weights, state / SCALE)
                force = torch.where(logits[..., 1] > logits[..., 0], cartpole.FORCE, -cartpole.FORCE)
                state = torch.where(alive[..., None], cartpole.moved(state, force), state)
                reward += alive
                alive &= ~cartpole.fallen(state)
                if not alive.any():
                    break
        return reward
