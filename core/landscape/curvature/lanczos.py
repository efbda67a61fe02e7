"""Lanczos with full re-orthogonalisation: extreme eigenvalues of a symmetric operator, with error bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

Product = Callable[[torch.Tensor], torch.Tensor]
TOLERANCE = 1e-5  # relative error of an eigenvalue that counts as converged
BREAKDOWN = 20  # units of rounding of the largest coefficient: a remainder below is no direction
ROUNDING = 4  # the same units: an error below is none
INSIDE = 1e-3  # of its length: a start vector of which less is left lies in the basis already


@dataclass(frozen=True)
class Ritz:
    """Approximate eigenvalues of a Krylov space, from the largest to the smallest.

    Attributes:
        values: theta, [m].
        errors: bounds of abs(theta - lambda), [m]: the smaller one of the residual and residual^2 / gap.
        weights: squared first components of the eigenvectors of the tridiagonal matrix, [m].
        rounding: what the type of the numbers leaves of an eigenvalue of 0.
    """

    values: np.ndarray
    errors: np.ndarray
    weights: np.ndarray
    rounding: float

    def converged(self, tolerance: float = TOLERANCE) -> np.ndarray:
        """Which values have a relative error below a tolerance, or an error that is only rounding, [m]."""
        return np.asarray(self.errors <= np.maximum(tolerance * np.abs(self.values), self.rounding))


class Lanczos:
    """An orthonormal basis Q [m + 1, D] with H Q_m = Q_m T + beta_m q_{m+1} e_m', grown a product at a time.

    Each new vector is orthogonalised against all others twice (Parlett 1998, section 13; a single pass loses
    orthogonality in float32, and then copies of the largest eigenvalue appear). Where the remainder vanishes, the space
    is invariant: a fresh start vector opens the next block, which is how eigenvalues that occur several times are found.

    Attributes:
        basis: rows are orthonormal, [m + 1, D] (or [D, D] once the space is exhausted).
        diagonal: alpha, [m].
        off_diagonal: beta, [m]; 0 where a block ended.
    """

    def __init__(self, product: Product, start: Callable[[], torch.Tensor]) -> None:
        """Begins at a start vector.

        Args:
            product: v [D] -> H v.
            start: draws a vector [D]; each call another.
        """
        self._product, self._start = product, start
        vector = start()
        self.size = vector.numel()
        self._rows = torch.empty((min(32, self.size), self.size), dtype=vector.dtype, device=vector.device)
        self._rows[0] = vector / vector.norm()
        self._alphas: list[float] = []
        self._betas: list[float] = []
        self._opened = [0]  # the steps at which blocks begin

    @property
    def steps(self) -> int:
        """m, the products so far."""
        return len(self._alphas)

    @property
    def exhausted(self) -> bool:
        """Whether the basis spans the whole space, so that all eigenvalues are known."""
        return self.steps == self.size

    @property
    def basis(self) -> torch.Tensor:
        """Q with the vector that comes next."""
        return self._rows[: min(self.steps + 1, self.size)]

    @property
    def diagonal(self) -> np.ndarray:
        """The alphas."""
        return np.array(self._alphas)

    @property
    def off_diagonal(self) -> np.ndarray:
        """The betas."""
        return np.array(self._betas)

    def step(self) -> None:
        """One product; the basis grows by one vector."""
        m = self.steps
        known = self._rows[: m + 1]
        remainder = self._product(known[m])
        self._alphas.append(float(torch.dot(known[m], remainder)))
        remainder = _orthogonal(remainder, known)
        beta = float(remainder.norm())
        scale = max(max(map(abs, self._alphas)), max(self._betas, default=0.0))
        if self.exhausted:
            self._betas.append(0.0)
            return
        if beta <= BREAKDOWN * torch.finfo(remainder.dtype).eps * scale:
            beta = 0.0
            remainder = self._outside(known)
            self._opened.append(m + 1)
        self._betas.append(beta)
        if m + 1 == len(self._rows):
            room = min(2 * len(self._rows), self.size)
            grown = torch.empty((room, self.size), dtype=remainder.dtype, device=remainder.device)
            grown[: m + 1] = self._rows
            self._rows = grown
        self._rows[m + 1] = remainder / remainder.norm()

    def _outside(self, known: torch.Tensor) -> torch.Tensor:
        """A start vector outside the span of the basis; one that lies in it but for rounding is drawn anew."""
        while True:
            vector = self._start()
            rest = _orthogonal(vector, known)
            if float(rest.norm()) > INSIDE * float(vector.norm()):
                return _orthogonal(rest, known)

    def tridiagonal(self) -> np.ndarray:
        """T = Q_m' H Q_m, [m, m]."""
        inner = self.off_diagonal[:-1]
        return np.diag(self.diagonal) + np.diag(inner, 1) + np.diag(inner, -1)

    def ritz(self) -> Ritz:
        """The Ritz values of all steps so far."""
        values, vectors = np.linalg.eigh(self.tridiagonal())
        residuals = np.abs(self._betas[-1] * vectors[-1])
        gaps = np.diff(values, prepend=-np.inf, append=np.inf)
        gaps = np.minimum(gaps[:-1], gaps[1:])
        with np.errstate(divide="ignore", invalid="ignore"):
            sharper = np.where(gaps > residuals, residuals**2 / gaps, residuals)
        order = np.argsort(values)[::-1]
        errors = np.minimum(residuals, sharper)[order]
        return Ritz(values[order], errors, vectors[0, order] ** 2, self._rounding())

    def _rounding(self) -> float:
        scale = max(max(map(abs, self._alphas)), max(self._betas))
        return ROUNDING * torch.finfo(self._rows.dtype).eps * scale

    def settled(self, top: int) -> bool:
        """Whether the `top` largest eigenvalues have converged and none of them can be missing.

        After a breakdown the newest block must have shown that its own largest value is none of them: a start vector
        sees each eigenvalue of what was left, but only one of several copies.
        """
        if self.exhausted:
            return True
        if self.steps <= top:  # with as many values as are asked for there is no gap to tell a converged one by
            return False
        ritz = self.ritz()
        if not ritz.converged()[:top].all():
            return False
        opened = self._opened[-1]
        if opened == 0:
            return True
        if opened == self.steps:  # a block that has no step yet: the one before it counts, unless it is the first
            opened = self._opened[-2]
        if opened == 0:
            return False
        inner = self.off_diagonal[opened:-1]
        newest = np.diag(self.diagonal[opened:]) + np.diag(inner, 1) + np.diag(inner, -1)
        values, vectors = np.linalg.eigh(newest)
        known = np.linalg.eigvalsh(self.tridiagonal()[:opened, :opened])[::-1]
        bound = values[-1] + abs(self._betas[-1] * vectors[-1, -1])
        return bool(len(known) >= top and known[top - 1] + self._rounding() >= bound)


def _orthogonal(vector: torch.Tensor, basis: torch.Tensor) -> torch.Tensor:
    """What is left of a vector outside the span of orthonormal rows."""
    for _ in range(2):
        vector = vector - basis.T @ (basis @ vector)
    return vector
