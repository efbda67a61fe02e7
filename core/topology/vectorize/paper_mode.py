""" "Paper mode": images as the code of arXiv:2306.03801 makes them, to reproduce its figures."""

from __future__ import annotations

from collections.abc import Sequence

from sklearn.frozen import FrozenEstimator

from core.topology.engine.measure import SignedMeasure
from core.topology.vectorize.convolution import SignedMeasureConvolution

RESOLUTION = 100


def paper_mode_convolution(
    train: Sequence[dict[int | str, SignedMeasure]],
    test: Sequence[dict[int | str, SignedMeasure]],
    bandwidth: float,
    resolution: int = RESOLUTION,
) -> FrozenEstimator:
    """A convolution whose grid has seen training AND test items, and which takes the mean over Diracs.

    Both are faults: the grid leaks what test items look like, though not their labels, and the mean is neither additive
    nor stable. It is fitted once and stays as it is in any cross-validation, as in the published code.

    Args:
        train: training measures.
        test: test measures.
        bandwidth: h, as a share of the box.
        resolution: grid values on each axis.
    """
    images = SignedMeasureConvolution(resolution, bandwidth, reduction="mean")
    return FrozenEstimator(images.fit([*train, *test]))
