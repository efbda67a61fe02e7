"""How networks do on rows, row by row, and what an average gains over its members on the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import nn

from core.training.ensemble import EVALUATION_ROWS, Examples
from core.training.networks import copies_of
from core.training.statistics import recompute_statistics

Metric = Literal["accuracy", "loss"]
METRICS: tuple[Metric, ...] = ("accuracy", "loss")


@dataclass(frozen=True, eq=False)
class Scores:
    """What R networks make of n rows.

    Attributes:
        accuracy: [..., n] 100 where the largest logit is that of the row's class, else 0: its mean is in points.
        loss: [..., n] cross-entropy in nats.
    """

    accuracy: np.ndarray
    loss: np.ndarray

    def of(self, metric: Metric) -> np.ndarray:
        """[..., n] one of both."""
        return self.accuracy if metric == "accuracy" else self.loss

    def networks(self, chosen: int | list[int]) -> Scores:
        """Some of the networks, or one."""
        return Scores(self.accuracy[chosen], self.loss[chosen])


@dataclass(frozen=True, eq=False)
class Gain:
    """What an average gains; above 0 is better, for losses too.

    Attributes:
        value: [...] difference of the means over rows.
        standard_error: [...] of it over the rows: both sides are measured on the same ones, so that the rows'
            differences are what varies. It is what a paired bootstrap of rows tends to.
    """

    value: np.ndarray
    standard_error: np.ndarray


def gain(metric: Metric, own: np.ndarray, others: np.ndarray) -> Gain:
    """What one network gains over the mean of others, on the same rows.

    Args:
        metric: of the values.
        own: [..., n].
        others: [..., members, n].
    """
    sign = 1 if metric == "accuracy" else -1
    differences = sign * (own - others.mean(axis=-2))
    rows = differences.shape[-1]
    spread = differences.std(axis=-1, ddof=1) if rows > 1 else np.full(differences.shape[:-1], np.nan)
    return Gain(differences.mean(axis=-1), spread / np.sqrt(rows))


def best_of(members: Sequence[Scores]) -> int:
    """The number of the one with the best accuracy; of equals the one with the lowest loss."""
    return max(range(len(members)), key=lambda number: (members[number].accuracy.mean(), -members[number].loss.mean()))


def compared(average: Scores, members: Sequence[Scores], best: int) -> list[dict[str, Any]]:
    """An average beside its members on the same rows, a dictionary a metric.

    Args:
        average: of one network.
        members: of those that it is the average of.
        best: the number of the best one, which other rows told.

    Returns:
        `metric`, `value` (points of accuracy, or nats) with its `value_standard_error`, `best_member`, `mean_member`, `gain`
        over the mean member with its `standard_error`, `gain_over_best` with its `standard_error_over_best`.
    """
    table = []
    for metric in METRICS:
        own, others = average.of(metric), np.stack([member.of(metric) for member in members])
        over_mean, over_best = gain(metric, own, others), gain(metric, own, others[best : best + 1])
        table.append(
            {
                "metric": metric,
                "value": float(own.mean()),
                "value_standard_error": float(own.std(ddof=1) / np.sqrt(len(own))),
                "best_member": float(others[best].mean()),
                "mean_member": float(others.mean()),
                "gain": float(over_mean.value),
                "standard_error": float(over_mean.standard_error),
                "gain_over_best": float(over_best.value),
                "standard_error_over_best": float(over_best.standard_error),
            }
        )
    return table


def scores_of(
    module: nn.Module,
    weights: torch.Tensor,
    rows: Examples,
    *,
    statistics_from: torch.Tensor,
) -> Scores:
    """The scores of R networks on rows, in evaluation mode, with statistics of normalisation computed anew.

    Averages have no statistics of their own; members are measured likewise, so that a gain is one of weights alone.

    Args:
        module: their architecture.
        weights: [R, D].
        rows: that all of them see.
        statistics_from: features on which statistics are computed.
    """
    copies = copies_of(module, len(weights))
    was_training = module.training
    module.eval()
    with torch.no_grad():
        recompute_statistics(module, copies, weights, statistics_from)
        found = [
            copies.logits(weights, part.expand(len(weights), *part.shape))
            for part in rows.features.split(EVALUATION_ROWS)
        ]
    module.train(was_training)
    logits = torch.cat(found, dim=1)
    labels = rows.labels.expand(len(weights), -1)
    losses = nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none").view(labels.shape)
    right = logits.argmax(-1) == labels
    return Scores(100.0 * right.double().cpu().numpy(), losses.double().cpu().numpy())
