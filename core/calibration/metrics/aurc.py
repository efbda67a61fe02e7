"""Area under the risk-coverage curve."""

from __future__ import annotations

import numpy as np

from core.calibration.metrics.arrays import Value, like, take
from core.calibration.metrics.pairs import Pairs


def aurc(pairs: Pairs) -> Value:
    """AURC = mean over m of the error rate among the m most confident samples.

    Geifman et al. 2019 (arXiv 1805.08206), equation 2. Within a group of equal confidences the errors are spread
    evenly, which is the expectation over the order of the rows.

    Args:
        pairs: [..., n] sorted confidences and outcomes.
    """
    first, end = pairs.ties
    wrong_before, wrong_with = (at - take(pairs.cumulative_outcomes, at) for at in (first, end))
    position = like(np.arange(pairs.n), pairs.scores)  # the samples from here on are the m most confident
    above = pairs.n - pairs.outcomes.sum(-1)[..., None] - wrong_with
    within = (wrong_with - wrong_before) * (end - position) / (end - first)
    return ((above + within) / (pairs.n - position)).mean(-1)
