"""The projection and its transform, against dense matrices in float64."""

import numpy as np
import pytest
import torch

from core.errors import BadInput
from core.intrinsic_dimension.projections.block_fastfood import block_length, dense_matrix, fastfood
from core.intrinsic_dimension.projections.kinds import stack
from core.intrinsic_dimension.projections.walsh_hadamard import hadamard_matrix, walsh_hadamard

SHAPES = [(37, 1), (64, 64), (100, 60), (1000, 10), (2410, 110), (1024, 16)]


@pytest.mark.parametrize("length", [1, 2, 8, 64, 128, 2048, 8192])
def test_transform_is_the_product_with_sylvesters_matrix(length: int) -> None:
    """The transform of any length equals the multiplication by the full matrix."""
    vectors = torch.randn(3, length, dtype=torch.float64, generator=torch.Generator().manual_seed(length))
    expected = vectors @ hadamard_matrix(length, torch.float64)
    torch.testing.assert_close(walsh_hadamard(vectors), expected, rtol=0, atol=1e-9)


def test_transform_refuses_other_lengths() -> None:
    """A length that is no power of two is named."""
    with pytest.raises(ValueError, match="12 entries; a power of two"):
        walsh_hadamard(torch.zeros(2, 12))


@pytest.mark.parametrize(("full", "small"), SHAPES)
def test_forward_and_adjoint_equal_the_dense_matrix(full: int, small: int) -> None:
    """forward is P x and adjoint is P^T g, P built block by block from its definition."""
    projection, generator = fastfood(full, small, seed=3), torch.Generator().manual_seed(0)
    matrix = dense_matrix(projection)
    x = torch.randn(4, small, dtype=torch.float64, generator=generator)
    g = torch.randn(4, full, dtype=torch.float64, generator=generator)
    torch.testing.assert_close(projection.forward(x), x @ matrix.T, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(projection.adjoint(g), g @ matrix, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("full", "small"), SHAPES)
def test_adjoint_identity(full: int, small: int) -> None:
    """<P x, g> = <x, P^T g> to 1e-10 in float64, and autograd gives the adjoint."""
    projection, generator = fastfood(full, small, seed=5), torch.Generator().manual_seed(1)
    x = torch.randn(small, dtype=torch.float64, generator=generator, requires_grad=True)
    g = torch.randn(full, dtype=torch.float64, generator=generator)
    product = projection.forward(x) @ g
    back = projection.adjoint(g)
    assert abs(product.item() - (x @ back).item()) <= 1e-10 * max(1.0, abs(product.item()))
    (gradient,) = torch.autograd.grad(product, x)
    torch.testing.assert_close(gradient, back, rtol=0, atol=0)


@pytest.mark.parametrize(("full", "small"), [*SHAPES, (199_210, 750)])
def test_columns_have_unit_length_over_the_whole_vector(full: int, small: int) -> None:
    """Each column of P has length one, also where the last block is cut."""
    projection = fastfood(full, small, seed=11)
    chosen = sorted({0, small // 2, small - 1})
    columns = projection.forward(torch.eye(small, dtype=torch.float64)[chosen])
    np.testing.assert_allclose(columns.norm(dim=1), 1, atol=2e-6)


def test_same_block_gives_nested_subspaces() -> None:
    """With the same seed and block the first columns of two projections are equal."""
    narrow = fastfood(2410, 20, seed=1, block=128)
    wide = fastfood(2410, 100, seed=1, block=128)
    np.testing.assert_array_equal(dense_matrix(narrow), dense_matrix(wide)[:, :20])


def test_seed_decides_the_projection() -> None:
    """The same seed draws the same projection, another seed another one."""
    x = torch.ones(50)
    first, again, other = (fastfood(500, 50, seed).forward(x) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)


def test_projections_are_isotropic_on_average() -> None:
    """E ||P^T v||^2 = d / D for a unit vector v: no direction of parameter space is preferred."""
    full, small, draws = 300, 30, 400
    v = torch.linspace(-1, 2, full, dtype=torch.float64)
    v /= v.norm()
    squares = [fastfood(full, small, seed).adjoint(v).square().sum().item() for seed in range(draws)]
    error = np.std(squares) / draws**0.5
    assert abs(np.mean(squares) - small / full) < 4 * error


def test_stack_gives_each_run_its_own_projection() -> None:
    """Row r of a stack goes through projection r; surplus coordinates neither act nor receive a gradient."""
    single = [fastfood(300, d, seed, block=32) for d, seed in ((20, 1), (7, 2))]
    both = stack(single)
    x = torch.randn(2, 20, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    y = both.forward(x)
    torch.testing.assert_close(y[0], single[0].forward(x[0]))
    torch.testing.assert_close(y[1], single[1].forward(x[1, :7]))
    (gradient,) = torch.autograd.grad(y.square().sum(), x)
    assert (gradient[1, 7:] == 0).all() and (gradient[1, :7] != 0).all()
    last = both.keep(torch.tensor([1]))
    torch.testing.assert_close(last.forward(x[1:]), y[1:])
    assert last.seed == (2,)


def test_numpy_in_numpy_out() -> None:
    """Arrays come back as arrays of the same dtype."""
    projection = fastfood(100, 5, seed=0)
    back = projection.adjoint(projection.forward(np.ones(5)))
    assert isinstance(back, np.ndarray) and back.shape == (5,) and back.dtype == np.float64


@pytest.mark.parametrize(("small", "length"), [(1, 2), (2, 2), (3, 4), (64, 64), (65, 128)])
def test_block_length(small: int, length: int) -> None:
    """The block is the smallest power of two of at least d, and at least two."""
    assert block_length(small) == length == fastfood(200, small, 0).block


@pytest.mark.parametrize(
    ("full", "small", "block", "words"),
    [
        (10, 0, None, "Subspace dimension 0: a whole number from 1 to 10"),
        (10, 11, None, "Subspace dimension 11: a whole number from 1 to 10"),
        (100, 20, 16, "Block length 16: a power of two of at least 20"),
        (100, 20, 48, "Block length 48: a power of two"),
    ],
)
def test_impossible_projections_are_refused(full: int, small: int, block: int | None, words: str) -> None:
    """The sentence has what came and what is expected."""
    with pytest.raises(BadInput, match=words):
        fastfood(full, small, 0, block=block)


def test_wrong_length_is_refused() -> None:
    """A vector of another length is named with the length that is expected."""
    with pytest.raises(BadInput, match="4 coordinates came; 5 are expected"):
        fastfood(100, 5, 0).forward(torch.zeros(4))
    with pytest.raises(BadInput, match="99 entries came; 100 are expected"):
        fastfood(100, 5, 0).adjoint(torch.zeros(99))
