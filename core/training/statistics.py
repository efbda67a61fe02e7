"""Running statistics of batch normalisation, computed anew for given weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from core.training.ensemble import EVALUATION_ROWS
from core.training.networks import Copies

_Normalisation = nn.modules.batchnorm._BatchNorm


def recompute_statistics(module: nn.Module, copies: Copies, weights: torch.Tensor, features: torch.Tensor) -> None:
    """Replaces the running means and variances of R copies by those of their activations on given rows.

    Large inputs are passed through in parts whose statistics are averaged, as torch's cumulative average does.
    Copies without batch normalisation stay as they are; the module does too.

    Args:
        module: that the copies are of.
        copies: of it.
        weights: [R, D].
        features: [rows, ...], all of them count alike.
    """
    if not any(isinstance(part, _Normalisation) and part.running_mean is not None for part in module.modules()):
        return
    totals: dict[str, torch.Tensor] = {}
    with torch.no_grad(), _forgetting(module):
        for part in features.split(EVALUATION_ROWS):
            copies.logits(weights, part.expand(weights.shape[0], *part.shape))
            share = len(part) / len(features)
            for name, buffer in copies.buffers.items():
                if buffer.is_floating_point():
                    totals[name] = totals.get(name, 0) + share * buffer
    copies.buffers.update(totals)


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
