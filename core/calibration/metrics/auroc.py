"""AUROC of the confidence."""

from __future__ import annotations

import numpy as np

from core.calibration.metrics.pairs import Pairs
from core.calibration.metrics.undefined import Undefined


def auroc(pairs: Pairs) -> float:
    """Probability that a right answer has a higher confidence than a wrong one; ties count one half.

    Hendrycks and Gimpel 2017 (arXiv 1610.02136): the refinement that a calibration error doesn't see.

    Args:
        pairs: [n] sorted confidences and outcomes.

    Raises:
        Undefined: All answers are right, or all are wrong.
    """
    right = np.diff(pairs.cumulative_outcomes[pairs.tie_cuts])
    wrong = np.diff(pairs.tie_cuts) - right
    total_right, total_wrong = right.sum(), wrong.sum()
    if total_right == 0 or total_wrong == 0:
        raise Undefined(
            f"every answer is {'wrong' if total_right == 0 else 'right'}, so there is nothing to tell apart"
        )
    wrong_below = np.cumsum(wrong) - wrong
    return float((right * (wrong_below + wrong / 2)).sum() / (total_right * total_wrong))
