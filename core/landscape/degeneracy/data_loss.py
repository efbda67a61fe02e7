"""A loss over named parameters as one over a flat vector, and its value for each sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from core.errors import BadInput
from core.landscape.curvature.batches import Batch, Loss, Parameters, check_parameters, sample_counts
from core.training.parameters import Layout

CHUNK = 256  # samples whose losses are taken at once


@dataclass(frozen=True, eq=False)
class DataLoss:
    """The loss at one point and all data.

    Attributes:
        loss: (parameters, batch) -> mean over the batch.
        layout: where each parameter lies in the flat vector.
        center: [D] the point.
        data: tensors whose first axis is the sample.
    """

    loss: Loss
    layout: Layout
    center: torch.Tensor
    data: Batch

    @property
    def samples(self) -> int:
        """n."""
        return len(self.data[0])

    def at(self, vector: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Mean loss of a batch at a vector [D]."""
        return self.loss(self.layout.views(vector), batch)

    def parts(self, size: int) -> list[Batch]:
        """The data in batches of a size; the last may be smaller."""
        return [tuple(tensor[i : i + size] for tensor in self.data) for i in range(0, self.samples, size)]

    def of_samples(self) -> torch.Tensor:
        """[n] the loss of each sample at the centre.

        Raises:
            BadInput: their mean is not the loss of a batch, or a loss is not finite.
        """
        one = torch.func.vmap(lambda batch: self.at(self.center, tuple(tensor[None] for tensor in batch)))
        with torch.no_grad():
            each = torch.cat([one(part) for part in self.parts(CHUNK)])
            some = self.at(self.center, tuple(tensor[:CHUNK] for tensor in self.data))
        if not torch.isfinite(each).all():
            row = int((~torch.isfinite(each)).to(torch.int8).argmax())
            raise BadInput(
                f"The loss of sample {row + 1} is {float(each[row])}: a finite loss is needed at the model itself."
            )
        if not torch.isclose(each[:CHUNK].mean(), some, rtol=1e-3, atol=1e-6):
            raise BadInput(
                f"The loss of a batch is {float(some):.6g}, the mean over its samples one by one {float(each[:CHUNK].mean()):.6g}: "
                "it has to be a mean over samples that do not influence each other; put batch normalisation in "
                "evaluation mode."
            )
        return each


def data_loss(loss: Loss, parameters: Parameters, batches: Sequence[Batch]) -> DataLoss:
    """Joins batches and parameters; nothing that is handed in is changed.

    Raises:
        BadInput: as `check_parameters` and `sample_counts`, or batches don't hold the same tensors.
    """
    check_parameters(parameters)
    sample_counts(batches)
    kinds = {tuple((tuple(part.shape[1:]), part.dtype) for part in batch) for batch in batches}
    if len(kinds) > 1:
        raise BadInput("The batches hold tensors of different numbers, shapes or types: samples must be alike in all.")
    layout = Layout(tuple(parameters), tuple(tuple(tensor.shape) for tensor in parameters.values()))
    center = layout.join({name: tensor.detach() for name, tensor in parameters.items()}).clone()
    return DataLoss(loss, layout, center, tuple(torch.cat(parts).detach() for parts in zip(*batches, strict=True)))
