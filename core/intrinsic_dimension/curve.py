"""The intrinsic dimension that a grid of trainings shows, by the rule of the paper."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.errors import BadInput


def d_int90_from_curve(
    subspace_dimensions: Sequence[float],
    performances: Sequence[float],
    baseline: float,
    fraction: float = 0.9,
) -> int | None:
    """The first d of the grid whose mean performance is greater than fraction x baseline.

    Li et al. 2018 (arXiv:1804.08838), section 2; "first" and "mean over replicates" as in the authors' notebook.

    Args:
        subspace_dimensions: d of each training; replicates are repeated values; any order.
        performances: of each training. NaN (a training that diverged) counts as 0: it did not solve the task.
        baseline: performance of direct training (the own baseline), or a number fixed for a data set (the global
            one); the two can give answers that differ by a factor of three, so say which it was.
        fraction: 0.9 for d_int90, 1.0 for d_int100.

    Returns:
        d, or None where no mean passes.

    Raises:
        BadInput: no points, or two lists of different length.

    Example:
        >>> d_int90_from_curve([500, 500, 750, 750], [0.88, 0.85, 0.90, 0.91], baseline=1.0)
        750
    """
    dimensions, values = _checked("d_int90_from_curve", subspace_dimensions, performances)
    for dimension in np.unique(dimensions):
        if values[dimensions == dimension].mean() > fraction * baseline:
            return int(dimension)
    return None


def bootstrap_d_int90(
    subspace_dimensions: Sequence[float],
    performances: Sequence[float],
    baseline: float,
    fraction: float = 0.9,
    *,
    resamples: int = 100,
    seed: int = 0,
) -> np.ndarray:
    """What `d_int90_from_curve` gives when one replicate is drawn for each d, again and again.

    Li et al. 2018 (arXiv:1804.08838), whose error bars are the standard deviation of 100 such values (786 +- 66 for their
    fully connected network). It is the spread of a curve of single trainings, wider than that of the means. The
    baseline is held fixed, as theirs.

    Args:
        subspace_dimensions: as `d_int90_from_curve`.
        performances: as there.
        baseline: as there.
        fraction: as there.
        resamples: number of values.
        seed: of the draws.

    Returns:
        [resamples] float64; infinite where no mean passes.

    Raises:
        BadInput: as `d_int90_from_curve`.
    """
    dimensions, values = _checked("bootstrap_d_int90", subspace_dimensions, performances)
    grid = np.unique(dimensions)
    generator = np.random.default_rng(seed)
    drawn = np.stack([generator.choice(values[dimensions == dimension], size=resamples) for dimension in grid])
    passed = drawn > fraction * baseline
    return np.where(passed.any(0), grid[passed.argmax(0)], np.inf)


def _checked(
    name: str, subspace_dimensions: Sequence[float], performances: Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Both as arrays of one length; a training that diverged counts as 0."""
    dimensions = np.asarray(subspace_dimensions, dtype=float)
    values = np.nan_to_num(np.asarray(performances, dtype=float), nan=0.0)
    if dimensions.ndim != 1 or dimensions.shape != values.shape or len(dimensions) == 0:
        raise BadInput(
            f"{name}: {dimensions.size} subspace dimensions and {values.size} performances came; "
            "two lists of the same length, at least 1, are expected."
        )
    return dimensions, values
