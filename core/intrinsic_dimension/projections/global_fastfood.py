"""Fastfood as one transform over all parameters, the form of Li et al. 2018."""

from __future__ import annotations

from dataclasses import replace

import torch

from core.intrinsic_dimension.projections.base import check_dimensions
from core.intrinsic_dimension.projections.block_fastfood import EXACT_NORMS, Fastfood, block_length, undivided

CHUNK = 1 << 22  # entries of the columns that are looked at together


def fastfood_global(full_dimension: int, subspace_dimension: int, seed: int) -> Fastfood:
    """Draws y = H G Pi H B x / (||G|| sqrt(D)), cut to the first D of L = 2^ceil(log2 D) rows.

    Li et al. 2018 (arXiv:1804.08838), section S7: a single block. x has d entries padded with zeros to L, so subspaces
    with the same D and seed are nested. A step costs O(D log D) where the block form takes O(D log d).

    The gains G are those of `block_fastfood.gains`: the paper's N(0, 1) give columns whose cosines have the variance
    (1 + D / L) / D instead of a Gaussian matrix's 1 / D. The paper stops at the divisor above, which is the length of a
    column up to the rows that were cut (relative error about sqrt(L / 2) / D); here the columns are divided by their
    measured length where that takes at most EXACT_NORMS entries.

    Args:
        full_dimension: D.
        subspace_dimension: d, from 1 to D.
        seed: of the random generator.

    Raises:
        BadInput: d is not between 1 and D.
    """
    check_dimensions(full_dimension, subspace_dimension)
    length = block_length(full_dimension)
    drawn = replace(undivided(full_dimension, subspace_dimension, seed, length), kind="fastfood_global")
    if full_dimension == length or subspace_dimension * length > EXACT_NORMS:
        return drawn
    return replace(drawn, column_scales=1 / _column_norms(drawn))


def _column_norms(drawn: Fastfood) -> torch.Tensor:
    """Length of each column, [d], from the columns themselves, a few at a time."""
    chunk = max(1, CHUNK // drawn.block)
    units = torch.eye(drawn.subspace_dimension).split(chunk)
    return torch.cat([drawn.forward(part).norm(dim=1) for part in units])
