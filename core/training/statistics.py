"""Running statistics of batch normalisation, computed anew for given weights."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from core.training.ensemble import EVALUATION_ROWS
from core.training.networks import Copies

_Normalisation = nn.modules.batchnorm._BatchNorm
MEAN, VARIANCE = "running_mean", "running_var"


def recompute_statistics(module: nn.Module, copies: Copies, weights: torch.Tensor, features: torch.Tensor) -> None:
    """Replaces the running means and variances of R copies by those of their activations on given rows.

    The statistics of an average of two networks are not the average of theirs. Large inputs are passed through in parts of
    equal size; their means are averaged, and the variance is that within parts plus that between them.
    Copies without batch normalisation stay as they are; the module does too.

    Args:
        module: that the copies are of.
        copies: of it.
        weights: [R, D].
        features: [rows, ...], all of them count alike.
    """
    if not any(isinstance(part, _Normalisation) and part.running_mean is not None for part in module.modules()):
        return
    parts = features.tensor_split(math.ceil(len(features) / EVALUATION_ROWS))
    seen: list[dict[str, torch.Tensor]] = []
    with torch.no_grad(), _forgetting(module):
        for part in parts:
            copies.logits(weights, part.expand(weights.shape[0], *part.shape))
            seen.append({name: one.clone() for name, one in copies.buffers.items() if one.is_floating_point()})
    shares = [len(part) / len(features) for part in parts]
    pooled = {name: _mean([one[name] for one in seen], shares) for name in seen[0]}
    for name, mean in list(pooled.items()):
        if name.endswith(MEAN):
            between = _mean([(one[name] - mean).square() for one in seen], shares)
            variance = name.removesuffix(MEAN) + VARIANCE
            pooled[variance] = pooled[variance] + between
    copies.buffers.update(pooled)


def _mean(values: list[torch.Tensor], shares: list[float]) -> torch.Tensor:
    return torch.stack([share * value for value, share in zip(values, shares, strict=True)]).sum(0)


@contextmanager
def _forgetting(module: nn.Module) -> Iterator[None]:
    """In this block normalisation uses the statistics of the batch and remembers the last batch alone; nothing else is
    in training mode, so dropout stays off."""
    was = {part: (part.training, getattr(part, "momentum", None)) for part in module.modules()}
    module.eval()
    for part in was:
        if isinstance(part, _Normalisation):
            part.training, part.momentum = True, 1.0
    try:
        yield
    finally:
        for part, (training, momentum) in was.items():
            part.training = training
            if isinstance(part, _Normalisation):
                part.momentum = momentum
