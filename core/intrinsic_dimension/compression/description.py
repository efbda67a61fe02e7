"""How many bits tell a quantised network from all others that could have come out."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import ceil, log2

from core.intrinsic_dimension.compression.quantise import WIDTHS

KINDS_OF_PROJECTION = 5
SEED_BITS, CLIP_BITS, RATE_BITS = 64, 16, 32
COMMON_BITS, COLUMN_BITS = 64, 128  # mean and deviation of all features (single), of each feature (double precision)


@dataclass(frozen=True)
class Description:
    """The length of a description, part by part, in bits.

    Everything is paid that was chosen with a look at the training rows. The learning rate is not needed to decode, but
    is paid all the same, as one who looks at the rule expects. Architecture and starting distribution were there before.

    Attributes:
        codes: d numbers of b bits.
        width: b itself.
        dimension: d, one of D.
        clip: a number of half precision.
        seed: of start and projection.
        projection: one of five kinds.
        scaling: mean and deviation of the features.
        learning_rate: a number of single precision.
    """

    codes: int
    width: int
    dimension: int
    clip: int
    seed: int
    projection: int
    scaling: int
    learning_rate: int

    @property
    def bits(self) -> int:
        """The sum."""
        return sum(getattr(self, part.name) for part in fields(self))


def describe_network(
    full_dimension: int, subspace_dimension: int, bits: int, scaling: str, features: int
) -> Description:
    """The description of a network with d coordinates of b bits.

    Args:
        full_dimension: D.
        subspace_dimension: d.
        bits: b.
        scaling: "common", "columns" or "none".
        features: number of values of a sample.
    """
    return Description(
        codes=subspace_dimension * bits,
        width=ceil(log2(len(WIDTHS))),
        dimension=ceil(log2(full_dimension)) if full_dimension > 1 else 1,
        clip=CLIP_BITS,
        seed=SEED_BITS,
        projection=ceil(log2(KINDS_OF_PROJECTION)),
        scaling={"none": 0, "common": COMMON_BITS, "columns": COLUMN_BITS * features}[scaling],
        learning_rate=RATE_BITS,
    )
