"""Means over tiles, against PyTorch's own."""

from __future__ import annotations

import pytest
import torch

from core.landscape.degeneracy.stacked_pooling import avg_pool2d, avg_pool2d_backward

ATEN = torch.ops.aten


@pytest.mark.parametrize("tile", [(2, 2), (1, 3), (4, 2)])
def test_values_and_gradients_are_those_of_average_pooling(tile: tuple[int, int]) -> None:
    """To rounding in double precision, for tiles of any shape."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(3, 2, 4, 6, dtype=torch.float64, generator=generator)
    expected = ATEN.avg_pool2d(x, tile, tile)
    torch.testing.assert_close(avg_pool2d(x, tile), expected)
    gradient = torch.randn(expected.shape, dtype=torch.float64, generator=generator)
    rest = (tile, tile, (0, 0), False, True, None)
    torch.testing.assert_close(avg_pool2d_backward(gradient, x, *rest), ATEN.avg_pool2d_backward(gradient, x, *rest))


@pytest.mark.parametrize(
    ("shape", "settings"),
    [
        ((2, 1, 5, 4), {}),
        ((2, 1, 4, 4), {"stride": (1, 1)}),
        ((2, 1, 4, 4), {"padding": (1, 1)}),
        ((2, 1, 4, 4), {"divisor_override": 3}),
        ((1, 4, 4), {}),
    ],
)
def test_what_does_not_fall_into_tiles_is_left_to_torch(shape: tuple[int, ...], settings: dict) -> None:
    """Rows left over, windows that overlap, margins, other divisors, and samples without their axis."""
    assert avg_pool2d(torch.zeros(shape), (2, 2), **settings) is NotImplemented
