"""Loss and gradient of R copies of a network, in one forward and one backward pass: what copies are, and any module's."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import nn
from torch.func import functional_call, vmap

from core.training.parameters import layout_of


class Copies(Protocol):
    """R copies of a network that differ in their parameters only, which are passed in as [R, D].

    Attributes:
        buffers: running statistics and the like of each copy by name, [R, ...].
    """

    buffers: dict[str, torch.Tensor]

    def keep(self, runs: torch.Tensor) -> None:
        """Goes on with some of the copies, by their numbers [r]."""
        ...

    def logits(self, weights: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        """[R, D], [R, rows, ...] -> [R, rows, classes]."""
        ...

    def loss_and_gradient(
        self, weights: torch.Tensor, features: torch.Tensor, labels: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean cross-entropy of each copy over its rows, [R], and its gradient, [R, D].

        Args:
            weights: [R, D].
            features: [R, rows, ...].
            labels: [R, rows].
        """
        ...


class AnyNetworks:
    """Copies of any module, by functional_call and vmap; a single copy takes no vmap.

    The module is a function here: its own parameters and buffers stay as they are. Buffers (running means and the
    like) are kept for each copy.
    """

    def __init__(self, module: nn.Module, runs: int) -> None:
        self.module = module
        self.layout = layout_of(module)
        self.buffers = {name: buffer.expand(runs, *buffer.shape).clone() for name, buffer in module.named_buffers()}

    def keep(self, runs: torch.Tensor) -> None:
        """As `Copies`."""
        self.buffers = {name: buffer[runs] for name, buffer in self.buffers.items()}

    def logits(self, weights: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        """[R, D], [R, rows, ...] -> [R, rows, classes]."""

        def forward(
            parameters: dict[str, torch.Tensor], state: dict[str, torch.Tensor], rows: torch.Tensor
        ) -> torch.Tensor:
            return functional_call(self.module, {**parameters, **state}, (rows,))

        if weights.shape[0] > 1:
            return vmap(forward, randomness="different")(self.layout.views(weights), self.buffers, features)
        state = {name: buffer[0] for name, buffer in self.buffers.items()}
        return forward(self.layout.views(weights[0]), state, features[0]).unsqueeze(0)

    def loss_and_gradient(
        self, weights: torch.Tensor, features: torch.Tensor, labels: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """As `Copies`; the sum of the losses is differentiated, so the copies do not influence each other."""
        with torch.enable_grad():
            weights = weights.detach().requires_grad_()
            logits = self.logits(weights, features)
            losses = nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none")
            loss = losses.view(labels.shape).mean(1)
            (gradient,) = torch.autograd.grad(loss.sum(), weights)
        return loss.detach(), gradient
