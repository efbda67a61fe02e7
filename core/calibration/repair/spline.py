"""CDF spline: the frequency of being right as the slope of a smoothed cumulative count.

Gupta et al. 2021 (ICLR, arXiv 2006.12800), section 4: with the confidences sorted, t = i / n the share of rows up to
the i-th and h(t) the number of right answers among them over n, a natural cubic spline with six knots is fitted to h
by least squares; its slope at t is the recalibrated confidence there.
"""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline

from core.calibration.repair.recalibrator import Recalibrator
from core.calibration.repair.tables import Table, of_top_label

KNOTS = 6
MOST_POINTS = 1000  # points of the stored table, evenly spread over the rows


def fit(scores: np.ndarray, labels: np.ndarray) -> Recalibrator:
    """CDF spline of the confidence in the predicted class; the other classes keep their proportions."""
    return of_top_label("spline", scores, labels, spline_table)


def spline_table(c: np.ndarray, outcomes: np.ndarray) -> Table:
    """Confidences and the slope of the spline there, within [0, 1], to interpolate between.

    Args:
        c: [n] confidences.
        outcomes: [n] 0 or 1.
    """
    order = np.argsort(c, kind="stable")
    distinct, first = np.unique(c[order], return_index=True)
    last = np.append(first[1:], len(c))  # rows up to and with each confidence
    share, right = last / len(c), np.cumsum(outcomes[order])[last - 1] / len(c)
    knots = np.linspace(0.0, 1.0, KNOTS)
    basis = CubicSpline(knots, np.eye(KNOTS), bc_type="natural")  # one column for each knot's height
    heights = np.linalg.lstsq(basis(share), right, rcond=None)[0]
    slope = np.clip(basis(share, 1) @ heights, 0.0, 1.0)
    chosen = np.unique(np.linspace(0, len(distinct) - 1, MOST_POINTS).astype(int))
    return distinct[chosen], slope[chosen]
