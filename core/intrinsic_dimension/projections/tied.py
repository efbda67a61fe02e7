"""A projection that ties parameters together: each reads one coordinate, up to a sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from core.errors import BadInput
from core.intrinsic_dimension.projections.base import Projection, check_dimensions, kept_seeds, padded_rows


@dataclass(frozen=True, eq=False)
class Tied(Projection):
    """P with a single entry in each row: parameter i is a random sign times coordinate group(i), columns of unit length.

    The groups are a random partition of the D parameters into d parts whose sizes differ by one at most, so the columns
    are exactly orthogonal. It is random weight sharing, as in HashedNets (Chen et al. 2015, arXiv:1504.04788, section
    4), here added to fixed starting values.

    On a graphics card the sums of `adjoint` may be added in another order each time, which moves their last digits.

    Attributes:
        full_dimension: D.
        subspace_dimension: d.
        seed: what was drawn from (a tuple of R seeds for R runs).
        groups: coordinate of each parameter, int64, [(R,) D]; d where a parameter stays as it is.
        signs: +1 or -1, float32, [(R,) D].
        column_scales: one over the length of each column, float32, [(R,) d].
    """

    full_dimension: int
    subspace_dimension: int
    seed: int | tuple[int, ...]
    groups: torch.Tensor
    signs: torch.Tensor
    column_scales: torch.Tensor
    kind: str = "tied"

    @classmethod
    def stacked(cls, projections: Sequence[Tied]) -> Tied:
        """As `Projection.stacked`."""
        widest = max(projection.subspace_dimension for projection in projections)
        return cls(
            full_dimension=projections[0].full_dimension,
            subspace_dimension=widest,
            seed=tuple(projection.seed for projection in projections if isinstance(projection.seed, int)),
            groups=torch.stack(
                [one.groups.masked_fill(one.groups == one.subspace_dimension, widest) for one in projections]
            ),
            signs=torch.stack([projection.signs for projection in projections]),
            column_scales=padded_rows([projection.column_scales for projection in projections]),
        )

    def keep(self, runs: torch.Tensor) -> Tied:
        """As `Projection.keep`."""
        return replace(
            self,
            seed=kept_seeds(self.seed, runs),
            groups=self.groups[runs],
            signs=self.signs[runs],
            column_scales=self.column_scales[runs],
        )

    def to(self, device: torch.device | str) -> Tied:
        """As `Projection.to`."""
        return replace(
            self,
            groups=self.groups.to(device),
            signs=self.signs.to(device),
            column_scales=self.column_scales.to(device),
        )

    def _forward(self, theta_d: torch.Tensor) -> torch.Tensor:
        coordinates = torch.nn.functional.pad(theta_d * self.column_scales.to(theta_d.dtype), (0, 1))
        groups = self.groups.expand(*theta_d.shape[:-1], -1)
        return coordinates.gather(-1, groups) * self.signs.to(theta_d.dtype)

    def _adjoint(self, gradient: torch.Tensor) -> torch.Tensor:
        sums = gradient.new_zeros(*gradient.shape[:-1], self.subspace_dimension + 1)
        groups = self.groups.expand(*gradient.shape[:-1], -1)
        sums.scatter_add_(-1, groups, gradient * self.signs.to(gradient.dtype))
        return sums[..., :-1] * self.column_scales.to(gradient.dtype)


def tied(full_dimension: int, subspace_dimension: int, seed: int, *, parts: int | None = None) -> Tied:
    """Draws a random partition of the parameters.

    Args:
        full_dimension: D.
        subspace_dimension: d, from 1 to D.
        seed: of the random generator.
        parts: into how many groups the parameters fall; by default d. Those of a group beyond the first d are not
            moved, so two projections with the same D, seed and parts are nested: their first columns are equal.

    Raises:
        BadInput: d is not between 1 and D, or parts not between d and D.
    """
    check_dimensions(full_dimension, subspace_dimension)
    count = parts or subspace_dimension
    if not subspace_dimension <= count <= full_dimension:
        raise BadInput(f"Parts {count}: a whole number from {subspace_dimension} to {full_dimension} is expected.")
    generator = torch.Generator().manual_seed(seed)
    groups = torch.randperm(full_dimension, generator=generator) % count
    signs = torch.randint(0, 2, (full_dimension,), generator=generator) * 2.0 - 1
    sizes = torch.bincount(groups, minlength=count)[:subspace_dimension]
    return Tied(
        full_dimension,
        subspace_dimension,
        seed,
        groups.clamp_(max=subspace_dimension),
        signs,
        sizes.float().rsqrt(),
    )
