"""Split conformal prediction: sets of classes that hold the true one with a stated probability.

With calibration rows that are exchangeable with the new one, the set {k: s_k <= q}, q the ceil((n + 1)(1 - alpha))-th
smallest score of the calibration rows' own classes, holds the true class with probability at least 1 - alpha. Scores:

- LAC (Sadinle, Lei and Wasserman 2019): 1 - p_k.
- APS (Romano, Sesia and Candes 2020, arXiv 2006.02544): sum of the probabilities above p_k, plus u p_k with u uniform.
- RAPS (Angelopoulos et al. 2021, arXiv 2009.14193): APS plus lambda max(rank of k - k_reg, 0).

Classes of equal probability rank in order of their number. Coverage and size are cross-fitted: the rows are cut into
two stratified halves, each half is covered with the threshold from the other, and both are counted. So no row is
covered with a threshold that it helped to set, every row counts, and rows of a repair's fit take no part at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from core.calibration.predictions import row_blocks
from core.calibration.repair.split import stratified_folds
from core.errors import BadInput

Score = Literal["lac", "aps", "raps"]
SCORES: tuple[Score, ...] = get_args(Score)
PENALTY, FREE_RANKS = 0.01, 5  # lambda and k_reg of RAPS, as in its section 3.2


@dataclass(frozen=True)
class ConformalSets:
    """Sets of one score at one level.

    Attributes:
        score: which score.
        level: 1 - alpha, the coverage that was asked for.
        threshold: q from all rows, for use on new ones; infinite when there are too few rows for the level.
        coverage: share of the rows whose set holds their class, cross-fitted.
        size: mean number of classes in a set, cross-fitted.
        empty: share of sets without any class.
    """

    score: Score
    level: float
    threshold: float
    coverage: float
    size: float
    empty: float


def conformal_sets(
    probabilities: np.ndarray, labels: np.ndarray, score: Score = "lac", level: float = 0.9, seed: int = 0
) -> ConformalSets:
    """Threshold, coverage and size of split conformal sets.

    Args:
        probabilities: [n, K] of rows that no repair was fitted on.
        labels: [n] integers in 0..K-1.
        score: `lac`, `aps` or `raps`.
        level: coverage to ask for, between 0 and 1.
        seed: of the halves and of the randomised scores.

    Raises:
        BadInput: An unknown score, a level outside 0..1, or fewer than two rows.
    """
    if score not in SCORES:
        raise BadInput(f"Conformal score: {score!r} was found; one of {', '.join(SCORES)} is expected.")
    if not 0 < level < 1:
        raise BadInput(f"Conformal level: {level:g} was found; a number between 0 and 1 is expected, such as 0.9.")
    if len(labels) < 2:
        raise BadInput(f"Conformal sets: {len(labels)} row was found; at least one for each of two halves is needed.")
    uniform = np.random.default_rng(seed).random(len(labels))
    scores = class_scores(probabilities, score, uniform)
    own = scores[np.arange(len(labels)), labels]
    folds = stratified_folds(labels, 2, seed)
    limits = np.array([threshold(own[folds != fold], level) for fold in (0, 1)])[folds]
    sizes = (scores <= limits[:, None]).sum(axis=1)
    return ConformalSets(
        score=score,
        level=level,
        threshold=threshold(own, level),
        coverage=float((own <= limits).mean()),
        size=float(sizes.mean()),
        empty=float((sizes == 0).mean()),
    )


def threshold(own_scores: np.ndarray, level: float) -> float:
    """The ceil((n + 1) level)-th smallest score of the calibration rows; infinite where that is more than n."""
    n = len(own_scores)
    rank = int(np.ceil((n + 1) * level - 1e-9))  # 1e-9: (n + 1) level is often a whole number up to rounding
    return float(np.partition(own_scores, rank - 1)[rank - 1]) if rank <= n else float("inf")


def class_scores(probabilities: np.ndarray, score: Score, uniform: np.ndarray) -> np.ndarray:
    """Score of each class of each row, [n, K]: the smaller, the sooner it enters the set.

    Args:
        probabilities: [n, K].
        score: `lac`, `aps` or `raps`.
        uniform: [n] numbers in [0, 1), one a row, for the randomised scores.
    """
    return _SCORES[score](probabilities, uniform)


def _lac(probabilities: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    return 1 - probabilities


def _aps(probabilities: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    return _ranked(probabilities, uniform, np.zeros(probabilities.shape[1]))


def _raps(probabilities: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    ranks = np.arange(1, probabilities.shape[1] + 1)
    return _ranked(probabilities, uniform, PENALTY * np.maximum(ranks - FREE_RANKS, 0))


def _ranked(probabilities: np.ndarray, uniform: np.ndarray, penalties: np.ndarray) -> np.ndarray:
    """Probability above each class, plus a random part of its own, plus the penalty of its rank [K]."""
    out = np.empty_like(probabilities)
    for rows in row_blocks(*probabilities.shape):
        order = np.argsort(-probabilities[rows], axis=1, kind="stable")
        ranked = np.take_along_axis(probabilities[rows], order, axis=1)
        above = np.cumsum(ranked, axis=1) - ranked
        np.put_along_axis(out[rows], order, above + uniform[rows, None] * ranked + penalties, axis=1)
    return out


_SCORES: dict[Score, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {"lac": _lac, "aps": _aps, "raps": _raps}
