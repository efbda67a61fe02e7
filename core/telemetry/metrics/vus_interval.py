"""How far the VUS depends on which events happened to occur: a bootstrap over events."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.telemetry.metrics.events import runs
from core.telemetry.metrics.inputs import as_labels, as_scores
from core.telemetry.metrics.range_areas import VusDefinition
from core.telemetry.metrics.range_tally import Tally, sample_thresholds, tally
from core.telemetry.metrics.undefined import Undefined
from core.telemetry.metrics.vus import checked_window, definition_of, refuse_constant

MOST_UNITS = 200
_AT_ONCE = 50  # resamples whose counts are in memory together


@dataclass(frozen=True)
class VusInterval:
    """Percentile interval of both volumes.

    Attributes:
        pr: low and high end of VUS-PR.
        roc: low and high end of VUS-ROC.
        level: the share of the resamples that lies between them.
        units: how many stretches were drawn from: events, or neighbours too close to be told apart.
    """

    pr: tuple[float, float]
    roc: tuple[float, float]
    level: float
    units: int


def vus_interval(
    labels: np.ndarray,
    scores: np.ndarray,
    window: int = 100,
    definition: VusDefinition = "tsb_ad",
    resamples: int = 200,
    level: float = 0.95,
    seed: int = 0,
) -> VusInterval:
    """Bootstrap interval of the VUS over events with their surroundings.

    The series is cut in the middle between events into one stretch an event (events that grow together at the widest
    window stay in one). As many stretches as there are, are drawn with replacement, and every row counts as often as
    its stretch is drawn; slopes never reach over a cut, so the counts of the stretches simply add up. The thresholds
    stay those of the whole series. Labels and scores are taken as they are: how sure the detector's training is, or
    how right the labels are, the interval doesn't tell. With few events it is coarse.

    Args:
        labels: [rows] bool or 0 and 1.
        scores: [rows], higher = more anomalous; NaN ranks below all others.
        window: W in rows.
        definition: "tsb_ad" or "aeon".
        resamples: how often is drawn.
        level: share of the resamples inside of the interval.
        seed: of the draws.

    Raises:
        BadInput: what `vus` refuses.
        Undefined: what is undefined for `vus`, or there is one stretch only.
    """
    window = checked_window(window)
    chosen = definition_of(definition)
    events = as_labels(labels)
    ranked = as_scores(scores, events.size)
    thresholds = sample_thresholds(ranked)
    refuse_constant(thresholds, definition)
    cuts = stretches(events, window)
    units = len(cuts) - 1
    if units < 2:
        raise Undefined("There is one event only, or all are close together, so how much events differ is not known.")
    of_unit = [
        tally(events[low:high], ranked[low:high], thresholds, window, chosen.delay) for low, high in pairwise(cuts)
    ]
    draws = np.random.default_rng(seed).multinomial(units, np.full(units, 1 / units), size=resamples).astype(float)
    areas = []
    for part in np.array_split(draws, -(-resamples // _AT_ONCE)):
        for resample in _resampled(of_unit, part):
            pr, roc = chosen.areas(resample)
            areas.append((pr.mean(), roc.mean()))
    low, high = np.quantile(areas, [(1 - level) / 2, (1 + level) / 2], axis=0).tolist()
    return VusInterval((low[0], high[0]), (low[1], high[1]), level, units)


def stretches(labels: np.ndarray, window: int) -> np.ndarray:
    """[units + 1] rows at which the series is cut: 0, the middles between events, the number of rows.

    Two events are apart if their slopes don't meet and a row outside of events falls to each; beyond `MOST_UNITS`
    neighbours are joined.

    Args:
        labels: [rows] bool with at least one event.
        window: W in rows.
    """
    starts, ends = runs(labels)
    between = starts[1:] - ends[:-1] - 1
    apart = between >= max(2 * (window // 2), 2)
    middles = (ends[:-1] + 1 + between // 2)[apart]
    if middles.size >= MOST_UNITS:
        middles = middles[np.linspace(0, middles.size - 1, MOST_UNITS - 1).astype(np.int64)]
    return np.concatenate([[0], middles, [labels.size]])


def _resampled(of_unit: list[Tally], draws: np.ndarray) -> list[Tally]:
    """The counts of each resample; draws [resamples, units]."""

    def added(name: str) -> np.ndarray:
        values = np.stack([np.asarray(getattr(counts, name), dtype=np.float64) for counts in of_unit])
        return (draws @ values.reshape(len(of_unit), -1)).reshape(len(draws), *values.shape[1:])

    names = ("rows", "labelled", "alarms", "hits", "slopes", "found", "widened")
    return [Tally(*fields) for fields in zip(*map(added, names), strict=True)]
