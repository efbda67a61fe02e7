"""The trace of a symmetric operator from the products that its eigenvalues needed, and a few more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from core.landscape.curvature.lanczos import Lanczos

PLAIN = 0.5  # of the standard error with deflation: where Hutchinson's is smaller, it is taken
TOGETHER = 8  # probes that are deflated at once: bounds the memory


@dataclass(frozen=True)
class TraceParts:
    """The parts of a trace.

    Attributes:
        exact: what the Lanczos basis holds (0 without deflation), of each group of coordinates, [groups].
        samples: what each probe says of the rest, [probes, groups].
    """

    exact: np.ndarray
    samples: np.ndarray

    @property
    def total(self) -> tuple[float, float]:
        """The trace and its standard error."""
        mean, error = mean_and_error(self.samples.sum(1))
        return float(self.exact.sum() + mean), float(error)

    @property
    def groups(self) -> tuple[np.ndarray, np.ndarray]:
        """The trace of each group and its standard error, [groups] each."""
        mean, error = mean_and_error(self.samples)
        return self.exact + mean, error


class DeflatedTrace:
    """tr H = tr(Q' H Q) + tr A with A = (1 - QQ') H (1 - QQ'), the second from Rademacher probes w: E[w' A w] = tr A.

    This is Hutch++ (Meyer, Musco, Musco, Woodruff 2021, arXiv:2010.09649) whose low-rank part is the Lanczos basis Q:
    its products are there already, and a Krylov space holds more of the spectrum than a random one of equal cost
    (Chen and Hallman 2023, arXiv:2205.01736). The variance of a probe is 2 (|A|_F^2 - sum A_ii^2). Given Q the estimate
    has no bias and the probes are independent, so their spread gives the standard error. Probes are kept with their
    products: when Q grows they are deflated anew without another product.

    Without deflation the same probes are Hutchinson's estimate. It is taken instead where its standard error is less
    than half: a Hessian near a diagonal matrix has next to no variance, until deflation fills in what is off the diagonal.
    """

    def __init__(self, lanczos: Lanczos) -> None:
        self.lanczos = lanczos
        self.probes: list[torch.Tensor] = []
        self.products: list[torch.Tensor] = []
        self._plain: list[float] = []  # w'Hw
        self._norms: list[float] = []  # |Hw|^2
        # Inner products with the rows of Q, one list a probe, extended as Q grows.
        self._along: list[np.ndarray] = []
        self._against: list[np.ndarray] = []

    def add(self, probe: torch.Tensor, product: torch.Tensor) -> None:
        """Takes a probe w [D] and H w."""
        self.probes.append(probe)
        self.products.append(product)
        self._plain.append(float(torch.dot(probe, product)))
        self._norms.append(float(torch.dot(product, product)))
        self._along.append(np.zeros(0))
        self._against.append(np.zeros(0))

    def total(self) -> tuple[float, float]:
        """The trace and its standard error, from inner products alone."""
        (plain, plain_error), (deflated, error) = self._both()
        if self._plain_wins(plain_error, error):
            return plain, plain_error
        return deflated, error

    def _both(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Trace and standard error without and with deflation."""
        along, against, tridiagonal = self._coefficients()
        m = self.lanczos.steps
        inside = along[:, :m]
        plain = np.array(self._plain)
        samples = plain - 2 * (inside * against[:, :m]).sum(1) + ((inside @ tridiagonal[:m]) * inside).sum(1)
        (mean, error), (rest, rest_error) = mean_and_error(plain), mean_and_error(samples)
        return (float(mean), float(error)), (float(self.lanczos.diagonal.sum() + rest), float(rest_error))

    def _plain_wins(self, plain_error: float, error: float) -> bool:
        """Whether the probes say more without deflation."""
        return len(self.probes) > 1 and plain_error < PLAIN * error

    def energy(self) -> float:
        """|A|_F^2, the mean of |A w|^2."""
        along, against, tridiagonal = self._coefficients()
        m = self.lanczos.steps
        mapped = along[:, :m] @ tridiagonal.T  # H Q' Q w along the rows of Q
        norms = np.array(self._norms)
        outside = norms - 2 * (against * mapped).sum(1) + (mapped**2).sum(1)
        inside = against[:, :m] - mapped[:, :m]
        return float(np.mean(outside - (inside**2).sum(1)))

    def groups(self, sizes: tuple[int, ...]) -> TraceParts:
        """The trace of each group of neighbouring coordinates.

        diag(H) = diag(QQ'H + HQQ' - QQ'HQQ') + diag(A), and E[w * A w] = diag(A).

        Args:
            sizes: number of coordinates of each group; they sum to D.
        """
        (_, plain_error), (_, error) = self._both()
        if self._plain_wins(plain_error, error):
            pairs = zip(self.probes, self.products, strict=True)
            samples = [_grouped((probe * product).unsqueeze(0), sizes) for probe, product in pairs]
            return TraceParts(np.zeros(len(sizes)), np.concatenate(samples))
        basis, m = self.lanczos.basis, self.lanczos.steps
        wide = torch.as_tensor(self._extended(), dtype=basis.dtype, device=basis.device)  # [rows of the basis, m]
        inner, outer = wide[:m], basis[m:]
        known = (basis[:m] * (inner.T @ basis[:m])).sum(0)
        if len(outer):
            known = known + 2 * wide[m, m - 1] * basis[m - 1] * outer[0]
        exact = _grouped(known.unsqueeze(0), sizes)[0]
        samples = [np.zeros((0, len(sizes)))]
        for start in range(0, len(self.probes), TOGETHER):
            probes = torch.stack(self.probes[start : start + TOGETHER])
            rest = torch.stack(self.products[start : start + TOGETHER])
            rest = rest - ((probes @ basis[:m].T) @ wide.T) @ basis
            rest = rest - (rest @ basis[:m].T) @ basis[:m]
            samples.append(_grouped(probes * rest, sizes))
        return TraceParts(exact, np.concatenate(samples))

    def _extended(self) -> np.ndarray:
        """H Q_m along the rows of the basis, [rows, m]."""
        m, rows = self.lanczos.steps, len(self.lanczos.basis)
        wide = np.zeros((rows, m))
        wide[:m] = self.lanczos.tridiagonal()
        if rows > m:
            wide[m, m - 1] = self.lanczos.off_diagonal[-1]
        return wide

    def _coefficients(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Q w and Q H w, [probes, rows] each, and H Q_m along the rows."""
        basis = self.lanczos.basis
        rows = len(basis)
        for place, known in enumerate(self._along):
            if len(known) < rows:
                both = torch.stack([self.probes[place], self.products[place]], 1)
                fresh = (basis[len(known) :] @ both).double().cpu().numpy()
                self._along[place] = np.concatenate([known, fresh[:, 0]])
                self._against[place] = np.concatenate([self._against[place], fresh[:, 1]])
        return (
            np.array(self._along).reshape(-1, rows),
            np.array(self._against).reshape(-1, rows),
            self._extended(),
        )


def mean_and_error(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean over the first axis and its standard error; nought without samples."""
    count = len(samples)
    if not count:
        return np.zeros(samples.shape[1:]), np.zeros(samples.shape[1:])
    spread = samples.std(axis=0, ddof=1) if count > 1 else np.full(samples.shape[1:], np.inf)
    return samples.mean(axis=0), spread / np.sqrt(count)


def _grouped(values: torch.Tensor, sizes: tuple[int, ...]) -> np.ndarray:
    """Sums over groups of neighbouring columns, [rows, groups], in float64."""
    return np.stack([part.double().sum(1).cpu().numpy() for part in values.split(sizes, dim=1)], axis=1)
