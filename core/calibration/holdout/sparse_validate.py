"""SparseValidate: yes or no about a holdout, until it has said yes too often.

Dwork et al. 2015 (arXiv 1506.02629), section 4: whoever sees only the positions of at most B ones among m answers
has learned at most log2 of the number of such patterns, whatever was asked.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb, log2
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from core.errors import BadInput


class SparseValidate:
    """Answers any Boolean function of the holdout; silent (None) after `budget` ones or `queries` answers.

    Example:
        >>> guard = SparseValidate([0.2, 0.4], budget=1, queries=10)
        >>> [guard.query(lambda part: part.mean() > bar) for bar in (0.9, 0.1, 0.9)]
        [False, True, None]
    """

    def __init__(self, holdout: ArrayLike, budget: int, queries: int) -> None:
        """Keeps the holdout.

        Args:
            holdout: [n, ...] the guarded samples.
            budget: B, how many ones are told.
            queries: m, how many answers are given in all.

        Raises:
            BadInput: a limit below one, or more ones than queries.
        """
        if not 1 <= budget <= queries:
            raise BadInput(
                f"Budget: {budget} of {queries} queries is not accepted; 1 <= budget <= queries is expected."
            )
        self._holdout = np.asarray(holdout)
        self.budget, self.queries = budget, queries
        self.budget_left, self.queries_left = budget, queries

    def query(self, psi: Callable[[np.ndarray], Any]) -> bool | None:
        """The truth of psi for the holdout, or None once the limits are reached."""
        if self.budget_left < 1 or self.queries_left < 1:
            return None
        bit = bool(psi(self._holdout))
        self.queries_left -= 1
        self.budget_left -= bit
        return bit


def description_bits(budget: int, queries: int) -> float:
    """log2 of the number of patterns of at most B ones among m answers: how many bits can have been learned."""
    return log2(sum(comb(queries, ones) for ones in range(min(budget, queries) + 1)))


def deviation_bound(n: int, budget: int, queries: int, failure: float = 0.05) -> float:
    """How far a mean in [0, 1] over the holdout can be from its truth, for every query at once.

    Hoeffding's bound 2 exp(-2 n t^2), summed over all patterns of answers and all queries along each.

    Args:
        n: samples of the holdout.
        budget: B.
        queries: m.
        failure: probability that the bound doesn't hold.
    """
    functions = description_bits(budget, queries) * np.log(2) + np.log(queries)
    return float(np.sqrt((functions + np.log(2 / failure)) / (2 * n)))
