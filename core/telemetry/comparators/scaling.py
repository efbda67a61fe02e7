"""Channels in standard deviations of the nominal rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.errors import BadInput

MOST_SIGMAS = 50.0  # a channel that hardly moves in the nominal rows would drown all others otherwise


@dataclass(frozen=True)
class Scaled:
    """Scaled channels.

    Attributes:
        values: [rows, channels] deviation from the nominal mean in nominal standard deviations, cut at `MOST_SIGMAS`;
            0 where there is no value. Channels that don't move in the nominal rows are left out.
        present: [rows, channels] where there is a value.
        nominal: [rows] rows to learn from: nominal, with at least one value.
    """

    values: np.ndarray
    present: np.ndarray
    nominal: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """[rows] rows with at least one value."""
        return np.any(self.present, axis=1)


def scaled(values: np.ndarray, nominal: np.ndarray) -> Scaled:
    """Scales by mean and standard deviation of the nominal rows, so that what happens later changes nothing before.

    A channel that is constant in the nominal rows has no scale: how large a change of it would be is not known.

    Args:
        values: [rows, channels]; NaN and infinite values are missing.
        nominal: [rows] bool.

    Raises:
        BadInput: sizes that don't match, or no channel that moves in the nominal rows.
    """
    values = np.asarray(values, dtype=np.float64)
    nominal = np.asarray(nominal, dtype=bool)
    if values.ndim != 2 or nominal.shape != values.shape[:1]:
        raise BadInput(
            f"The values have the shape {values.shape}, the nominal rows {nominal.shape}: rows and channels, and one "
            "mark a row are expected."
        )
    present = np.isfinite(values)
    known = present[nominal]
    learned = np.where(known, values[nominal], 0)
    count = np.maximum(known.sum(axis=0), 1)
    mean = learned.sum(axis=0) / count
    deviation = np.sqrt((np.where(known, learned - mean, 0) ** 2).sum(axis=0) / count)
    moving = deviation > 1e-9 * np.abs(mean)  # less is rounding
    if not moving.any():
        raise BadInput(
            f"None of the {values.shape[1]} channels moves in the {int(nominal.sum())} nominal rows, so nothing can be "
            "scaled; choose a longer nominal range."
        )
    present = present[:, moving]
    found = np.where(present, values[:, moving], mean[moving])
    found = np.clip((found - mean[moving]) / deviation[moving], -MOST_SIGMAS, MOST_SIGMAS)
    return Scaled(found, present, nominal & present.any(axis=1))
