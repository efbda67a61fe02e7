"""The battery of many models at once, on any device that torch has.

The definitions are those of one model: `Pairs` of tensors [models, n] go through the same functions. Only the classwise
errors are had in another way than in `cwce` and `cwce_em`, whose shortcuts save a processor from sorting with indices:
here each class is one more row of `Pairs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.calibration.conventions import Rules
from core.calibration.metrics.battery import CONFIDENCE_METRICS, binned_rows
from core.calibration.metrics.cuts import equal_mass_cuts, equal_width_cuts
from core.calibration.metrics.ece import ece
from core.calibration.metrics.nll import precision
from core.calibration.metrics.pairs import sorted_pairs, top_label
from core.calibration.predictions import Predictions

if TYPE_CHECKING:
    import torch

BATCH_VALUES = 1 << 22  # values (models x rows x classes) at once: about 0.5 GB where classes are sorted
MOST_TOGETHER = 256  # models at once: each has grids of 32,768 points, whatever its rows


@dataclass(frozen=True, eq=False)
class Batch:
    """Predictions of several models, for as many samples and classes each.

    Attributes:
        logits: [m, n, K] float64, None where only probabilities are known.
        probabilities: [m, n, K] float64.
        labels: [m, n] int64.
        eps: precision of the probabilities that the input gave, which scikit-learn clips at.
    """

    logits: torch.Tensor | None
    probabilities: torch.Tensor
    labels: torch.Tensor
    eps: float

    @property
    def n(self) -> int:
        """Number of samples of each model."""
        return self.labels.shape[1]

    @property
    def classes(self) -> int:
        """Number of classes K."""
        return self.probabilities.shape[2]

    @cached_property
    def predicted(self) -> torch.Tensor:
        """[m, n] the class of the largest probability; the first one in a tie, which argmax of torch does not promise."""
        import torch

        position = torch.arange(self.classes, device=self.labels.device)
        return torch.where(self.probabilities == self.confidence[..., None], position, self.classes).amin(-1)

    @cached_property
    def confidence(self) -> torch.Tensor:
        """[m, n] the largest probability of each row."""
        return self.probabilities.amax(-1)

    @cached_property
    def correct(self) -> torch.Tensor:
        """[m, n] whether the predicted class is the label."""
        return self.predicted == self.labels

    @property
    def scores(self) -> torch.Tensor:
        """[m, n, K] logits; log-probabilities where no logits are known."""
        return self.probabilities.log() if self.logits is None else self.logits

    def own(self, values: torch.Tensor) -> torch.Tensor:
        """[m, n] those of values [m, n, K] that belong to the labels."""
        return values.gather(-1, self.labels[..., None])[..., 0]

    def rows(self, index: torch.Tensor) -> Batch:
        """The same predictions at the given rows [m, k] of each model."""
        wide = index[..., None].expand(-1, -1, self.classes)
        logits = None if self.logits is None else self.logits.gather(1, wide)
        return Batch(logits, self.probabilities.gather(1, wide), self.labels.gather(1, index), self.eps)

    def cooled(self, temperatures: torch.Tensor) -> Batch:
        """The same predictions with their scores divided by the temperature [m] of each model."""
        logits = self.scores / temperatures[:, None, None]
        return Batch(logits, logits.softmax(-1), self.labels, float(np.finfo(np.float64).eps))


def batch_of(models: Sequence[Predictions], device: str) -> Batch:
    """Several models on a device; all of the same numbers of rows and classes, and with or without logits."""
    import torch

    def stacked(arrays: list[np.ndarray]) -> torch.Tensor:
        return torch.as_tensor(np.stack(arrays), device=device)

    logits = [model.logits for model in models if model.logits is not None]
    return Batch(
        stacked(logits).double() if logits else None,
        stacked([model.probabilities for model in models]),
        stacked([model.labels for model in models]),
        precision(models[0]),
    )


def battery_of_batch(batch: Batch, bins: Sequence[int], rules: Rules) -> dict[tuple[str, int | None], torch.Tensor]:
    """The values of `battery` by metric and number of bins, each [m]; NaN where a metric isn't defined.

    Args:
        batch: m models.
        bins: Numbers of bins.
        rules: Whose definitions to follow.
    """
    pairs = top_label(batch)
    values: dict[tuple[str, int | None], torch.Tensor] = {
        (name, b): value for name, b, value in binned_rows(batch, pairs, bins, rules)
    }
    values |= _classwise(batch, bins)
    values |= {(name, None): metric(pairs) for name, metric in CONFIDENCE_METRICS.items()}
    own = batch.own(batch.probabilities)
    if rules.clips_nll:
        losses = -own.clip(batch.eps, 1 - batch.eps).log()
    elif batch.logits is None:
        losses = -own.log()
    else:
        losses = batch.logits.logsumexp(-1) - batch.own(batch.logits)
    squares = batch.probabilities.square().sum(-1) + 1 - 2 * own
    scale = batch.classes if rules.brier == "mean" else 1
    return values | {("nll", None): losses.mean(-1), ("brier", None): squares.mean(-1) / scale}


def _classwise(batch: Batch, bins: Sequence[int]) -> dict[tuple[str, int | None], torch.Tensor]:
    """cwCE and cwCE_em: the mean over classes of ECE and ECE_em of the probability of that class."""
    import torch

    cuts = {"cwce": equal_width_cuts, "cwce_em": equal_mass_cuts}
    empty = batch.probabilities.new_zeros(batch.labels.shape[0])
    totals: dict[tuple[str, int | None], torch.Tensor] = {(name, b): empty for name in cuts for b in bins}
    step = max(1, BATCH_VALUES // batch.labels.numel())
    for start in range(0, batch.classes, step):
        columns = batch.probabilities[..., start : start + step].transpose(1, 2)  # [m, step, n]
        classes = torch.arange(start, start + columns.shape[1], device=columns.device)
        pairs = sorted_pairs(columns, batch.labels[:, None] == classes[:, None])
        for name, cut in cuts.items():
            for b in bins:
                totals[name, b] = totals[name, b] + ece(pairs, cut(pairs, b)).sum(-1)
    return {key: total / batch.classes for key, total in totals.items()}
