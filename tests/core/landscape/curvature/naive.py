"""The Hessian as a dense matrix, by PyTorch's own functional, in float64."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from core.landscape.curvature.batches import Batch, Loss, Parameters


def dense_hessian(loss: Loss, parameters: Parameters, batches: Sequence[Batch]) -> torch.Tensor:
    """Second derivatives of the mean over all samples, [D, D], in the order of the parameters."""
    shapes = {name: tensor.shape for name, tensor in parameters.items()}
    sizes = [tensor.numel() for tensor in parameters.values()]
    samples = sum(len(batch[0]) for batch in batches)

    def value(flat: torch.Tensor) -> torch.Tensor:
        parts = flat.split(sizes)
        named = {name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}
        return sum(loss(named, batch) * (len(batch[0]) / samples) for batch in batches)

    start = torch.cat([tensor.detach().reshape(-1) for tensor in parameters.values()])
    return torch.autograd.functional.hessian(value, start, vectorize=True)
