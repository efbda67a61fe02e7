"""The block Fastfood projection P, [D, d], in O(D) memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch

from core.errors import BadInput
from core.intrinsic_dimension.projections.base import Projection, check_dimensions, kept_seeds, padded_rows
from core.intrinsic_dimension.projections.walsh_hadamard import hadamard_matrix, walsh_hadamard

SHORT_BLOCK = 128  # up to this length one matrix product for permuted H is faster than transform and permutation
EXACT_NORMS = 1 << 26  # entries of the cut last block up to which its column norms are computed


@dataclass(frozen=True, eq=False)
class Fastfood(Projection):
    """A linear map P from R^d to R^D with columns of unit length over all D rows.

    P stacks ceil(D / l) blocks, cut after D rows. Block b maps x, padded with zeros to length l, to

        y_b = H (G_b * (H (B_b * x))[Pi]) / (||G_b|| sqrt(D))

    where H is the Walsh-Hadamard matrix of order l, B_b random signs, G_b independent gains (see `gains`) and Pi one
    random permutation that all blocks share. The columns are then divided by their length, which differs from one
    only through the rows that were cut. Le, Sarlos and Smola 2013 (arXiv:1408.3060), section 3; its use for
    subspaces: Li et al. 2018 (arXiv:1804.08838), section S7.

    The tensors may carry a leading axis of R runs (see `stacked`): then run r has a projection of its own.

    Attributes:
        full_dimension: D.
        subspace_dimension: d.
        seed: what everything random was drawn from (a tuple of R seeds for a stack).
        signs: B, int8 (float32 in a stack, as products take them), [(R,) blocks, l].
        scales: G / (||G|| sqrt(D)), float32, [(R,) blocks, l].
        permutation: Pi, int64, [(R,) l].
        column_scales: one over the length of each column, float32, [(R,) d]; 0 switches a column off.
        kind: "fastfood", or "fastfood_global" where one block covers all rows.
    """

    full_dimension: int
    subspace_dimension: int
    seed: int | tuple[int, ...]
    signs: torch.Tensor
    scales: torch.Tensor
    permutation: torch.Tensor
    column_scales: torch.Tensor
    kind: str = "fastfood"

    @property
    def block(self) -> int:
        """The block length l."""
        return self.signs.shape[-1]

    @cached_property
    def inverse_permutation(self) -> torch.Tensor:
        """Undoes Pi, int64, [(R,) l]."""
        return torch.argsort(self.permutation)

    @cached_property
    def permuted_transform(self) -> torch.Tensor:
        """(H x)[Pi] as a matrix, float32, [(R,) l, l]; for short blocks."""
        return hadamard_matrix(self.block).to(self.signs.device)[self.permutation]

    def describe(self) -> dict[str, Any]:
        """What is needed to make the same projection again."""
        return super().describe() | {"block": self.block, "blocks": self.signs.shape[-2]}

    @classmethod
    def stacked(cls, projections: Sequence[Fastfood]) -> Fastfood:
        """As `Projection.stacked`; they share D and the block length."""
        return cls(
            full_dimension=projections[0].full_dimension,
            subspace_dimension=max(projection.subspace_dimension for projection in projections),
            seed=tuple(projection.seed for projection in projections if isinstance(projection.seed, int)),
            signs=torch.stack([projection.signs for projection in projections]).float(),  # as it is used in each step
            scales=torch.stack([projection.scales for projection in projections]),
            permutation=torch.stack([projection.permutation for projection in projections]),
            column_scales=padded_rows([projection.column_scales for projection in projections]),
            kind=projections[0].kind,
        )

    def keep(self, runs: torch.Tensor) -> Fastfood:
        """Of a projection of R runs (see `stacked`) those with these numbers, [r]."""
        return replace(
            self,
            seed=kept_seeds(self.seed, runs),
            signs=self.signs[runs],
            scales=self.scales[runs],
            permutation=self.permutation[runs],
            column_scales=self.column_scales[runs],
        )

    def to(self, device: torch.device | str) -> Fastfood:
        """The same projection on another device."""
        return replace(
            self,
            signs=self.signs.to(device),
            scales=self.scales.to(device),
            permutation=self.permutation.to(device),
            column_scales=self.column_scales.to(device),
        )

    def _forward(self, theta_d: torch.Tensor) -> torch.Tensor:
        dtype = theta_d.dtype
        padded = theta_d.new_zeros(*theta_d.shape[:-1], 1, self.block)  # [..., 1, l]
        torch.mul(theta_d, self.column_scales.to(dtype), out=padded[..., 0, : self.subspace_dimension])
        mixed = padded * self.signs.to(dtype)  # [..., blocks, l]
        if self.block <= SHORT_BLOCK:
            mixed = torch.matmul(mixed, self.permuted_transform.to(dtype).mT)
        else:
            mixed = _pick(walsh_hadamard(mixed), self.permutation)
        mixed.mul_(self.scales.to(dtype))
        return walsh_hadamard(mixed).flatten(-2)[..., : self.full_dimension]

    def _adjoint(self, gradient: torch.Tensor) -> torch.Tensor:
        dtype = gradient.dtype
        blocks, length = self.signs.shape[-2:]
        padded = torch.nn.functional.pad(gradient, (0, blocks * length - self.full_dimension))
        mixed = walsh_hadamard(padded.unflatten(-1, (blocks, length))).mul_(self.scales.to(dtype))
        if self.block <= SHORT_BLOCK:
            mixed = torch.matmul(mixed, self.permuted_transform.to(dtype))
        else:
            mixed = walsh_hadamard(_pick(mixed, self.inverse_permutation))
        summed = mixed.mul_(self.signs.to(dtype)).sum(-2)
        return summed[..., : self.subspace_dimension] * self.column_scales.to(dtype)


def fastfood(full_dimension: int, subspace_dimension: int, seed: int, *, block: int | None = None) -> Fastfood:
    """Draws a block Fastfood projection from a seed, with a CPU generator: the same on every device.

    Args:
        full_dimension: D, the number of parameters.
        subspace_dimension: d, from 1 to D.
        seed: of the random generator.
        block: l, a power of two of at least d; by default the smallest, at least 2. Two projections with the
            same D, seed and block are nested: their first columns are equal.

    Raises:
        BadInput: d is not between 1 and D, or the block is not a power of two of at least d.
    """
    check_dimensions(full_dimension, subspace_dimension)
    length = block or block_length(subspace_dimension)
    if length < max(2, subspace_dimension) or length & (length - 1):
        raise BadInput(f"Block length {length}: a power of two of at least {max(2, subspace_dimension)} is expected.")
    drawn = undivided(full_dimension, subspace_dimension, seed, length)
    norms = _column_norms(full_dimension, subspace_dimension, drawn.scales[-1], drawn.permutation)
    return replace(drawn, column_scales=1 / norms)


def undivided(full_dimension: int, subspace_dimension: int, seed: int, length: int) -> Fastfood:
    """The projection with blocks of a length before its columns are divided by their lengths."""
    blocks = -(-full_dimension // length)
    generator = torch.Generator().manual_seed(seed)
    signs = torch.randint(0, 2, (blocks, length), generator=generator, dtype=torch.int8).mul_(2).sub_(1)
    permutation = torch.randperm(length, generator=generator)
    scales = gains(blocks, length, generator)
    scales /= scales.norm(dim=1, keepdim=True) * full_dimension**0.5
    ones = torch.ones(subspace_dimension)
    return Fastfood(full_dimension, subspace_dimension, seed, signs, scales, permutation, ones)


def gains(blocks: int, length: int, generator: torch.Generator) -> torch.Tensor:
    """The diagonals G, [blocks, l]: lengths of complex Gaussian numbers, with the signs of their real parts.

    The cosine of two columns is the mean of a balanced row of signs, weighted by G^2: over D whole rows its variance is
    Var(G^2) / (E(G^2)^2 D). G ~ N(0, 1), as in the papers, gives 2 / D; these gains, whose squares are exponential, give
    1 / D, that of independent Gaussian columns.
    """
    real, imaginary = (torch.randn(blocks, length, generator=generator) for _ in range(2))
    return torch.hypot(real, imaginary, out=imaginary).copysign_(real)


def block_length(subspace_dimension: int) -> int:
    """The smallest power of two that is at least d, and at least 2."""
    return max(2, 1 << (subspace_dimension - 1).bit_length())


def dense_matrix(projection: Fastfood) -> torch.Tensor:
    """P of one projection as a matrix, [D, d] in float64, by the definition with full Hadamard matrices.

    The naive reference of `Fastfood`: O(D d) memory, for tests and for looking at small cases.
    """
    length = projection.block
    hadamard = hadamard_matrix(length, torch.float64)
    permute = torch.eye(length, dtype=torch.float64)[projection.permutation]
    blocks = [
        hadamard @ torch.diag(scale.double()) @ permute @ hadamard @ torch.diag(sign.double())
        for sign, scale in zip(projection.signs, projection.scales, strict=True)
    ]
    matrix = torch.cat(blocks)[: projection.full_dimension, : projection.subspace_dimension]
    return matrix / matrix.norm(dim=0)


def _pick(blocks: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """blocks[..., places] with one set of places for all ([l]) or one a run ([R, l])."""
    if places.ndim == 1:
        return blocks.index_select(-1, places)
    return blocks.gather(-1, places.unsqueeze(-2).expand(blocks.shape))


def _column_norms(
    full_dimension: int, subspace_dimension: int, last_scales: torch.Tensor, permutation: torch.Tensor
) -> torch.Tensor:
    """Length of each column before normalisation, [d].

    A whole block gives each column the squared length l / D exactly. Only the last block, cut after its first
    m rows, needs work: its rows i < m are H_i * G, permuted back and transformed (signs do not change squares).
    Past EXACT_NORMS entries the rows that are missing change a length by less than sqrt(2 l) / D: left out.
    """
    length = permutation.shape[0]
    whole, rows = divmod(full_dimension, length)
    if rows == 0 or rows * length > EXACT_NORMS:
        return torch.ones(subspace_dimension)
    squares = torch.full((length,), whole * length / full_dimension, dtype=torch.float64)
    inverse = torch.argsort(permutation)
    chunk = max(1, (1 << 22) // length)
    for start in range(0, rows, chunk):
        weighted = _hadamard_rows(start, min(start + chunk, rows), length) * last_scales.double()
        squares += walsh_hadamard(weighted[:, inverse]).square().sum(0)
    return squares[:subspace_dimension].sqrt().float()


def _hadamard_rows(start: int, stop: int, length: int) -> torch.Tensor:
    """Rows start .. stop-1 of H_l: the transform of the unit vectors."""
    unit = torch.zeros(stop - start, length, dtype=torch.float64)
    unit[torch.arange(stop - start), torch.arange(start, stop)] = 1
    return walsh_hadamard(unit)
