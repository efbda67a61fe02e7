"""Where Gride does not change with the scale: the range in which a dimension means something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FLAT = 0.1  # largest over smallest estimate of a plateau, less one
LEAST_SCALES = 3  # neighbourhoods that differ by a factor of four at least
QUANTILE = 1.96


@dataclass(frozen=True)
class Plateau:
    """The longest flat part of the curve of dimension against scale.

    Attributes:
        first: n1 of its smallest scale.
        last: n1 of its largest scale.
        dimension: mean over its scales.
        low: lowest end of the 95 % intervals of its scales.
        high: highest end of them.
    """

    first: int
    last: int
    dimension: float
    low: float
    high: float


def find_plateau(orders: Sequence[float], dimensions: Sequence[float], errors: Sequence[float]) -> Plateau | None:
    """The longest run of scales whose estimates agree within 10 %; of equally long ones the flattest.

    Noise raises the small scales, curvature and boundary bend the large ones; between them, if the data are a manifold and
    the points many enough, the estimates agree (Denti et al. 2022, Scientific Reports 12:20005, section "Results"). At
    least three scales, each twice the one before, must agree. Where errors are larger than that tolerance, estimates
    that agree within two standard errors of the least certain one count as equal.

    Args:
        orders: n1 of each scale, ascending.
        dimensions: estimate at each; NaN where there is none.
        errors: standard error of each.
    """
    d, error = np.asarray(dimensions, float), np.asarray(errors, float)
    best: tuple[int, float, int, int] | None = None  # longest first, then flattest
    for start in range(len(d)):
        for stop in range(start + LEAST_SCALES, len(d) + 1):
            part = d[start:stop]
            if not np.isfinite(part).all() or part.min() <= 0:
                break
            spread = float(part.max() / part.min() - 1)
            if spread <= max(FLAT, 2 * float(np.max(error[start:stop] / part))):
                candidate = (start - stop, spread, start, stop)
                best = candidate if best is None else min(best, candidate)
    if best is None:
        return None
    _, _, start, stop = best
    part, reach = d[start:stop], QUANTILE * error[start:stop]
    return Plateau(
        first=int(orders[start]),
        last=int(orders[stop - 1]),
        dimension=float(part.mean()),
        low=float((part - reach).min()),
        high=float((part + reach).max()),
    )
