"""What an injected event looks like: in the sensor alone, or as the answer to a covariate."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from core.errors import BadInput

Kind = Literal["step", "spike", "drift", "stuck", "noise"]
KINDS: tuple[Kind, ...] = get_args(Kind)
CAUSED_KINDS: tuple[Kind, ...] = ("step", "spike", "drift")
SPIKE_SECONDS = 1800.0  # a spike lasts no longer
SETTLED = 5.0  # time constants after which an answer counts as over


def faulty_readings(
    kind: Kind, readings: np.ndarray, size: float, spike_rows: int, rng: np.random.Generator
) -> np.ndarray:
    """What a broken sensor shows in the rows of an event.

    Args:
        kind: step: size added; spike: the same for the first `spike_rows` rows; drift: rising from 0 to size; stuck: the
            first reading plus size, whatever happens; noise: N(0, size) added.
        readings: [rows] true ones.
        size: in the units of the readings, with its sign.
        spike_rows: length of a spike.
        rng: of the noise.
    """
    if kind == "stuck":
        known = readings[~np.isnan(readings)]
        first = known[0] if len(known) else np.nan
        return np.where(np.isnan(readings), np.nan, first + size)
    if kind == "noise":
        return readings + size * rng.standard_normal(len(readings))
    return readings + size * drive(kind, len(readings), spike_rows)


def drive(kind: Kind, rows: int, spike_rows: int) -> np.ndarray:
    """[rows] from 0 to 1: how far an event is on at each of its rows.

    Raises:
        BadInput: a kind that only a sensor has.
    """
    if kind == "step":
        return np.ones(rows)
    if kind == "spike":
        return (np.arange(rows) < spike_rows).astype(float)
    if kind == "drift":
        return np.arange(1, rows + 1) / rows
    raise BadInput(
        f"An event of kind {kind} is a fault of the sensor and has no cause; leave cause empty, or choose one of "
        f"{', '.join(CAUSED_KINDS)}."
    )


def first_order_answer(driven: np.ndarray, constant: float, rows: int) -> np.ndarray:
    """[rows] answer of a first-order lag to a drive, with a largest value of 1.

    r(t) = r(t-1) e^(-1/c) + u(t) (1 - e^(-1/c)), the exact step for a drive that is held over each row.

    Args:
        driven: [rows of the event] from 0 to 1.
        constant: c, the time constant in rows; 0 answers at once.
        rows: of the answer, the rows after the event included.
    """
    from scipy.signal import lfilter

    u = np.zeros(rows)
    u[: len(driven)] = driven[:rows]
    keep = float(np.exp(-1 / constant)) if constant > 0 else 0.0
    answer = np.asarray(lfilter([1 - keep], [1, -keep], u))
    return answer / answer.max()


def answer_rows(rows: int, constant: float) -> int:
    """How many rows an event of some rows is felt for, by a target that answers with a time constant (rows)."""
    return rows + int(np.ceil(SETTLED * constant))
