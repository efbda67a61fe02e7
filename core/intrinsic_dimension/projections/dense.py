"""A dense Gaussian projection: the definition, in O(D d) memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from core.intrinsic_dimension.projections.base import Projection, check_dimensions, kept_seeds, padded_rows
from core.intrinsic_dimension.projections.memory import check_dense


@dataclass(frozen=True, eq=False)
class Dense(Projection):
    """P with independent N(0, 1) entries, each column divided by its length. Li et al. 2018, section S7.

    Attributes:
        full_dimension: D.
        subspace_dimension: d.
        seed: what was drawn from (a tuple of R seeds for R runs).
        columns: the columns of P as rows, float32, [(R,) d, D].
    """

    full_dimension: int
    subspace_dimension: int
    seed: int | tuple[int, ...]
    columns: torch.Tensor
    kind: str = "dense"

    @classmethod
    def stacked(cls, projections: Sequence[Dense]) -> Dense:
        """As `Projection.stacked`."""
        columns = padded_rows([projection.columns for projection in projections])
        seeds = tuple(projection.seed for projection in projections if isinstance(projection.seed, int))
        return cls(projections[0].full_dimension, columns.shape[1], seeds, columns)

    def keep(self, runs: torch.Tensor) -> Dense:
        """As `Projection.keep`."""
        return replace(self, seed=kept_seeds(self.seed, runs), columns=self.columns[runs])

    def to(self, device: torch.device | str) -> Dense:
        """As `Projection.to`."""
        return replace(self, columns=self.columns.to(device))

    def _forward(self, theta_d: torch.Tensor) -> torch.Tensor:
        return _product(theta_d, self.columns.to(theta_d.dtype))

    def _adjoint(self, gradient: torch.Tensor) -> torch.Tensor:
        return _product(gradient, self.columns.to(gradient.dtype).mT)


def _product(vectors: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """Each row by the one matrix, or row r by matrix r."""
    if matrix.ndim == 2:
        return vectors @ matrix
    return torch.bmm(vectors.unsqueeze(1), matrix).squeeze(1)


def dense(full_dimension: int, subspace_dimension: int, seed: int) -> Dense:
    """Draws a dense projection, column by column: with the same D and seed the first columns are equal.

    Args:
        full_dimension: D.
        subspace_dimension: d, from 1 to D.
        seed: of the random generator.

    Raises:
        BadInput: d is not between 1 and D, or the matrix is larger than 2 GB.
    """
    check_dimensions(full_dimension, subspace_dimension)
    check_dense(full_dimension, subspace_dimension)
    generator = torch.Generator().manual_seed(seed)
    columns = torch.empty(subspace_dimension, full_dimension)
    for column in columns:  # one draw for all would give other numbers for another d
        column.normal_(generator=generator)
    columns /= columns.norm(dim=1, keepdim=True)
    return Dense(full_dimension, subspace_dimension, seed, columns)
