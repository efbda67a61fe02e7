"""The error of a metric that has no value for its input."""

from __future__ import annotations

from core.calibration.metrics.arrays import Array, Value, namespace


class Undefined(ValueError):
    """The metric isn't defined here (no wrong answers, one sample, ...); the message is the reason."""


def where_defined(known: Array, value: Value, reason: str) -> Value:
    """The value of one model; of many, NaN where it isn't known.

    Raises:
        Undefined: of one model, it isn't.
    """
    xp = namespace(value)
    if known.ndim:
        return xp.where(known, value, xp.nan)
    if not known:
        raise Undefined(reason)
    return value
