"""A very sparse projection: about sqrt(D) signs in each column, stored by rows and by columns."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch

from core.intrinsic_dimension.projections.base import Projection, check_dimensions, kept_seeds

DRAWN_TOGETHER = 1 << 16  # entries: a fixed number, so that the first columns do not depend on how many follow


@dataclass(frozen=True, eq=False)
class Sparse(Projection):
    """P whose entries are 0 but for a share 1 / sqrt(D), which are + or - 1, each column divided by its length.

    Li, Hastie and Church 2006 (Very Sparse Random Projections, KDD), section 2, with s = sqrt(D); Li et al. 2018,
    section S7, uses this density. Both products are CSR times vector: P is kept by rows, P^T by columns. R runs are one
    block-diagonal matrix, [R D, R d].

    Attributes:
        full_dimension: D.
        subspace_dimension: d.
        seed: what was drawn from (a tuple of R seeds for R runs).
        starts: where the entries of each column begin, int64, [(R,) d + 1]; of a surplus column none.
        rows: of the entries, column after column, int64, [entries] or R of them.
        values: of the entries, float32, likewise.
    """

    full_dimension: int
    subspace_dimension: int
    seed: int | tuple[int, ...]
    starts: tuple[torch.Tensor, ...]
    rows: tuple[torch.Tensor, ...]
    values: tuple[torch.Tensor, ...]
    kind: str = "sparse"

    @classmethod
    def stacked(cls, projections: Sequence[Sparse]) -> Sparse:
        """As `Projection.stacked`."""
        widest = max(projection.subspace_dimension for projection in projections)
        starts = [projection.starts[0] for projection in projections]
        return cls(
            projections[0].full_dimension,
            widest,
            tuple(projection.seed for projection in projections if isinstance(projection.seed, int)),
            tuple(torch.cat([start, start[-1].expand(widest + 1 - len(start))]) for start in starts),
            tuple(projection.rows[0] for projection in projections),
            tuple(projection.values[0] for projection in projections),
        )

    @cached_property
    def by_columns(self) -> torch.Tensor:
        """P^T, [R d, R D] in CSR."""
        offsets = torch.tensor([0, *(len(rows) for rows in self.rows[:-1])]).cumsum(0).tolist()
        starts = [start[:-1] + offset for start, offset in zip(self.starts, offsets, strict=True)]
        end = self.starts[-1][-1:] + offsets[-1]
        places = [rows + run * self.full_dimension for run, rows in enumerate(self.rows)]
        return _csr(torch.cat([*starts, end]), torch.cat(places), torch.cat(self.values), self._shape[::-1])

    @cached_property
    def by_rows(self) -> torch.Tensor:
        """P, [R D, R d] in CSR."""
        transposed = self.by_columns
        rows = transposed.col_indices().long()
        columns = torch.arange(self._shape[1], device=rows.device).repeat_interleave(
            transposed.crow_indices().diff().long(), output_size=len(rows)
        )
        order = torch.argsort(rows, stable=True)
        counts = torch.bincount(rows, minlength=self._shape[0])
        starts = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
        return _csr(starts, columns[order], transposed.values()[order], self._shape)

    @property
    def _shape(self) -> tuple[int, int]:
        runs = len(self.rows)
        return runs * self.full_dimension, runs * self.subspace_dimension

    def keep(self, runs: torch.Tensor) -> Sparse:
        """As `Projection.keep`."""
        numbers = runs.tolist()
        starts, rows, values = (
            tuple(of_runs[run] for run in numbers) for of_runs in (self.starts, self.rows, self.values)
        )
        return replace(self, seed=kept_seeds(self.seed, runs), starts=starts, rows=rows, values=values)

    def to(self, device: torch.device | str) -> Sparse:
        """As `Projection.to`."""
        starts, rows, values = (
            tuple(part.to(device) for part in of_runs) for of_runs in (self.starts, self.rows, self.values)
        )
        return replace(self, starts=starts, rows=rows, values=values)

    def _forward(self, theta_d: torch.Tensor) -> torch.Tensor:
        return self._product(self.by_rows, theta_d)

    def _adjoint(self, gradient: torch.Tensor) -> torch.Tensor:
        return self._product(self.by_columns, gradient)

    def _product(self, matrix: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
        """Each row by the one matrix, or all rows, one behind the other, by the block-diagonal one."""
        matrix = matrix.to(vectors.dtype)
        if isinstance(self.seed, tuple):
            return (matrix @ vectors.reshape(-1)).view(len(self.rows), -1)
        return matrix @ vectors if vectors.ndim == 1 else (matrix @ vectors.mT).mT


def sparse(full_dimension: int, subspace_dimension: int, seed: int) -> Sparse:
    """Draws a very sparse projection; with the same D and seed the first columns are equal.

    The entries of the matrix, read column after column, are a Bernoulli process, so the gaps between them are drawn.
    A column in which nothing fell (rare from D = 100 on) gets one entry, in row j mod D of column j.

    Args:
        full_dimension: D.
        subspace_dimension: d, from 1 to D.
        seed: of the random generator.

    Raises:
        BadInput: d is not between 1 and D.
    """
    check_dimensions(full_dimension, subspace_dimension)
    places, signs = _entries(full_dimension, subspace_dimension, torch.Generator().manual_seed(seed))
    columns = torch.div(places, full_dimension, rounding_mode="floor")
    empty = (torch.bincount(columns, minlength=subspace_dimension) == 0).nonzero().squeeze(1)
    if len(empty):
        places, order = torch.cat([places, empty * full_dimension + empty % full_dimension]).sort()
        signs = torch.cat([signs, torch.ones(len(empty))])[order]
        columns = torch.div(places, full_dimension, rounding_mode="floor")
    counts = torch.bincount(columns, minlength=subspace_dimension)
    values = signs / counts[columns].sqrt()
    starts = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
    return Sparse(full_dimension, subspace_dimension, seed, (starts,), (places - columns * full_dimension,), (values,))


def _entries(full_dimension: int, subspace_dimension: int, generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    """Places of the entries in the matrix read column after column, in order, and their signs."""
    density = full_dimension**-0.5
    end = full_dimension * subspace_dimension
    places, signs, last = [], [], -1
    while last < end - 1:
        uniform = torch.rand(DRAWN_TOGETHER, generator=generator, dtype=torch.float64)
        sign = torch.randint(0, 2, (DRAWN_TOGETHER,), generator=generator)
        gaps = torch.log1p(-uniform).div_(math.log1p(-density) if density < 1 else -math.inf).floor_().long() + 1
        place = last + gaps.cumsum(0)
        places.append(place)
        signs.append(2.0 * sign - 1)
        last = int(place[-1])
    found = torch.cat(places)
    inside = found < end
    return found[inside], torch.cat(signs)[inside]


def _csr(starts: torch.Tensor, columns: torch.Tensor, values: torch.Tensor, shape: tuple[int, int]) -> torch.Tensor:
    small = max(*shape, len(values)) < 1 << 31
    index = torch.int32 if small else torch.int64  # the library's products take int32 without converting it each time
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
        return torch.sparse_csr_tensor(starts.to(index), columns.to(index), values, shape, check_invariants=False)
