"""Linear centered kernel alignment of two representations of the same rows."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from core.errors import BadInput

LEAST_ROWS = {False: 2, True: 4}  # of the biased and the debiased estimate
ROUNDING = 1e-12  # of a centred norm relative to the values: below, a representation counts as constant


def linear_cka(x: ArrayLike, y: ArrayLike, debiased: bool = False) -> float:
    """How alike two representations are up to rotation and scale: 1 for equal ones.

    Biased: |Y' X|_F^2 / (|X' X|_F |Y' Y|_F) of centred columns (Kornblith et al. 2019, arXiv:1905.00414, equation
    3), which rises with few rows. Debiased: the same ratio of unbiased estimates HSIC_1 (Nguyen et al. 2021,
    arXiv:2010.15327, equation 3), which may lie slightly below 0.

    Args:
        x: [rows, p]; more axes are flattened.
        y: [rows, q].
        debiased: whether the unbiased estimate is used; it needs 4 rows.

    Returns:
        The value; NaN where a representation is the same for all rows, so that it is undefined.

    Raises:
        BadInput: different or too few rows, or values that are not finite.
    """
    first, second = _checked(x, y, debiased)
    if _constant(first) or _constant(second):
        return float("nan")
    if debiased:
        return _ratio(_hsic(first, second), _hsic(first, first), _hsic(second, second))
    a, b = first - first.mean(axis=0), second - second.mean(axis=0)
    return _ratio(_cross(a, b), _cross(a, a), _cross(b, b))


def minibatch_cka(batches: Iterable[tuple[ArrayLike, ArrayLike]]) -> float:
    """Debiased CKA whose three HSIC_1 are averaged over batches first, for more rows than fit at once.

    Nguyen et al. 2021 (arXiv:2010.15327), equation 2: the value does not depend on the size of the batches on average.

    Args:
        batches: x [rows, p] and y [rows, q] of each.

    Returns:
        The value; NaN where a representation is constant in every batch.

    Raises:
        BadInput: no batch, or one that can't be used.
    """
    found = []
    constant = True
    for x, y in batches:
        first, second = _checked(x, y, debiased=True)
        constant = constant and (_constant(first) or _constant(second))
        found.append((_hsic(first, second), _hsic(first, first), _hsic(second, second)))
    if not found:
        raise BadInput("CKA: no batch came; at least one with 4 rows is expected.")
    return float("nan") if constant else _ratio(*np.mean(found, axis=0))


def _checked(x: ArrayLike, y: ArrayLike, debiased: bool) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if first.ndim == 0 or second.ndim == 0 or len(first) != len(second):
        raise BadInput(
            f"CKA: representations of shapes {first.shape} and {second.shape} came; the same rows are expected."
        )
    least = LEAST_ROWS[debiased]
    if len(first) < least:
        raise BadInput(f"CKA: {len(first)} rows came; {'debiased ' if debiased else ''}CKA needs at least {least}.")
    for name, values in (("first", first), ("second", second)):
        if not np.isfinite(values).all():
            raise BadInput(f"CKA: the {name} representation has values that are not finite; leave this network out.")
    return first.reshape(len(first), -1), second.reshape(len(second), -1)


def _constant(values: np.ndarray) -> bool:
    spread = np.ptp(values, axis=0).max(initial=0.0)
    return bool(spread <= ROUNDING * np.abs(values).max(initial=0.0))


def _ratio(cross: float, first: float, second: float) -> float:
    product = first * second
    return float(cross / np.sqrt(product)) if product > 0 else float("nan")


def _cross(x: np.ndarray, y: np.ndarray) -> float:
    """|Y' X|_F^2, by the smaller of features and rows."""
    rows = len(x)
    if x.shape[1] * y.shape[1] <= rows * rows:
        return float(np.square(y.T @ x).sum())
    return float(((x @ x.T) * (y @ y.T)).sum())


def _hsic(x: np.ndarray, y: np.ndarray) -> float:
    """HSIC_1 of linear kernels without the n x n matrices: K = X X' with a zero diagonal, L = Y Y' likewise.

    tr(K L) + (1' K 1)(1' L 1) / ((n - 1)(n - 2)) - 2 / (n - 2) 1' K L 1, divided by n (n - 3) (Song et al. 2012,
    Journal of Machine Learning Research 13, equation 5). Centring changes nothing in exact arithmetic and avoids
    cancellation.
    """
    n = len(x)
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    on_x, on_y = np.square(x).sum(axis=1), np.square(y).sum(axis=1)
    trace = _cross(x, y) - float(on_x @ on_y)
    row_x, row_y = -on_x, -on_y  # K 1 and L 1: centred rows sum to 0, the diagonal is taken away
    ones = row_x.sum() * row_y.sum() / ((n - 1) * (n - 2))
    return float((trace + ones - 2 / (n - 2) * (row_x @ row_y)) / (n * (n - 3)))
