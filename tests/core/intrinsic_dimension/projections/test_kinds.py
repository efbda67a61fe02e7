"""Every kind of projection, against its matrix built from the definition."""

import numpy as np
import pytest
import torch

from core.errors import BadInput
from core.intrinsic_dimension import projection
from core.intrinsic_dimension.projections.base import Projection
from core.intrinsic_dimension.projections.kinds import KINDS, projections_of_runs, stack
from core.training.maps import Affine, Map
from tests.core.intrinsic_dimension.projections.naive import naive_matrix

SHAPES = [(2, 2), (37, 1), (64, 64), (100, 60), (1000, 10), (1500, 110)]


def matrix_of(drawn: Projection) -> np.ndarray:
    return drawn.forward(np.eye(drawn.subspace_dimension)).T


@pytest.mark.parametrize(("full", "small"), SHAPES)
@pytest.mark.parametrize("kind", KINDS)
def test_forward_and_adjoint_equal_the_naive_matrix(kind: str, full: int, small: int) -> None:
    """forward is P x and adjoint is P^T g, with P built from the seed by its definition."""
    drawn, generator = projection(kind, full, small, seed=3), np.random.default_rng(0)
    matrix = naive_matrix(kind, full, small, seed=3)
    x, g = generator.normal(size=(4, small)), generator.normal(size=(4, full))
    np.testing.assert_allclose(drawn.forward(x), x @ matrix.T, rtol=0, atol=3e-6)
    np.testing.assert_allclose(drawn.adjoint(g), g @ matrix, rtol=0, atol=3e-5)
    np.testing.assert_allclose(drawn.forward(x[0]), matrix @ x[0], rtol=0, atol=3e-6)
    np.testing.assert_allclose(drawn.adjoint(g[0]), g[0] @ matrix, rtol=0, atol=3e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_adjoint_identity(kind: str) -> None:
    """<P x, g> = <x, P^T g> to 1e-10 in float64, and autograd gives the adjoint."""
    drawn, generator = projection(kind, 2410, 110, seed=5), torch.Generator().manual_seed(1)
    x = torch.randn(110, dtype=torch.float64, generator=generator, requires_grad=True)
    g = torch.randn(2410, dtype=torch.float64, generator=generator)
    product = drawn.forward(x) @ g
    back = drawn.adjoint(g)
    assert abs(product.item() - (x @ back).item()) <= 1e-10
    (gradient,) = torch.autograd.grad(product, x)
    assert torch.equal(gradient, back)


@pytest.mark.parametrize(("full", "small", "tolerance"), [(2049, 700, 0.03), (40_001, 100, 0.01)])
@pytest.mark.parametrize("kind", KINDS)
def test_columns_have_unit_length_over_the_whole_vector(kind: str, full: int, small: int, tolerance: float) -> None:
    """Columns have length one within 3 % for D >= 2,000 and 1 % for D >= 40,000, also just above a power of two."""
    drawn = projection(kind, full, small, seed=11)
    chosen = [0, 1, small // 2, small - 1]
    lengths = np.linalg.norm(drawn.forward(np.eye(small, dtype=np.float32)[chosen]), axis=1)
    np.testing.assert_allclose(lengths, 1, rtol=0, atol=tolerance)


@pytest.mark.parametrize("kind", ["dense", "sparse", "fastfood", "fastfood_global"])
def test_cosines_of_columns(kind: str) -> None:
    """The cosine of two columns has mean 0 and variance 1 / D, as that of independent Gaussian vectors.

    Gains G ~ N(0, 1), as the papers have them, would give Fastfood 2 / D, its global form (1 + D / L) / D.
    """
    full, small, pairs = 2400, 60, np.triu_indices(60, 1)
    cosines = []
    for seed in range(12):
        matrix = matrix_of(projection(kind, full, small, seed))
        cosines.append((matrix.T @ matrix)[pairs] * full**0.5)
    assert np.mean(cosines) == pytest.approx(0, abs=0.15)
    assert np.mean(np.square(cosines)) == pytest.approx(1, rel=0.15)
    assert np.abs(cosines).max() < 6.5


def test_tied_columns_are_orthogonal_and_share_the_parameters() -> None:
    """Each parameter reads one coordinate, and no coordinate has more than one parameter above another."""
    matrix = matrix_of(projection("tied", 1003, 20, seed=2))
    np.testing.assert_allclose(matrix.T @ matrix, np.eye(20), atol=1e-6)
    used = matrix != 0
    assert (used.sum(1) == 1).all()
    assert set(used.sum(0)) == {50, 51}


def test_sparse_columns_hold_about_the_root_of_d_signs() -> None:
    """Entries are equal but for the sign; there are sqrt(D) of them in a column on average."""
    matrix = matrix_of(projection("sparse", 10_000, 200, seed=4))
    counts = (matrix != 0).sum(0)
    assert counts.mean() == pytest.approx(100, abs=4 * 10 / 200**0.5)
    for column, count in zip(matrix.T, counts, strict=True):
        np.testing.assert_allclose(np.abs(column[column != 0]), count**-0.5, rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_subspaces_of_one_study_are_nested(kind: str) -> None:
    """With the same seed and widest subspace the first columns are equal."""
    narrow = matrix_of(projection(kind, 2410, 20, seed=1, widest=100))
    wide = matrix_of(projection(kind, 2410, 100, seed=1, widest=100))
    np.testing.assert_array_equal(narrow, wide[:, :20])


@pytest.mark.parametrize("kind", KINDS)
def test_seed_decides_the_projection(kind: str) -> None:
    """The same seed draws the same projection, another seed another one; the description says which."""
    x = np.ones(50)
    first, again, other = (projection(kind, 500, 50, seed).forward(x) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)
    described = projection(kind, 500, 50, 7).describe()
    assert {**described, "kind": kind, "full_dimension": 500, "subspace_dimension": 50, "seed": 7} == described


@pytest.mark.parametrize("kind", KINDS)
def test_projections_are_isotropic_on_average(kind: str) -> None:
    """E ||P^T v||^2 = d / D for a unit vector v: no direction of parameter space is preferred."""
    full, small, draws = 300, 30, 200
    v = np.linspace(-1, 2, full)
    v /= np.linalg.norm(v)
    squares = [np.square(projection(kind, full, small, seed).adjoint(v)).sum() for seed in range(draws)]
    assert abs(np.mean(squares) - small / full) < 4 * np.std(squares) / draws**0.5


@pytest.mark.parametrize("kind", KINDS)
def test_runs_have_projections_of_their_own(kind: str) -> None:
    """Row r goes through projection r; coordinates beyond its own d neither act nor receive a gradient."""
    both = projections_of_runs(kind, 300, (20, 7), (1, 2))
    widest = 20 if kind == "fastfood" else None  # a common block
    single = [projection(kind, 300, 20, 1), projection(kind, 300, 7, 2, widest=widest)]
    x = torch.randn(2, 20, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    y = both.forward(x)
    torch.testing.assert_close(y[0], single[0].forward(x[0]))
    torch.testing.assert_close(y[1], single[1].forward(x[1, :7]))
    (gradient,) = torch.autograd.grad(y.square().sum(), x)
    assert (gradient[1, 7:] == 0).all() and (gradient[1, :7] != 0).all()
    last = both.keep(torch.tensor([1]))
    torch.testing.assert_close(last.forward(x[1:]), y[1:])
    torch.testing.assert_close(last.adjoint(y[1:]), both.adjoint(y)[1:])
    assert last.seed == (2,) and last.describe()["kind"] == kind
    alone = stack([single[0]])
    torch.testing.assert_close(alone.forward(x[:1]), y[:1])


@pytest.mark.parametrize("kind", KINDS)
def test_a_projection_is_a_map_of_the_trainer(kind: str) -> None:
    """It fits into `Affine`, also after runs were dropped."""
    drawn = projections_of_runs(kind, 50, (4, 3), (0, 1)).to("cpu")
    assert isinstance(drawn, Map)
    start = torch.ones(2, 50)
    affine = Affine(start, drawn).keep(torch.tensor([1]))
    assert torch.equal(affine.forward(torch.zeros(1, 4)), start[:1])


@pytest.mark.parametrize("kind", ["fastfood", "fastfood_global", "sparse", "tied"])
def test_memory_is_that_of_the_parameters(kind: str) -> None:
    """What is stored grows with D, not with D d."""
    drawn = projection(kind, 100_000, 2000, seed=0)
    tensors = [part for value in vars(drawn).values() for part in (value if isinstance(value, tuple) else (value,))]
    stored = sum(part.numel() * part.element_size() for part in tensors if isinstance(part, torch.Tensor))
    assert stored <= 130 * 100_000  # a dense matrix: 8,000 bytes a parameter


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("gaussian", 10, 2, 0),
            "'gaussian' is not known; expected one of fastfood, fastfood_global, dense, sparse, tied",
        ),
        (("dense", 10_000_000, 100, 0), r"10,000,000 parameters x 100 dimensions are 4.0 GB; at most 2 GB.*at most 50"),
        *(((kind, 10, 11, 0), "Subspace dimension 11: a whole number from 1 to 10") for kind in KINDS),
        *(((kind, 10, 0, 0), "Subspace dimension 0: a whole number from 1 to 10") for kind in KINDS),
    ],
)
def test_impossible_projections_are_refused(arguments: tuple[str, int, int, int], words: str) -> None:
    """The sentence has what came, what is expected and what to do."""
    with pytest.raises(BadInput, match=words):
        projection(*arguments)


def test_narrower_than_itself_is_refused() -> None:
    """The widest subspace of a study is no narrower than one of it."""
    with pytest.raises(BadInput, match="Widest subspace 4: at least the 5 dimensions"):
        projection("fastfood", 100, 5, 0, widest=4)


@pytest.mark.parametrize("kind", KINDS)
def test_wrong_length_is_refused(kind: str) -> None:
    """A vector of another length is named with the length that is expected."""
    drawn = projection(kind, 100, 5, 0)
    with pytest.raises(BadInput, match="4 coordinates came; 5 are expected"):
        drawn.forward(torch.zeros(4))
    with pytest.raises(BadInput, match="99 entries came; 100 are expected"):
        drawn.adjoint(torch.zeros(99))
