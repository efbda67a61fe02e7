"""Sharpness-aware minimisation: Foret et al. 2021, arXiv:2010.01412, Algorithm 1."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch


class SharpnessAware(torch.optim.Optimizer):
    """Follows the gradient at w + rho g/|g|, the worst point nearby to first order, instead of the one at w.

    rho is a temperature: the larger it is, the wider the minima that training ends in. Any optimiser of torch makes
    the step itself; each step costs two gradients.

    Args:
        parameters: tensors, or groups of them, of the optimiser that makes the step.
        rho: radius, in the Euclidean norm over all parameters; 0 is the optimiser itself.
        base: class of that optimiser.
        settings: its settings, such as `lr`.

    Raises:
        ValueError: rho is negative.
    """

    def __init__(
        self,
        parameters: Iterable[Any],
        rho: float,
        base: Callable[..., torch.optim.Optimizer] = torch.optim.SGD,
        **settings: Any,
    ) -> None:
        if rho < 0:
            raise ValueError(f"rho is {rho}; a radius is at least 0")
        self.base = base(parameters, **settings)
        super().__init__(self.base.param_groups, self.base.defaults)
        self.param_groups = self.base.param_groups  # one list: schedules of the rate reach the optimiser
        self.rho = rho

    @torch.no_grad()
    def step(self, closure: Callable[[], torch.Tensor]) -> torch.Tensor:  # type: ignore[override]
        """One step.

        Args:
            closure: computes the loss and returns it; it is called twice, and the gradients are taken here.

        Returns:
            The loss at w, before the step.
        """
        loss = self._gradient(closure)
        moved = self._climb()
        self._gradient(closure)
        for parameter, old in moved:
            parameter.copy_(old)  # put back, not subtracted: the weights return to the last digit
        self.base.step()
        return loss

    def state_dict(self) -> dict[str, Any]:
        """That of the optimiser that makes the step, with rho."""
        return {**self.base.state_dict(), "rho": self.rho}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes what `state_dict` gave."""
        self.rho = state_dict["rho"]
        self.base.load_state_dict({name: value for name, value in state_dict.items() if name != "rho"})
        self.param_groups = self.base.param_groups

    def _gradient(self, closure: Callable[[], torch.Tensor]) -> torch.Tensor:
        self.zero_grad()
        with torch.enable_grad():
            loss = closure()
            loss.backward()
        return loss.detach()

    def _climb(self) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Moves the parameters by rho along the gradient; returns them with their values before."""
        moving = [p for group in self.param_groups for p in group["params"] if p.grad is not None]
        norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(p.grad) for p in moving]))
        if not self.rho or not norm > 0:
            return []
        moved = [(parameter, parameter.clone()) for parameter in moving]
        for parameter in moving:
            parameter.add_(parameter.grad, alpha=float(self.rho / norm))
        return moved
