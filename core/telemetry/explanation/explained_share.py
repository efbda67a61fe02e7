"""How much of an event the covariates explain when they have not seen it: the figure that says whether to trust SHAP.

A model that was fitted on an event explains it well whatever the cause: trees find some covariate that was unusual at
the time. So each event is predicted by a model that was fitted without the blocks of time in which it lies. What
recurs elsewhere (a mode that always warms this sensor) is then still predicted, what is in the sensor alone is not.
"""

from __future__ import annotations

import numpy as np

NOT_EXPLAINED = 0.1  # explained shares below it: "no covariate explains this"


def held_out_rows(rows: int, start: int, end: int, margin: int, blocks: int) -> slice:
    """The contiguous blocks of time that an event touches, which its model must not have seen.

    Args:
        rows: of the grid.
        start: first row of the event.
        end: last row of the event.
        margin: rows around it that belong to it too, since the score is smoothed.
        blocks: equally long ones that the whole time is cut into.
    """
    edges = np.linspace(0, rows, blocks + 1).astype(int)
    first = int(np.searchsorted(edges, max(start - margin, 0), side="right")) - 1
    last = int(np.searchsorted(edges, min(end + margin, rows - 1), side="right")) - 1
    return slice(int(edges[first]), int(edges[last + 1]))


def explained_share(target: np.ndarray, predicted: np.ndarray) -> float:
    """1 - sum (t - p)^2 / sum t^2 over the rows around an event's peak.

    1: all of it is predicted; 0: none, as by a prediction of zero; below 0: worse than zero. NaN without a target.

    >>> explained_share(np.array([3.0, 4.0]), np.array([3.0, 2.0]))
    0.84
    """
    known = ~np.isnan(target)
    energy = float((target[known] ** 2).sum())
    return 1.0 - float(((target[known] - predicted[known]) ** 2).sum()) / energy if energy > 0 else float("nan")


def window(peak: int, reach: int, rows: int) -> slice:
    """The rows up to `reach` away from a peak, as far as there are any."""
    return slice(max(peak - reach, 0), min(peak + reach + 1, rows))
