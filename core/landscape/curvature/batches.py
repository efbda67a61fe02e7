"""What a curvature is measured on, checked before anything is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch

from core.errors import BadInput

Batch = tuple[torch.Tensor, ...]
Parameters = Mapping[str, torch.Tensor]
Loss = Callable[[dict[str, torch.Tensor], Batch], torch.Tensor]


def check_parameters(parameters: Parameters) -> None:
    """Refuses parameters that have no Hessian.

    Raises:
        BadInput: there are none, or one is no real floating tensor, not finite, or on another device than the first.
    """
    if not parameters or not any(tensor.numel() for tensor in parameters.values()):
        raise BadInput("There are no parameters: hand in a dict of tensors, such as dict(model.named_parameters()).")
    device = next(iter(parameters.values())).device
    for name, tensor in parameters.items():
        if not tensor.is_floating_point():
            raise BadInput(
                f"Parameter {name} is of type {_plain(tensor.dtype)}, which has no derivative: leave it out, or convert "
                "it to a floating type."
            )
        if tensor.device != device:
            raise BadInput(f"Parameter {name} is on {tensor.device}, the first one on {device}: move them together.")
        if not bool(torch.isfinite(tensor).all()):
            raise BadInput(f"Parameter {name} holds values that are not finite: bring a checkpoint from before that.")


def sample_counts(batches: Sequence[Batch]) -> list[int]:
    """The number of samples of each batch.

    Raises:
        BadInput: there are no batches, one has no samples, or its tensors differ in their first dimension.
    """
    if not batches:
        raise BadInput("There are no batches: hand in a list of tuples of tensors whose first dimension is the sample.")
    counts = []
    for place, batch in enumerate(batches):
        if (
            not isinstance(batch, (tuple, list))
            or not batch
            or not all(isinstance(part, torch.Tensor) for part in batch)
        ):
            raise BadInput(f"Batch {place} is no tuple of tensors: write (features, labels).")
        lengths = {part.shape[0] if part.ndim else 0 for part in batch}
        if len(lengths) > 1:
            raise BadInput(f"The tensors of batch {place} have {sorted(lengths)} samples; one number is expected.")
        counts.append(lengths.pop())
        if not counts[-1]:
            raise BadInput(f"Batch {place} is empty: leave it out.")
    return counts


def _plain(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
