"""Volume under the surface: range-based areas under the curve, averaged over the width of the tolerance."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.errors import BadInput
from core.telemetry.metrics.inputs import as_labels, as_scores
from core.telemetry.metrics.range_areas import DEFINITIONS, Definition, VusDefinition
from core.telemetry.metrics.range_tally import sample_thresholds, tally
from core.telemetry.metrics.undefined import Undefined

WIDEST = 10_000  # rows; the work grows with the square of the window


@dataclass(frozen=True)
class Vus:
    """Volumes under the surface, with the definition that they follow: the two are not interchangeable.

    Attributes:
        pr: VUS-PR, the mean of `pr_by_window`.
        roc: VUS-ROC, the mean of `roc_by_window`.
        definition: "tsb_ad" or "aeon".
        window: the widest window W, in rows.
        pr_by_window: [W + 1] area under precision and recall for w = 0 .. W; at w = 0 without tolerance.
        roc_by_window: [W + 1] the same of the ROC curve.
    """

    pr: float
    roc: float
    definition: VusDefinition
    window: int
    pr_by_window: np.ndarray = field(compare=False, repr=False)
    roc_by_window: np.ndarray = field(compare=False, repr=False)


def vus(labels: np.ndarray, scores: np.ndarray, window: int = 100, definition: VusDefinition = "tsb_ad") -> Vus:
    """VUS-PR and VUS-ROC (Paparrizos et al. 2022, PVLDB 15(11)) in the digits of TSB-AD or of aeon.

    For each w = 0 .. W the events get slopes of floor(w / 2) rows on either side, so that an alarm shortly before or
    behind an event counts in part; precision, recall and false-positive rate at 250 thresholds give two areas, and
    their mean over w is the volume. TSB-AD ("tsb_ad") grants the slopes only where there is an alarm, so that a perfect
    detector gets nearly 1; aeon ("aeon", also TimeEval) always counts them in full, and the same detector gets less.
    Costs O(n log n), and O(W^2) for the slopes whatever n is.

    Args:
        labels: [rows] bool or 0 and 1.
        scores: [rows], higher = more anomalous; rows without a score (NaN) rank below all others.
        window: W in rows, 0 or more.
        definition: "tsb_ad" (TSB-AD 1.5, `version="opt"`) or "aeon" (aeon 1.6.0).

    Raises:
        BadInput: sizes, labels, window or definition that can't be used.
        Undefined: no event, nothing but events, no score, or with "aeon" the same score everywhere: its curve would
            start at precision 1 and give a useless detector more than one half.
    """
    window = checked_window(window)
    chosen = definition_of(definition)
    events = as_labels(labels)
    ranked = as_scores(scores, events.size)
    thresholds = sample_thresholds(ranked)
    refuse_constant(thresholds, definition)
    pr, roc = chosen.areas(tally(events, ranked, thresholds, window, chosen.delay))
    return Vus(float(pr.mean()), float(roc.mean()), definition, window, pr, roc)


def checked_window(window: int) -> int:
    """The window as a whole number.

    Raises:
        BadInput: it is none, or out of bounds.
    """
    if window != int(window) or not 0 <= window <= WIDEST:
        raise BadInput(f"The window of the VUS is {window}; a whole number of rows from 0 to {WIDEST} is expected.")
    return int(window)


def definition_of(name: VusDefinition) -> Definition:
    """The definition of this name.

    Raises:
        BadInput: there is none.
    """
    if name not in DEFINITIONS:
        raise BadInput(f"There is no definition {name!r} of the VUS; choose {' or '.join(DEFINITIONS)}.")
    return DEFINITIONS[name]


def refuse_constant(thresholds: np.ndarray, definition: VusDefinition) -> None:
    """Refuses scores that are all the same where the definition has no sensible value for them.

    Raises:
        Undefined: they are, and it hasn't.
    """
    if definition == "aeon" and thresholds[0] == thresholds[-1]:
        raise Undefined("All scores are the same, for which aeon's VUS is not defined.")
