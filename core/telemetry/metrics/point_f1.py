"""F1 of single rows, never without what an alarm on every row would get."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.telemetry.metrics.inputs import as_alarms, as_labels


@dataclass(frozen=True)
class PointF1:
    """F1 over rows.

    Attributes:
        f1: 2 TP / (2 TP + FP + FN).
        everywhere: F1 of an alarm on every row, 2 b / (1 + b) at the base rate b: a detector has to beat this.
    """

    f1: float
    everywhere: float


def point_f1(labels: np.ndarray, alarms: np.ndarray) -> PointF1:
    """F1 of alarms whose threshold was chosen without the labels.

    No threshold is searched here, and no event is credited in full for one alarm in it: both make a random detector
    look good (Kim et al. 2022, arXiv 2109.05257).

    Args:
        labels: [rows] bool or 0 and 1.
        alarms: [rows] bool or 0 and 1.

    Raises:
        BadInput: labels, alarms or sizes that can't be used.
        Undefined: no event, or nothing but events.
    """
    events = as_labels(labels)
    raised = as_alarms(alarms, events.size)
    rate = float(events.mean())
    return PointF1(float(2 * (events & raised).sum() / (events.sum() + raised.sum())), 2 * rate / (1 + rate))
