"""The toy problem whose intrinsic dimension is known: Li et al. 2018 (arXiv:1804.08838), section 2."""

from __future__ import annotations

import torch

from core.intrinsic_dimension.projections.block_fastfood import fastfood

FULL_DIMENSION, SUMS = 1000, 10


def toy_loss(theta: torch.Tensor) -> torch.Tensor:
    """Ten consecutive blocks of 100 parameters are to sum to 1, 2, ..., 10: the sum of the squared errors.

    Its solutions are an affine set of dimension 990, so subspaces of d >= 10 meet it and smaller ones do not.

    Args:
        theta: [1000].
    """
    wanted = torch.arange(1, SUMS + 1, dtype=theta.dtype)
    return (theta.view(SUMS, -1).sum(1) - wanted).square().sum()


def toy_performance(subspace_dimension: int, seed: int) -> float:
    """exp(-loss) at the minimum inside one random subspace through the origin; 1 means solved.

    L-BFGS in float64: at d = 10 the projected problem can be ill-conditioned.

    Args:
        subspace_dimension: d.
        seed: of the projection.
    """
    projection = fastfood(FULL_DIMENSION, subspace_dimension, seed)
    theta_d = torch.zeros(subspace_dimension, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [theta_d],
        max_iter=2000,
        history_size=50,
        tolerance_grad=1e-12,
        tolerance_change=1e-15,
        line_search_fn="strong_wolfe",
    )

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = toy_loss(projection.forward(theta_d))
        loss.backward()
        return loss

    optimiser.step(closure)
    return float(torch.exp(-toy_loss(projection.forward(theta_d))).detach())
