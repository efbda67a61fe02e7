"""Training of what a mask keeps."""

from __future__ import annotations

import torch


class Masked:
    """weights = mask * coordinates, as a map for `core.training.ensemble.train`: pruned weights stay zero.

    Args:
        masks: [R, D] of 0 and 1, one a run.
    """

    def __init__(self, masks: torch.Tensor) -> None:
        self.masks = masks

    def forward(self, coordinates: torch.Tensor) -> torch.Tensor:
        """[R, D] -> [R, D]."""
        return self.masks * coordinates

    def adjoint(self, gradient: torch.Tensor) -> torch.Tensor:
        """Gradient along the weights -> along the coordinates."""
        return self.masks * gradient

    def keep(self, runs: torch.Tensor) -> Masked:
        """The masks of some of the runs."""
        return Masked(self.masks[runs])
