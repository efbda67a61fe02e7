"""Whether the right parameters are named first."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from core.telemetry.metrics.undefined import Undefined


def hit_rate(ranked: Sequence[object], truth: Collection[object], percent: float = 100) -> float:
    """HitRate@P%: share of the true ones among the first floor(P/100 * how many are true) of a ranking.

    Su et al. 2019 (OmniAnomaly, KDD): which of many parameters make an event.

    Args:
        ranked: parameters, most suspicious first.
        truth: those that belong to the event.
        percent: P; 100 and 150 are usual.

    Raises:
        Undefined: nothing is known to be true.
    """
    true = set(truth)
    if not true:
        raise Undefined("No parameter is known to belong to the event, so none can be hit.")
    taken = int(percent * len(true) / 100)
    return len(true & set(ranked[:taken])) / len(true)


def hit_at(ranked: Sequence[object], truth: Collection[object], k: int) -> bool:
    """Hit@k: whether a true one is among the first k of a ranking.

    Args:
        ranked: covariates, most important first.
        truth: the cause, with whatever else is accepted as naming it.
        k: how many of the ranking count.

    Raises:
        Undefined: nothing is known to be true.
    """
    if not truth:
        raise Undefined("No cause is known, so none can be hit.")
    return not set(truth).isdisjoint(ranked[:k])
