"""What was measured in one layer of a network."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LayerDimension:
    """What was measured at one depth.

    Attributes:
        layer: its name.
        depth: its place among all layers, the input being 0.
        units: numbers that a point consists of there.
        points: distinct ones; rectified units can map several to one.
        dimension: 2NN; NaN where the points are too few or tied.
        standard_error: of it, which allows for shared neighbours.
        large_scale: Gride at the largest scale.
        large_scale_error: of it.
        participation_ratio: linear: effective number of principal components.
        participation_error: of it.
        pca_90: linear: components that carry 90 % of the variance; 0 where the points are all the same.
    """

    layer: str
    depth: int
    units: int
    points: int
    dimension: float
    standard_error: float
    large_scale: float
    large_scale_error: float
    participation_ratio: float
    participation_error: float
    pca_90: int
