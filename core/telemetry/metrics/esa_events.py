"""Event-wise scores of the ESA Anomaly Detection Benchmark."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.telemetry.metrics.events import runs
from core.telemetry.metrics.inputs import as_alarms, as_labels
from core.telemetry.metrics.undefined import Undefined


@dataclass(frozen=True)
class EventCounts:
    """What became of the events and of the alarms; an alarm is a run of rows.

    Kotowski et al. 2024 (arXiv 2406.17826); rows are half-open stretches of time, so shares of time are shares of rows.

    Attributes:
        found: events that at least one alarm meets.
        missed: the others.
        false_alarms: alarms that meet no event.
        redundant: for each event the alarms that meet it beyond the first, added up.
        false_rows: rows of alarms outside of the events.
        nominal_rows: rows outside of the events.
    """

    found: int
    missed: int
    false_alarms: int
    redundant: int
    false_rows: int
    nominal_rows: int

    def recall(self) -> float:
        """Share of the events that are found: found / (found + missed)."""
        return self.found / (self.found + self.missed)

    def precision(self) -> float:
        """Found / (found + false alarms), times the share of nominal time that is free of alarms.

        The second factor (Sehili and Zhang 2023, arXiv 2308.13068) keeps one alarm over everything from being perfect.

        Raises:
            Undefined: no alarm was raised.
        """
        if self.found + self.false_alarms == 0:
            raise Undefined("No alarm was raised, so none can be right.")
        return self.found / (self.found + self.false_alarms) * (1 - self.false_rows / self.nominal_rows)

    def f_beta(self, beta: float = 0.5) -> float:
        """(1 + beta^2) precision * recall / (beta^2 precision + recall); 0 where no event is found.

        Args:
            beta: below 1 precision weighs more: operators mind false alarms most.
        """
        if self.found == 0:
            return 0.0
        precision, recall = self.precision(), self.recall()
        divisor = beta**2 * precision + recall
        return (1 + beta**2) * precision * recall / divisor

    def alarming_precision(self) -> float:
        """Found / (found + redundant): 1 where each found event is announced once.

        Raises:
            Undefined: no event is found.
        """
        if self.found == 0:
            raise Undefined("No event was found, so none was announced more than once.")
        return self.found / (self.found + self.redundant)


def count_events(labels: np.ndarray, alarms: np.ndarray) -> EventCounts:
    """Counts for the event-wise scores.

    Args:
        labels: [rows] bool or 0 and 1.
        alarms: [rows] bool or 0 and 1.

    Raises:
        BadInput: labels, alarms or sizes that can't be used.
        Undefined: no event, or nothing but events.
    """
    events = as_labels(labels)
    raised = as_alarms(alarms, events.size)
    starts, ends = runs(events)
    first, last = runs(raised)
    meeting = np.searchsorted(first, ends, side="right") - np.searchsorted(last, starts)  # alarms on each event
    met = np.searchsorted(starts, last, side="right") - np.searchsorted(ends, first)  # events under each alarm
    return EventCounts(
        found=int((meeting > 0).sum()),
        missed=int((meeting == 0).sum()),
        false_alarms=int((met == 0).sum()),
        redundant=int(np.maximum(meeting - 1, 0).sum()),
        false_rows=int((raised & ~events).sum()),
        nominal_rows=int((~events).sum()),
    )
