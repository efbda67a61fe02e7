"""AUROC of the confidence."""

from __future__ import annotations

from core.calibration.metrics.arrays import Value, take
from core.calibration.metrics.pairs import Pairs
from core.calibration.metrics.undefined import where_defined


def auroc(pairs: Pairs) -> Value:
    """Probability that a right answer has a higher confidence than a wrong one; ties count one half.

    Hendrycks and Gimpel 2017 (arXiv 1610.02136): the refinement that a calibration error doesn't see.

    Args:
        pairs: [..., n] sorted confidences and outcomes.

    Raises:
        Undefined: All answers are right, or all are wrong.
    """
    wrong_before_ties, wrong_with_ties = (at - take(pairs.cumulative_outcomes, at) for at in pairs.ties)
    right = pairs.outcomes.sum(-1)
    couples = right * (pairs.n - right)
    won = (pairs.outcomes * (wrong_before_ties + wrong_with_ties)).sum(-1) / 2
    every = "every answer is " + ("wrong" if pairs.outcomes[..., 0].max() == 0 else "right")
    return where_defined(couples > 0, won / couples.clip(min=1), f"{every}, so there is nothing to tell apart")
