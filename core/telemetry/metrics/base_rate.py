"""The share of labelled rows: what a random score gets as its area under precision and recall."""

from __future__ import annotations

import numpy as np

from core.telemetry.metrics.inputs import as_labels


def base_rate(labels: np.ndarray) -> float:
    """Share of the rows that are labelled as events.

    Args:
        labels: [rows] bool or 0 and 1.

    Raises:
        BadInput: labels that can't be used.
        Undefined: no event, or nothing but events.
    """
    return float(as_labels(labels).mean())
