"""Whether chains have mixed: split R-hat and effective sample size (Vehtari et al. 2021, arXiv:1903.08008, section 3)."""

from __future__ import annotations

import numpy as np


def split_r_hat(draws: np.ndarray) -> float:
    """Potential scale reduction over the halves of the chains: 1 where all have seen the same, larger where not.

    Args:
        draws: [chains, draws].

    Returns:
        NaN for fewer than four draws, or where nothing varies.
    """
    halves = _halves(draws)
    n = halves.shape[1]
    if n < 2:
        return np.nan
    within = halves.var(axis=1, ddof=1).mean()
    between = n * halves.mean(axis=1).var(ddof=1)
    return float(np.sqrt(((n - 1) / n * within + between / n) / within)) if within > 0 else np.nan


def effective_draws(draws: np.ndarray) -> float:
    """As many independent draws would give the mean as precisely: the initial monotone sequence of Geyer 1992.

    Args:
        draws: [chains, draws].

    Returns:
        NaN for fewer than eight draws, or where nothing varies.
    """
    halves = _halves(draws)
    chains, n = halves.shape
    if n < 4 or not np.isfinite(halves).all():
        return np.nan
    covariance = _autocovariance(halves)
    within = covariance[:, 0].mean() * n / (n - 1)
    total = within * (n - 1) / n + halves.mean(axis=1).var(ddof=1)
    if not total > 0:
        return np.nan
    correlation = 1 - (within - covariance.mean(axis=0)) / total
    correlation[0] = 1.0
    pairs = correlation[: n - n % 2].reshape(-1, 2).sum(axis=1)
    positive = int(np.argmax(pairs <= 0)) if (pairs <= 0).any() else len(pairs)
    # The first pair that is not positive ends the sum, but half of it may still be: Stan counts that once.
    rest = max(float(correlation[2 * positive]), 0.0) if 2 * positive < n else 0.0
    tau = -1 + 2 * np.minimum.accumulate(pairs[:positive]).sum() + rest
    size = chains * n
    return float(size / max(tau, 1 / np.log10(size)))


def standard_error(draws: np.ndarray) -> float:
    """Of the mean over all draws: their standard deviation over the root of the effective draws."""
    return float(draws.std(ddof=1) / np.sqrt(effective_draws(draws)))


def _halves(draws: np.ndarray) -> np.ndarray:
    """[chains, draws] -> [2 chains, draws // 2]; the draw in the middle of an odd number is left out."""
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, draws.shape[1] - half :]])


def _autocovariance(chains: np.ndarray) -> np.ndarray:
    """[chains, n] -> [chains, n], divided by n at every lag."""
    n = chains.shape[1]
    spectrum = np.fft.rfft(chains - chains.mean(axis=1, keepdims=True), n=2 * n, axis=1)
    return np.fft.irfft(np.abs(spectrum) ** 2, n=2 * n, axis=1)[:, :n] / n
