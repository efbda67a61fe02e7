"""Convolutions in groups as matrix products, against PyTorch's own."""

from __future__ import annotations

import pytest
import torch

from core.landscape.degeneracy.stacked_convolutions import convolution, convolution_backward

ATEN = torch.ops.aten
CASES = [  # n, groups, in, out, height, width, kernel, stride, padding, dilation
    (5, 3, 1, 4, 6, 6, (3, 3), (1, 1), (1, 1), (1, 1)),
    (4, 2, 3, 2, 7, 5, (3, 1), (1, 1), (0, 0), (1, 1)),
    (3, 2, 2, 3, 9, 8, (2, 3), (1, 1), (2, 1), (2, 2)),
    (3, 4, 2, 3, 9, 8, (5, 5), (1, 1), (2, 0), (1, 1)),
    (3, 2, 2, 2, 8, 9, (3, 3), (2, 3), (1, 1), (1, 1)),
]


@pytest.mark.parametrize("case", CASES)
def test_values_and_gradients_are_those_of_grouped_convolutions(case: tuple) -> None:
    """To rounding in double precision, whatever kernel, padding and dilation; strides where x needs no gradient."""
    n, groups, before, after, height, width, kernel, stride, padding, dilation = case
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(n, groups * before, height, width, dtype=torch.float64, generator=generator)
    weight = torch.randn(groups * after, before, *kernel, dtype=torch.float64, generator=generator)
    bias = torch.randn(groups * after, dtype=torch.float64, generator=generator)
    rest = (stride, padding, dilation, False, (0, 0), groups)
    expected = ATEN.convolution(x, weight, bias, *rest)
    torch.testing.assert_close(convolution(x, weight, bias, *rest), expected)
    torch.testing.assert_close(convolution(x, weight, None, *rest), ATEN.convolution(x, weight, None, *rest))
    mask = [stride == (1, 1), True, True]
    gradient = torch.randn(expected.shape, dtype=torch.float64, generator=generator)
    arguments = (gradient, x, weight, [len(bias)], *rest, mask)
    for found, wanted in zip(convolution_backward(*arguments), ATEN.convolution_backward(*arguments), strict=True):
        assert (found is None) == (wanted is None)
        if found is not None:
            torch.testing.assert_close(found, wanted)


def test_what_has_no_groups_or_other_axes_is_left_to_torch() -> None:
    """One group, one dimension, transposed, and gradients by x of strides."""
    x, weight = torch.zeros(2, 4, 5, 5), torch.zeros(4, 4, 3, 3)
    rest = ((1, 1), (1, 1), (1, 1), False, (0, 0))
    assert convolution(x, weight, None, *rest, 1) is NotImplemented
    assert convolution(x[..., 0], weight[..., 0], None, (1,), (1,), (1,), False, (0,), 2) is NotImplemented
    assert convolution(x, weight, None, (1, 1), (1, 1), (1, 1), True, (0, 0), 2) is NotImplemented
    strided = ((2, 2), (1, 1), (1, 1), False, (0, 0), 2, [True, True, False])
    assert convolution_backward(x[:, :, :3, :3], x, weight[:, :2], None, *strided) is NotImplemented
