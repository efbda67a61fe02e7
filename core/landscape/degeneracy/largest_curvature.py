"""The largest eigenvalue of the Hessian, from above: what bounds the step of a sampler."""

from __future__ import annotations

import torch

from core.landscape.degeneracy.data_loss import DataLoss

PRODUCTS = 40
TOLERANCE = 0.01  # of the eigenvalue
CHUNK = 1024  # samples whose graph is kept at once


def largest_curvature(problem: DataLoss, seed: int = 0) -> float:
    """An upper estimate of the largest (most positive) eigenvalue of the Hessian at the centre, by Lanczos' method.

    The Ritz value never exceeds the eigenvalue; its residual is added, within which an eigenvalue lies. Full
    re-orthogonalisation, in double precision; stops at a residual of 1 % or after 40 products.
    """
    generator = torch.Generator().manual_seed(seed)
    size = len(problem.center)
    vector = torch.randn(size, generator=generator, dtype=torch.float64).to(problem.center.device)
    basis = [vector / vector.norm()]
    diagonal, side = list[float](), list[float]()
    value = residual = 0.0
    for _ in range(min(PRODUCTS, size)):
        product = hessian_product(problem, basis[-1].to(problem.center.dtype)).double()
        diagonal.append(float(product @ basis[-1]))
        matrix = (
            torch.diag(torch.tensor(diagonal)) + torch.diag(torch.tensor(side), 1) + torch.diag(torch.tensor(side), -1)
        )
        values, vectors = torch.linalg.eigh(matrix.double())
        known = torch.stack(basis)
        for _ in range(2):
            product = product - known.T @ (known @ product)
        side.append(float(product.norm()))
        value, residual = float(values[-1]), side[-1] * abs(float(vectors[-1, -1]))
        if residual <= TOLERANCE * abs(value) or side[-1] == 0:
            break
        basis.append(product / product.norm())
    return value + residual


def hessian_product(problem: DataLoss, vector: torch.Tensor) -> torch.Tensor:
    """The Hessian of the mean loss over all data at the centre, times a vector [D]."""
    total = torch.zeros_like(problem.center)
    for start in range(0, problem.samples, CHUNK):
        batch = tuple(tensor[start : start + CHUNK] for tensor in problem.data)
        with torch.enable_grad():
            point = problem.center.clone().requires_grad_()
            (gradient,) = torch.autograd.grad(problem.at(point, batch), point, create_graph=True)
            (product,) = torch.autograd.grad(gradient @ vector, point)
        total += product * (len(batch[0]) / problem.samples)
    return total
