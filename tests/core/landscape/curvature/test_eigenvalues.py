"""The largest eigenvalues alone."""

import pytest
import torch

from core.landscape.curvature.eigenvalues import hessian_eigenvalues


def test_one_eigenvalue_is_not_the_first_guess() -> None:
    """The largest eigenvalue alone is found, not the mean that one product tells of."""
    diagonal = torch.logspace(-0.5, 0.5, 40, dtype=torch.float64)
    batch = (torch.ones(2, dtype=torch.float64),)

    def loss(parameters: dict[str, torch.Tensor], rows: tuple[torch.Tensor, ...]) -> torch.Tensor:
        return 0.5 * (diagonal * parameters["w"] ** 2).sum() * rows[0].mean()

    found = hessian_eigenvalues(loss, {"w": torch.ones(40, dtype=torch.float64)}, [batch], top=1)
    assert found.values[0] == pytest.approx(10**0.5, rel=1e-5)
