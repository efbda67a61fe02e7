"""One injected event: was it found, and was it rightly explained?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.telemetry.explanation.explain import explain_target
from core.telemetry.explanation.verdict import NO_COVARIATE
from core.telemetry.injection.pipeline import Alarms, Pipeline, event_row
from core.telemetry.injection.shapes import Kind, answer_rows, drive, faulty_readings, first_order_answer

MARGIN = 3600.0  # seconds before and after an event within which an alarm meets it


@dataclass(frozen=True)
class Planned:
    """The event that is injected; its place, sign and size come with each trial.

    Attributes:
        kind: of the event.
        cause: the covariate that causes it; "" where the sensor alone is at fault.
        cause_value: what the covariate is set to.
        rows: how long it lasts.
        spike_rows: how long a spike lasts.
        constant: time constant of the target's answer to a cause, in rows.
    """

    kind: Kind
    cause: str
    cause_value: float
    rows: int
    spike_rows: int
    constant: float

    @property
    def felt_rows(self) -> int:
        """How long the target feels it."""
        return answer_rows(self.rows, self.constant) if self.cause else self.rows


@dataclass(frozen=True)
class Outcome:
    """What became of an injected event.

    Attributes:
        detected: an alarm meets it.
        listed: that event is among those that mode `detect` lists.
        peak_sigma: of the event; NaN: not found.
        delay_rows: from its start to the first alarm; NaN: not found.
        explained: found and rightly explained: the cause is named first and the verdict does not deny it; or, where the
            sensor alone is at fault, the verdict is that no covariate explains it.
        named: the covariate that explains most; "" not found.
        place: of the cause among the covariates; 0: none or not found.
        explained_share: held out; NaN: not found.
        verdict: the sentence that a person would have read.
    """

    detected: bool
    listed: bool = False
    peak_sigma: float = float("nan")
    delay_rows: float = float("nan")
    explained: bool = False
    named: str = ""
    place: int = 0
    explained_share: float = float("nan")
    verdict: str = ""


def injected_columns(
    pipeline: Pipeline, event: Planned, start: int, size: float, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """The columns that an event changes: the target, and the covariate that causes it.

    Args:
        pipeline: with the telemetry.
        event: what is injected.
        start: its first row.
        size: with its sign, in the unit of the target.
        rng: of the noise.
    """
    values = pipeline.grid.column(pipeline.target).copy()
    rows = slice(start, start + event.rows)
    if not event.cause:
        values[rows] = faulty_readings(event.kind, values[rows], size, event.spike_rows, rng)
        return {pipeline.target: values}
    on = drive(event.kind, event.rows, event.spike_rows)
    felt = slice(start, start + event.felt_rows)
    values[felt] += size * first_order_answer(on, event.constant, event.felt_rows)[: len(values[felt])]
    cause = pipeline.grid.column(event.cause).copy()
    if event.cause in pipeline.grid.states:
        cause[rows] = np.where(on > 0, event.cause_value, cause[rows])
    else:
        cause[rows] += on * (event.cause_value - cause[rows])
    return {pipeline.target: values, event.cause: cause}


def try_event(pipeline: Pipeline, event: Planned, start: int, size: float, rng: np.random.Generator) -> Outcome:
    """Injects an event and asks the pipeline.

    Args:
        pipeline: fitted.
        event: what is injected.
        start: its first row.
        size: with its sign, in the unit of the target.
        rng: of the noise.
    """
    columns = injected_columns(pipeline, event, start, size, rng)
    felt = slice(start, start + event.felt_rows)
    alarms = pipeline.with_event(columns[pipeline.target], felt)
    number = _meeting(pipeline, alarms, felt)
    if number is None:
        return Outcome(False)
    peak = int(alarms.stretches.peaks[number])
    found = Outcome(
        detected=True,
        listed=number in alarms.listed,
        peak_sigma=float(alarms.signed[peak]),
        delay_rows=float(alarms.stretches.starts[number] - start),
    )
    if not pipeline.covariates:
        return found
    explanation = explain_target(
        pipeline.with_columns(columns),
        pipeline.covariates,
        alarms.signed,
        pipeline.nominal,
        event_row(pipeline.target, alarms.stretches, number),
        pipeline.responders,
        pipeline.explainer,
    )
    ranking = ranked_covariates(explanation.attributions)
    share = explanation.explained_share.iloc[0]
    words = str(share.verdict)
    place = ranking.index(event.cause) + 1 if event.cause in ranking else 0
    return replace(
        found,
        explained=place == 1 and words != NO_COVARIATE if event.cause else words == NO_COVARIATE,
        named=ranking[0],
        place=place,
        explained_share=float(share.explained_share),
        verdict=words,
    )


def ranked_covariates(attributions: pd.DataFrame) -> list[str]:
    """Names of the covariates of one event, the one that explains most first; responders are left out."""
    responder = attributions.responder.astype(bool)
    order = np.where(responder.any(), "order_without_responders", "order").item()
    own = attributions[~responder].sort_values(order)
    return [str(name) for name in own.covariate]


def _meeting(pipeline: Pipeline, alarms: Alarms, felt: slice) -> int | None:
    """Number of the largest stretch that meets the event within the margin; None where none does."""
    margin = pipeline.grid.rows_in(MARGIN)
    stretches = alarms.stretches
    meets = np.flatnonzero((stretches.ends >= felt.start - margin) & (stretches.starts < felt.stop + margin))
    if not len(meets):
        return None
    return int(meets[np.abs(alarms.signed[stretches.peaks[meets]]).argmax()])
