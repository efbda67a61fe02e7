"""Area under the risk-coverage curve."""

from __future__ import annotations

import numpy as np

from core.calibration.metrics.pairs import Pairs


def aurc(pairs: Pairs) -> float:
    """AURC = mean over m of the error rate among the m most confident samples.

    Geifman et al. 2019 (arXiv 1805.08206), equation 2. Within a group of equal confidences the errors are spread
    evenly, which is the expectation over the order of the rows.

    Args:
        pairs: [n] sorted confidences and outcomes.
    """
    n = pairs.n
    cuts = n - pairs.tie_cuts[::-1]  # most confident first
    errors = (n - pairs.cumulative_outcomes[n]) - (pairs.tie_cuts - pairs.cumulative_outcomes[pairs.tie_cuts])[::-1]
    covered = np.arange(1, n + 1)
    return float((np.interp(covered, cuts, errors) / covered).mean())
