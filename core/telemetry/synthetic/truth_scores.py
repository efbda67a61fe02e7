"""How well a pipeline found and explained the planted events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.telemetry.grid import Grid

TOP = 3  # detections of each parameter that count
MARGIN_SECONDS = 3600.0  # before and after an event, within which a detection meets it
NOTICEABLE = 0.05  # K: an event with less effect on a parameter is none there
BLANKED_SECONDS = 12 * 3600.0  # around each detection of the baseline


@dataclass(frozen=True)
class TruthScores:
    """Scores against the planted events.

    Attributes:
        recall: share of the events whose own parameter has a detection that meets it (recall@3).
        precision: share of the detections that meet any event with more than 0.05 K effect on their parameter
            (precision@3).
        hit_1: share of the caused events that were found whose cause, or a proxy of it, is named first.
        hit_3: the same among the first three.
        share_auroc: how well the explained share tells caused events from faults of the sensor alone: the probability
            that a caused one has the larger share.
        found: one row an event: event, parameter, kind, found, rank (of the detection; 0: not found), place (of the
            cause or its best proxy among the covariates; 0: unknown or no cause), explained_share.

    A score is None where nothing can be said: no detection, or no caused event found.
    """

    recall: float | None
    precision: float | None
    hit_1: float | None
    hit_3: float | None
    share_auroc: float | None
    found: pd.DataFrame


def score_truth(
    truth: pd.DataFrame,
    effects: np.ndarray,
    parameters: Sequence[str],
    step: float,
    events: pd.DataFrame,
    attributions: pd.DataFrame | None = None,
    order: str = "order",
) -> TruthScores:
    """Scores detections and their explanations.

    A detection meets an event where its peak lies between an hour before the start and an hour after the end.

    Args:
        truth: of the synthetic spacecraft.
        effects: [events, parameters] K.
        parameters: in the order of `effects`.
        step: seconds between two rows.
        events: detections: parameter, rank (1: strongest), peak_row, and explained_share where it is known. Ranks
            above 3 are left out.
        attributions: parameter, rank, covariate and their place in the explanation of that detection; None: only
            recall and precision are scored.
        order: the column of `attributions` that has the place (1: first).
    """
    margin = round(MARGIN_SECONDS / step)
    counted = events[events["rank"] <= TOP]
    by_parameter = {name: part.sort_values("rank") for name, part in counted.groupby("parameter")}
    places = {} if attributions is None else dict(list(attributions.groupby(["parameter", "rank"])))
    lines = []
    for event in truth.to_dict("records"):
        own = by_parameter.get(event["parameter"], counted.iloc[:0])
        met = own[own.peak_row.between(event["start_row"] - margin, event["end_row"] + margin)]
        line = {**{key: event[key] for key in ("event", "parameter", "kind")}, "found": len(met) > 0}
        line |= {"rank": 0, "place": 0, "explained_share": np.nan}
        if len(met):
            first = met.iloc[0]
            explained = places.get((event["parameter"], first["rank"]))
            line["rank"] = int(first["rank"])
            line["place"] = _place(explained, event["cause"], event["proxies"], order)
            line["explained_share"] = float(first.get("explained_share", np.nan))
        lines.append(line)
    found = pd.DataFrame(lines)
    named = found[(found.place > 0)].place
    return TruthScores(
        recall=_share(found.found),
        precision=_share(_justified(truth, effects, parameters, margin, counted)),
        hit_1=_share(named == 1),
        hit_3=_share(named <= 3),
        share_auroc=_separation(found),
        found=found,
    )


def difference_detections(
    grid: Grid, parameters: Sequence[str], from_row: int, seconds: float = 3600.0, top: int = TOP
) -> pd.DataFrame:
    """The baseline that a pipeline must beat: the largest |y(t) - y(t - 1 h)| of each parameter.

    Args:
        grid: the telemetry.
        parameters: whose changes are looked at.
        from_row: first row that counts; the training part has no events.
        seconds: over which the change is taken.
        top: how many; 12 hours around each are left out for the next.

    Returns:
        parameter, rank, peak_row, as `score_truth` takes them.
    """
    lag, blank = grid.rows_in(seconds), grid.rows_in(BLANKED_SECONDS)
    lines = []
    for name in parameters:
        values = grid.column(name)
        change = np.full(grid.rows, np.nan)
        change[lag:] = np.abs(values[lag:] - values[:-lag])
        change[:from_row] = np.nan
        change = np.nan_to_num(change, nan=-np.inf)
        for rank in range(1, top + 1):
            peak = int(change.argmax())
            if change[peak] == -np.inf:
                break
            lines.append((name, rank, peak))
            change[max(0, peak - blank) : peak + blank + 1] = -np.inf
    return pd.DataFrame(lines, columns=["parameter", "rank", "peak_row"])


def _place(explained: pd.DataFrame | None, cause: str, proxies: str, order: str) -> int:
    """Place of the cause or of its best proxy; 0 for an event without a cause, or one that nobody explained."""
    if explained is None or not cause:
        return 0
    own = explained[explained.covariate.isin([cause, *proxies.split(",")])][order].dropna()
    return int(own.min()) if len(own) else len(explained) + 1


def _justified(
    truth: pd.DataFrame, effects: np.ndarray, parameters: Sequence[str], margin: int, detections: pd.DataFrame
) -> np.ndarray:
    """[detections] bool: whether the peak lies in any event that its parameter feels."""
    starts, ends = truth.start_row.to_numpy() - margin, truth.end_row.to_numpy() + margin
    columns = [list(parameters).index(name) for name in detections.parameter]
    peaks = detections.peak_row.to_numpy()
    within = (starts[:, None] <= peaks) & (peaks <= ends[:, None])  # [events, detections]
    return np.any(within & (effects[:, columns] > NOTICEABLE), axis=0)


def _separation(found: pd.DataFrame) -> float | None:
    """Mann-Whitney: how often a caused event has the larger explained share, ties counting half."""
    known = found[found.explained_share.notna()]
    caused = known[known.kind == "caused"].explained_share.to_numpy()
    alone = known[known.kind == "sensor_only"].explained_share.to_numpy()
    if not len(caused) or not len(alone):
        return None
    above = caused[:, None] - alone[None, :]
    return float(np.mean((above > 0) + 0.5 * (above == 0)))


def _share(flags: pd.Series | np.ndarray) -> float | None:
    return float(np.mean(flags)) if len(flags) else None
