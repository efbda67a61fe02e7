"""Lanczos on matrices whose eigenvalues are chosen."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.landscape.curvature.eigenvalues import until_settled
from core.landscape.curvature.lanczos import Lanczos
from core.landscape.curvature.probes import Rademacher


def run(eigenvalues: list[float] | np.ndarray, top: int, dtype: torch.dtype = torch.float64) -> Lanczos:
    """Until the top eigenvalues of a rotated diagonal matrix have settled."""
    size = len(eigenvalues)
    rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(size, size)))[0]
    matrix = torch.tensor(rotation @ np.diag(eigenvalues) @ rotation.T, dtype=dtype)
    lanczos = Lanczos(lambda vector: matrix @ vector, Rademacher(0, 0, size, dtype, torch.device("cpu")))
    until_settled(lanczos, top, size)
    return lanczos


@pytest.mark.parametrize(
    "eigenvalues",
    [[5.0] * 5 + [1.0] * 15, [5.0, 5.0, 4.0, 3.0, 3.0] + [0.0] * 40, [7.0] * 3 + list(np.linspace(0, 1, 60))],
    ids=["two values", "low rank", "three copies above a bulk"],
)
def test_repeated_eigenvalues(eigenvalues: list[float]) -> None:
    """Eigenvalues that occur several times are found as often as they occur where the Krylov space closes."""
    found = run(eigenvalues, 5).ritz().values[:5]
    if len(eigenvalues) > 60:  # a bulk of distinct values: the space doesn't close, and one copy is seen
        assert found[0] == pytest.approx(7.0)
    else:
        np.testing.assert_allclose(found, sorted(eigenvalues, reverse=True)[:5], atol=1e-9)


def test_basis_is_orthonormal_in_single_precision() -> None:
    """Long after the outliers have converged, the basis is orthonormal to rounding and no copies appear."""
    values = np.concatenate([[1000.0, 500.0, 100.0], np.linspace(0, 1, 297)])
    size = len(values)
    lanczos = Lanczos(
        lambda vector: torch.tensor(values, dtype=torch.float32) * vector,
        Rademacher(1, 0, size, torch.float32, torch.device("cpu")),
    )
    for _ in range(150):
        lanczos.step()
    gram = lanczos.basis @ lanczos.basis.T
    assert float((gram - torch.eye(len(gram))).abs().max()) < 1e-5
    assert (lanczos.ritz().values > 50).sum() == 3


def test_zero_matrix() -> None:
    """A flat function has eigenvalues of 0."""
    assert run([0.0] * 12, 5).ritz().values[:5] == pytest.approx([0.0] * 5)
