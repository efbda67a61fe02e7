"""The areas under the range-based curves, as TSB-AD and as aeon define them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.telemetry.metrics.range_tally import Tally

VusDefinition = Literal["tsb_ad", "aeon"]
Areas = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Definition:
    """One of the two volumes under the surface.

    Attributes:
        delay: by how many rows the slope behind an event is shorter than that before it.
        areas: areas under precision and recall, and under the ROC curve, [W + 1] each.
    """

    delay: int
    areas: Callable[[Tally], Areas]


def tsb_ad_areas(counts: Tally) -> Areas:
    """Areas for each window as in TSB-AD 1.5 (`RangeAUC_volume_opt`).

    With TP = hits + slopes: recall = min(TP / (P + slopes / 2), 1), the true-positive rate is recall times the share
    of widened events with an alarm, the false-positive rate (alarms - TP) / (n - P - slopes / 2). Precision and recall
    are summed in steps, the ROC curve is joined by straight lines and ends at (1, 1).

    Args:
        counts: of one series, or of a resample of it.
    """
    true = counts.hits + counts.slopes
    total = counts.labelled + counts.slopes / 2
    rate = np.minimum(true / total, 1) * _existence(counts)
    false_rate = (counts.alarms - true) / (counts.rows - total)
    precision = _precision(counts, true)
    return _pr(rate, precision), _roc(rate, false_rate)


def aeon_areas(counts: Tally) -> Areas:
    """Areas for each window as in aeon 1.6.0 and TimeEval (`range_pr_roc_auc_support`).

    The slopes count in full in the denominators, whether there is an alarm on them or not: P + (all slopes) / 2; the
    false-positive rate is cut at 1; precision and recall, from (recall 0, precision 1) on, are joined by straight lines.

    Args:
        counts: of one series, or of a resample of it.
    """
    true = counts.hits + counts.slopes
    total = counts.labelled + counts.slopes[:, -1:] / 2  # at the last threshold every row is an alarm
    rate = np.minimum(true / total, 1) * _existence(counts)
    false_rate = np.minimum((counts.alarms - true) / (counts.rows - total), 1)
    precision = _precision(counts, true)
    middle = precision.copy()
    middle[:, 0] = (1 + precision[:, 0]) / 2
    middle[:, 1:] = (precision[:, 1:] + precision[:, :-1]) / 2
    return _pr(rate, middle), _roc(rate, false_rate)


DEFINITIONS: dict[VusDefinition, Definition] = {
    "tsb_ad": Definition(0, tsb_ad_areas),
    "aeon": Definition(1, aeon_areas),
}


def _existence(counts: Tally) -> np.ndarray:
    reach = np.arange(len(counts.slopes)) // 2
    return (counts.found / counts.widened[:, None])[reach]


def _precision(counts: Tally, true: np.ndarray) -> np.ndarray:
    """1 where there is no alarm, which only a resample has."""
    return np.divide(true, counts.alarms, out=np.ones_like(true), where=counts.alarms > 0)


def _pr(rate: np.ndarray, height: np.ndarray) -> np.ndarray:
    """Sum of the steps in recall times a height; the first step starts at 0."""
    return rate[:, 0] * height[:, 0] + np.sum((rate[:, 1:] - rate[:, :-1]) * height[:, 1:], axis=1)


def _roc(rate: np.ndarray, false_rate: np.ndarray) -> np.ndarray:
    """Straight lines from (0, 0) over the points to (1, 1)."""
    start = false_rate[:, 0] * rate[:, 0] / 2
    middle = np.sum((false_rate[:, 1:] - false_rate[:, :-1]) * (rate[:, 1:] + rate[:, :-1]), axis=1) / 2
    return start + middle + (1 - false_rate[:, -1]) * (1 + rate[:, -1]) / 2
