"""Temperature scaling: one number T divides all logits; it minimises the negative log-likelihood.

Guo et al. 2017, arXiv 1706.04599, section 4.2. With beta = 1/T the mean NLL

    f(beta) = mean_i [log sum_k exp(beta z_ik) - beta z_iy],

is convex, with f' = mean_i (E_p z - z_y) and f'' = mean_i Var_p z, p = softmax(beta z). At the root of f' the mean
gap between the largest and the expected logit equals that of the label's logit; the log of their ratio is close to a
straight line in log beta, so Newton's method on it, kept within a shrinking bracket, needs a handful of passes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.calibration.metrics.arrays import Array, namespace
from core.calibration.predictions import row_blocks
from core.calibration.repair.recalibrator import Recalibrator
from core.calibration.repair.scores import check_fit_rows
from core.errors import BadInput

LOWEST, HIGHEST = 1e-4, 1e4  # bounds of T
TOLERANCE = 1e-7  # of log T; a Newton step this small leaves an error of its square
MAX_PASSES = 100
NEVER = 1e300  # the gap of a class that is ruled out: its weight is zero, and zero times this is zero


@dataclass(frozen=True)
class TemperatureFit:
    """The optimal temperature and how sure it is.

    Attributes:
        temperature: T, within `LOWEST` and `HIGHEST`.
        standard_error: of T, from the second derivative of the likelihood; NaN at a bound.
        optimum: "inside", or the bound that T was stopped at: "zero" (every row is right, so sharper is always
            better) or "infinity" (the logits tell nothing or the opposite of the truth).
        passes: evaluations of the derivatives.
        impossible: rows whose own class has logit -inf: no temperature helps them, and they are left out.
    """

    temperature: float
    standard_error: float
    optimum: Literal["inside", "zero", "infinity"]
    passes: int
    impossible: int

    @property
    def scale(self) -> float:
        """What to divide logits by before a fit of several coefficients: T, or 1 where T lies at a bound."""
        return self.temperature if self.optimum == "inside" else 1.0

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader must know of this fit."""
        found: tuple[str, ...] = ()
        if self.optimum == "zero":
            found += (
                f"The likelihood rises all the way to T = 0 (every fit row is right); T stops at {LOWEST:g}, "
                "so hand in more or harder val rows.",
            )
        if self.optimum == "infinity":
            found += (
                f"The likelihood rises all the way to T = infinity (the logits tell nothing of the labels, or the "
                f"opposite); T stops at {HIGHEST:g}: check that the labels belong to these rows.",
            )
        if self.impossible:
            found += (
                f"{self.impossible:,} fit rows give their own class probability zero; no temperature helps them.",
            )
        return found


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature that minimises the negative log-likelihood, in float64.

    Args:
        logits: [n, K] logits or log-probabilities; -inf is a class that is ruled out.
        labels: [n] integers in 0..K-1.

    Returns:
        T, within 1e-4 and 1e4; `find_temperature` says whether a bound was met, and the standard error.

    Raises:
        BadInput: There are no rows, or the shapes don't fit.
    """
    return find_temperature(logits, labels).temperature


def fit(scores: np.ndarray, labels: np.ndarray) -> Recalibrator:
    """Temperature scaling as a recalibrator."""
    found = find_temperature(scores, labels)
    return Recalibrator(
        "temperature", "temperature", np.shape(scores)[1], {"temperature": found.temperature}, found.notes
    )


def find_temperature(logits: np.ndarray, labels: np.ndarray) -> TemperatureFit:
    """The optimal temperature with its standard error and whether it lies at a bound.

    Raises:
        BadInput: There are no rows, the shapes don't fit, or every row rules its own class out.
    """
    logits, labels = np.asarray(logits), np.asarray(labels)
    check_fit_rows(logits, labels)
    own = np.take_along_axis(logits, labels[:, None].astype(np.int64), axis=1)
    possible = np.isfinite(own[:, 0])
    impossible = int((~possible).sum())
    if not possible.any():
        raise nothing_possible(impossible)
    if impossible:
        logits, own = logits[possible], own[possible]
    gaps, target, indifferent = _gaps(logits, own)
    solved = solve(lambda beta: _moments(gaps, float(beta)), np.float64(target), np.bool_(0 < target < indifferent))
    return fitted(solved, target, indifferent, gaps.shape[1], impossible)


def nothing_possible(rows: int) -> BadInput:
    """The refusal of fit rows none of which gives its own class a chance."""
    return BadInput(
        f"Fit part: all {rows:,} rows give their own class probability zero, so no repair can be fitted; check that the "
        "labels belong to these rows."
    )


def _gaps(logits: np.ndarray, own: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Distances [K, n] of each logit below its row's largest, and the means over rows of two of them: that of the
    label, and that of a class drawn at random among those that aren't ruled out.
    """
    gaps = np.empty(logits.shape[::-1], dtype=np.float64)
    of_label = of_any = 0.0
    for rows in row_blocks(*logits.shape):
        block = logits[rows].astype(np.float64)
        highest = block.max(axis=1, keepdims=True)
        np.subtract(highest, block, out=block)
        finite = np.isfinite(block)
        of_label += float((highest - own[rows]).sum())
        of_any += float((block.sum(axis=1, where=finite) / finite.sum(axis=1)).sum())
        gaps[:, rows] = np.minimum(block, NEVER, out=block).T
    return gaps, of_label / len(logits), of_any / len(logits)


def solve(moments: Callable[[Array], tuple[Array, Array]], target: Array, sought: Array) -> tuple[Array, Array, Array]:
    """Solves log(mean E_p gap / target) = 0 for log beta by Newton's method within a bracket, for one model or many.

    Args:
        moments: beta -> mean over rows of the expectation and of the variance of the gap.
        target: [...] mean gap of the label.
        sought: [...] whether there is a root; where there is none, nothing is solved.

    Returns:
        log beta, the variance at the last pass, and the number of passes, all [...].
    """
    xp = namespace(target)
    position, passes, curvature = xp.zeros_like(target), xp.zeros_like(target), xp.full_like(target, xp.nan)
    low, high = xp.full_like(target, -np.log(HIGHEST)), xp.full_like(target, -np.log(LOWEST))
    for _ in range(MAX_PASSES):
        if not sought.any():
            break
        beta = xp.exp(position)
        mean, spread = moments(beta)
        curvature, passes = xp.where(sought, spread, curvature), passes + sought
        rises = target > mean  # f'(beta) = z_y below the top minus what is expected; rises with beta
        low, high = xp.where(rises, low, position), xp.where(rises, position, high)
        usable = sought & (mean > 0) & (spread > 0)
        mean, spread, wanted = (xp.where(usable, value, 1.0) for value in (mean, spread, target))
        proposal = position + xp.log(mean / wanted) * mean / (beta * spread)
        inside = usable & (low < proposal) & (proposal < high)
        proposal = xp.where(sought, xp.where(inside, proposal, (low + high) / 2), position)
        sought = sought & (abs(proposal - position) >= TOLERANCE)
        position = proposal
    return position, curvature, passes


def fitted(
    solved: tuple[float, float, float], target: float, indifferent: float, rows: int, impossible: int
) -> TemperatureFit:
    """The fit of one model from what `solve` found over its rows.

    Args:
        solved: log beta, variance and passes.
        target: mean gap of the label.
        indifferent: mean gap of a class drawn at random.
        rows: that were fitted on.
        impossible: rows that were left out.
    """
    position, curvature, passes = float(solved[0]), float(solved[1]), int(solved[2])
    if indifferent <= target:
        return TemperatureFit(HIGHEST, np.nan, "infinity", 0, impossible)
    if target == 0:
        return TemperatureFit(LOWEST, np.nan, "zero", 0, impossible)
    temperature = float(np.exp(-position))
    if temperature <= LOWEST * (1 + 1e-6):
        return TemperatureFit(LOWEST, np.nan, "zero", passes, impossible)
    if temperature >= HIGHEST * (1 - 1e-6):
        return TemperatureFit(HIGHEST, np.nan, "infinity", passes, impossible)
    error = temperature**2 / np.sqrt(rows * curvature)  # dT = T^2 d(beta)
    return TemperatureFit(temperature, float(error), "inside", passes, impossible)


def _moments(gaps: np.ndarray, beta: float) -> tuple[float, float]:
    """Mean over rows of the expectation and of the variance of the gap under softmax(-beta gap)."""
    classes, n = gaps.shape
    first = second = 0.0
    for columns in row_blocks(n, 8 * classes):  # small blocks stay in the cache
        block = gaps[:, columns]
        weights = np.exp(block * -beta)
        total = weights.sum(axis=0)
        weights *= block
        mean = weights.sum(axis=0) / total
        weights *= block
        first += float(mean.sum())
        second += float((weights.sum(axis=0) / total - mean**2).sum())
    return first / n, second / n
