"""Magnitude pruning: the weights of least absolute value are set to zero (Han et al. 2015).

A mask holds 1 where a weight is kept. Matrices and filters are pruned; biases and the scales of normalisation, which
have one axis, are kept.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch

from core.errors import BadInput


def layerwise_masks(parameters: Mapping[str, torch.Tensor], density: float) -> dict[str, torch.Tensor]:
    """Keeps the same share of every layer.

    Example:
        >>> layerwise_masks({"w": torch.tensor([[1.0, -3.0], [2.0, 0.5]])}, 0.5)["w"]
        tensor([[0., 1.],
                [1., 0.]])

    Args:
        parameters: name -> tensor of any shape.
        density: share of weights kept, above 0 and at most 1; each layer keeps the nearest whole number, at least one.

    Returns:
        A mask for each tensor with two axes or more, of its shape and kind. Of equal magnitudes the earlier is kept.

    Raises:
        BadInput: the density is out of its bounds, or nothing can be pruned.
    """
    return {
        name: _mask(tensor.abs().reshape(-1), density).view_as(tensor) for name, tensor in _pruned(parameters, density)
    }


def global_masks(parameters: Mapping[str, torch.Tensor], density: float) -> dict[str, torch.Tensor]:
    """Keeps the largest weights of the whole network; layers may lose more or less than others.

    Arguments, returned masks and refusals as in `layerwise_masks`.
    """
    pruned = _pruned(parameters, density)
    mask = _mask(torch.cat([tensor.abs().reshape(-1).double() for _, tensor in pruned]), density)
    parts = mask.split([tensor.numel() for _, tensor in pruned])
    return {name: part.view(tensor.shape).to(tensor) for (name, tensor), part in zip(pruned, parts, strict=True)}


def apply_masks(parameters: Mapping[str, torch.Tensor], masks: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The parameters with the pruned weights at zero; nothing is changed in place.

    Args:
        parameters: name -> tensor.
        masks: for some of them.
    """
    return {name: tensor * masks[name] if name in masks else tensor for name, tensor in parameters.items()}


def density_of(masks: Mapping[str, torch.Tensor]) -> float:
    """Share of the weights that the masks keep."""
    kept = sum(float(mask.sum(dtype=torch.float64)) for mask in masks.values())
    return kept / sum(mask.numel() for mask in masks.values())


def _pruned(parameters: Mapping[str, torch.Tensor], density: float) -> list[tuple[str, torch.Tensor]]:
    if not 0 < density <= 1:
        raise BadInput(f"Density is {density}; it is the share of weights kept, above 0 and at most 1.")
    pruned = [(name, tensor.detach()) for name, tensor in parameters.items() if tensor.ndim > 1]
    if not pruned:
        raise BadInput("No parameter has two axes or more: there are no weights to prune.")
    return pruned


def _mask(magnitudes: torch.Tensor, density: float) -> torch.Tensor:
    kept = max(1, round(density * len(magnitudes)))
    order = torch.sort(magnitudes, descending=True, stable=True).indices
    return torch.zeros_like(magnitudes).index_fill_(0, order[:kept], 1.0)
