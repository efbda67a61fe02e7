"""What every projection can do, and what each kind defines for itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import torch

from core.errors import BadInput


class Projection(ABC):
    """A linear map P from R^d to R^D with columns of unit length over all D rows.

    It holds one projection, or R of them (see `stacked`): then vectors are [R, d] and [R, D]. Everything random is
    drawn on the CPU, so that the same seed gives the same P on every device.

    Attributes:
        full_dimension: D.
        subspace_dimension: d; of R projections the largest.
        seed: what everything random was drawn from; R seeds of R projections.
    """

    kind: str
    full_dimension: int
    subspace_dimension: int
    seed: int | tuple[int, ...]

    def forward(self, theta_d: Any) -> Any:
        """P theta_d, differentiable.

        Args:
            theta_d: [d] or [R, d]; a tensor or a numpy array.

        Returns:
            [D] or [R, D], of the kind and dtype that came.

        Raises:
            BadInput: another number of coordinates.
        """
        if isinstance(theta_d, np.ndarray):
            return self.forward(torch.from_numpy(theta_d)).numpy()
        if theta_d.shape[-1] != self.subspace_dimension:
            raise BadInput(
                f"{type(self).__name__}.forward: {theta_d.shape[-1]} coordinates came; "
                f"{self.subspace_dimension} are expected."
            )
        return _Project.apply(theta_d, self)

    def adjoint(self, gradient: Any) -> Any:
        """P^T gradient: what a gradient over all parameters is in the coordinates of the subspace.

        Args:
            gradient: [D] or [R, D]; a tensor or a numpy array.

        Returns:
            [d] or [R, d], of the kind and dtype that came.

        Raises:
            BadInput: another number of entries.
        """
        if isinstance(gradient, np.ndarray):
            return self.adjoint(torch.from_numpy(gradient)).numpy()
        if gradient.shape[-1] != self.full_dimension:
            raise BadInput(
                f"{type(self).__name__}.adjoint: {gradient.shape[-1]} entries came; {self.full_dimension} are expected."
            )
        return self._adjoint(gradient)

    def describe(self) -> dict[str, Any]:
        """What is needed to make the same projection again."""
        return {
            "kind": self.kind,
            "full_dimension": self.full_dimension,
            "subspace_dimension": self.subspace_dimension,
            "seed": self.seed,
        }

    @classmethod
    @abstractmethod
    def stacked(cls, projections: Sequence[Self]) -> Self:
        """One projection for R runs, row r of theta_d going through projection r.

        d is the largest; the surplus columns of a smaller one are zero, so that coordinates beyond its own d neither
        act nor receive a gradient.
        """

    @abstractmethod
    def keep(self, runs: torch.Tensor) -> Self:
        """Of R projections those with these numbers, [r]."""

    @abstractmethod
    def to(self, device: torch.device | str) -> Self:
        """The same projection on another device."""

    @abstractmethod
    def _forward(self, theta_d: torch.Tensor) -> torch.Tensor:
        """P theta_d without a record for the gradient."""

    @abstractmethod
    def _adjoint(self, gradient: torch.Tensor) -> torch.Tensor:
        """P^T gradient."""


def check_dimensions(full_dimension: int, subspace_dimension: int) -> None:
    """Refuses a subspace that is no subspace.

    Raises:
        BadInput: d is not between 1 and D.
    """
    if not 1 <= subspace_dimension <= full_dimension:
        raise BadInput(
            f"Subspace dimension {subspace_dimension}: a whole number from 1 to {full_dimension} is expected."
        )


def kept_seeds(seed: int | tuple[int, ...], runs: torch.Tensor) -> int | tuple[int, ...]:
    """The seeds of some of the runs."""
    return tuple(seed[run] for run in runs.tolist()) if isinstance(seed, tuple) else seed


def padded_rows(rows: Sequence[torch.Tensor]) -> torch.Tensor:
    """Tensors [d_r, ...] of R runs as one, [R, largest d, ...], with zeros behind the shorter ones."""
    padded = rows[0].new_zeros(len(rows), max(len(row) for row in rows), *rows[0].shape[1:])
    for place, row in zip(padded, rows, strict=True):
        place[: len(row)] = row
    return padded


class _Project(torch.autograd.Function):
    """P theta_d whose backward pass is the adjoint, so that nothing inside the product is kept."""

    @staticmethod
    def forward(ctx: Any, theta_d: torch.Tensor, projection: Projection) -> torch.Tensor:
        ctx.projection = projection
        return projection._forward(theta_d)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        return ctx.projection._adjoint(gradients[0]), None
