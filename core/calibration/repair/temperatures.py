"""Temperature scaling of many models at once, on any device that torch has.

The equation and Newton's method are those of `temperature`; the study's grid is that of `study_temperature`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calibration.metrics.arrays import Array
from core.calibration.repair.study_temperature import first_best
from core.calibration.repair.temperature import NEVER, TemperatureFit, fitted, nothing_possible, solve

if TYPE_CHECKING:
    import torch

    from core.calibration.metrics.batch import Batch


def find_temperatures(batch: Batch) -> list[TemperatureFit]:
    """The temperature of each model that minimises its negative log-likelihood, as `find_temperature` does.

    Args:
        batch: m models, n rows to fit on.

    Raises:
        BadInput: every row of a model rules its own class out.
    """
    gaps = batch.scores.amax(-1, keepdim=True) - batch.scores  # [m, n, K]
    of_label, finite = batch.own(gaps), gaps.isfinite()
    possible = of_label.isfinite()
    rows = possible.sum(-1)
    if not rows.all():
        raise nothing_possible(batch.n)
    of_any = gaps.where(finite, 0.0).sum(-1) / finite.sum(-1)
    gaps = gaps.clip(max=NEVER)

    def mean(values: torch.Tensor) -> torch.Tensor:
        return values.where(possible, 0.0).sum(-1) / rows

    def moments(beta: Array) -> tuple[Array, Array]:
        weights = (gaps * -beta[:, None, None]).exp()
        total = weights.sum(-1)
        weights *= gaps
        first = weights.sum(-1) / total
        weights *= gaps
        return mean(first), mean(weights.sum(-1) / total - first**2)

    target, indifferent = mean(of_label), mean(of_any)
    solved = solve(moments, target, (target > 0) & (target < indifferent))
    columns = (*solved, target, indifferent, rows)
    return [
        fitted((position, curvature, passes), aim, chance, int(count), batch.n - int(count))
        for position, curvature, passes, aim, chance, count in zip(*(c.tolist() for c in columns), strict=True)
    ]


def grid_temperatures(batch: Batch) -> np.ndarray:
    """[m] the study's temperature of each model, as `grid_temperature` finds it."""
    gaps = batch.scores - batch.scores.amax(-1, keepdim=True)
    return first_best(lambda temperature: 1 / (gaps / temperature).exp().sum(-1), batch.correct)
