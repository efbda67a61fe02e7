"""From single injections to the share that is found at each size, and the smallest size that is found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

WANTED = 0.9  # share from which on a size counts as found


def wilson(successes: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Score interval of a share (Wilson 1927, J. Am. Stat. Assoc. 22:209).

    >>> tuple(round(bound, 3) for bound in wilson(9, 10))
    (0.596, 0.982)
    """
    from scipy.stats import norm

    z = float(norm.ppf((1 + level) / 2))
    share, width = successes / trials, z * z / trials
    middle = (share + width / 2) / (1 + width)
    half = z * np.sqrt(share * (1 - share) / trials + width / (4 * trials)) / (1 + width)
    # at 0 and 1 the bound is 0 and 1 by the formula; the digits lost on the way must not leave the interval
    return (0.0 if successes == 0 else float(middle - half)), (1.0 if successes == trials else float(middle + half))


def power_table(injections: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """One row a kind and size.

    Args:
        injections: kind, size, size_sigma, detected and explained (bool), delay_minutes (NaN: not detected).
        level: share that each interval is meant to cover.

    Returns:
        kind, size, size_sigma, injections, detected, detected_low, detected_high, explained, explained_low,
        explained_high, median_delay_minutes. `explained` is the share of all injections that were found and rightly
        explained.
    """
    rows = []
    for (kind, size), part in injections.groupby(["kind", "size"], sort=True):
        count, found, right = len(part), int(part.detected.sum()), int(part.explained.sum())
        low, high = wilson(found, count, level)
        right_low, right_high = wilson(right, count, level)
        rows.append(
            {
                "kind": kind,
                "size": size,
                "size_sigma": float(part.size_sigma.iloc[0]),
                "injections": count,
                "detected": found / count,
                "detected_low": low,
                "detected_high": high,
                "explained": right / count,
                "explained_low": right_low,
                "explained_high": right_high,
                "median_delay_minutes": float(part.delay_minutes.median()),
            }
        )
    return pd.DataFrame(rows)


def smallest_size(sizes: Sequence[float], shares: Sequence[float], wanted: float = WANTED) -> float | None:
    """The smallest size from which on every tried size reaches the wanted share; None where the largest does not.

    Args:
        sizes: ascending.
        shares: at these sizes.
        wanted: the share.
    """
    reached = None
    for size, share in zip(reversed(sizes), reversed(shares), strict=True):
        if share < wanted:
            break
        reached = float(size)
    return reached


def size_ladder(smallest: float, largest: float, sizes: int) -> np.ndarray:
    """[sizes] from smallest to largest, each by the same factor larger than the one before."""
    return np.array([largest]) if sizes == 1 else np.geomspace(smallest, largest, sizes)
