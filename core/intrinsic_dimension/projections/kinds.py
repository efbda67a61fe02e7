"""The kinds of projection by name, and many at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core.errors import BadInput
from core.intrinsic_dimension.projections.base import Projection
from core.intrinsic_dimension.projections.block_fastfood import block_length, fastfood
from core.intrinsic_dimension.projections.dense import dense
from core.intrinsic_dimension.projections.global_fastfood import fastfood_global
from core.intrinsic_dimension.projections.sparse import sparse
from core.intrinsic_dimension.projections.tied import tied

KINDS: dict[str, Callable[..., Projection]] = {
    "fastfood": fastfood,
    "fastfood_global": fastfood_global,
    "dense": dense,
    "sparse": sparse,
    "tied": tied,
}


def projection(
    kind: str, full_dimension: int, subspace_dimension: int, seed: int, *, widest: int | None = None
) -> Projection:
    """Draws a random linear map P from d coordinates to D parameters, with columns of unit length.

    Args:
        kind: "fastfood" (block Fastfood, the default everywhere), "fastfood_global" (the one transform of Li et al.
            2018), "dense" (Gaussian), "sparse" (very sparse signs) or "tied" (each parameter reads one coordinate).
        full_dimension: D.
        subspace_dimension: d, from 1 to D.
        seed: the same seed gives the same P, on every device.
        widest: the largest d of several subspaces, d or more: those with the same kind, D, seed and widest are nested,
            that is, the first columns of a wider one are those of a narrower one.

    Returns:
        A projection with `forward` (P theta_d) and `adjoint` (P^T g) for tensors and numpy arrays.

    Raises:
        BadInput: an unknown kind, impossible dimensions, or a dense matrix above 2 GB.

    Example:
        >>> import numpy as np
        >>> column = projection("fastfood", 5000, 50, seed=0).forward(np.eye(50)[3])
        >>> column.shape, round(float(np.linalg.norm(column)), 4)
        ((5000,), 1.0)
    """
    if kind not in KINDS:
        raise BadInput(f"Projection {kind!r} is not known; expected one of {', '.join(KINDS)}.")
    widest = subspace_dimension if widest is None else widest
    if widest < subspace_dimension:
        raise BadInput(
            f"Widest subspace {widest}: at least the {subspace_dimension} dimensions of this one are expected."
        )
    options: dict[str, Any] = {}
    if kind == "fastfood" and subspace_dimension >= 1:
        options["block"] = block_length(widest)
    elif kind == "tied":
        options["parts"] = widest
    return KINDS[kind](full_dimension, subspace_dimension, seed, **options)


def stack(projections: Sequence[Projection]) -> Projection:
    """One projection for R runs out of R of one kind, row r of theta_d going through projection r.

    d is the largest; the surplus columns of a smaller one are zero, so that coordinates beyond its own d neither act nor
    receive a gradient. Block Fastfoods must have a common block (see `projections_of_runs`).
    """
    return type(projections[0]).stacked(projections)


def projections_of_runs(
    kind: str, full_dimension: int, subspace_dimensions: Sequence[int], seeds: Sequence[int]
) -> Projection:
    """A projection of its own for each run, stacked.

    Args:
        kind: as in `projection`.
        full_dimension: D.
        subspace_dimensions: d of each run.
        seeds: of each run.

    Raises:
        BadInput: as `projection`.
    """
    widest = max(subspace_dimensions) if kind == "fastfood" else None  # blocks of one length go through one transform
    return stack(
        [
            projection(kind, full_dimension, dimension, seed, widest=widest)
            for dimension, seed in zip(subspace_dimensions, seeds, strict=True)
        ]
    )
