"""Means of weights and the line between two models."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from core.errors import BadInput
from core.landscape.averaging.architectures import State, check_alike


def average(states: Sequence[State], weights: Sequence[float] | None = None) -> dict[str, torch.Tensor]:
    """The weighted mean of models (Izmailov et al. 2018; Wortsman et al. 2022, model soups), taken in double precision.

    Counters and other integers are those of the first model. Running statistics of batch normalisation are averaged
    like the rest, which is not what the averaged network would measure: see `core.training.statistics`.

    Args:
        states: state dicts of one architecture.
        weights: of the models, at least 0; equal by default. They are divided by their sum.

    Raises:
        BadInput: the architectures differ (the first differing key is named), or weights don't fit.
    """
    check_alike(states)
    shares = torch.tensor([1.0] * len(states) if weights is None else list(weights), dtype=torch.float64)
    if len(shares) != len(states) or not torch.isfinite(shares).all() or (shares < 0).any() or not shares.sum() > 0:
        raise BadInput(
            f"The weights of {len(states)} models are {len(states)} numbers of at least 0, not all of them 0."
        )
    shares = shares / shares.sum()
    return {key: _mean([state[key] for state in states], shares) for key in states[0]}


def interpolate(first: State, second: State, alpha: float) -> dict[str, torch.Tensor]:
    """(1 - alpha) first + alpha second. Wortsman et al. 2022, arXiv:2109.01903 (WiSE-FT), equation 1.

    There the first is the model before fine-tuning and the second the one after; 0.5 is what they recommend where
    nothing else is known.

    Args:
        first: state dict at alpha 0.
        second: state dict of the same architecture at alpha 1.
        alpha: any number; beyond 0 and 1 the line goes on.

    Raises:
        BadInput: the architectures differ; the first differing key is named.
    """
    check_alike((first, second))
    shares = torch.tensor([1 - alpha, alpha], dtype=torch.float64)
    return {key: _mean([first[key], second[key]], shares) for key in first}


def _mean(tensors: list[torch.Tensor], shares: torch.Tensor) -> torch.Tensor:
    one = tensors[0].detach()
    if not one.is_floating_point():
        return one.clone()
    total = torch.zeros(one.shape, dtype=torch.float64, device=one.device)
    for tensor, share in zip(tensors, shares.tolist(), strict=True):
        if share:  # a model without weight leaves no trace, even where it is not finite
            total += share * tensor.detach().to(total)
    return total.to(one.dtype)
