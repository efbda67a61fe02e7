"""A module and a criterion as the function of parameters and batch that curvature is measured of."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Literal

import torch
from torch import nn
from torch.func import functional_call
from torch.nn.modules.batchnorm import _BatchNorm

from core.errors import BadInput
from core.landscape.curvature.batches import Batch

Mode = Literal["eval", "batch statistics"]
MODES: tuple[Mode, ...] = ("eval", "batch statistics")


class ModuleLoss:
    """(parameters, batch) -> criterion(module(features), labels), the mean over a batch (features, labels).

    In mode "eval" batch normalisation uses its running statistics, in mode "batch statistics" those of the batch at
    hand, through which derivatives flow. Dropout is off in both. The module itself stays as it is: a copy that shares
    its tensors is evaluated, on copies of its buffers.
    """

    def __init__(
        self, module: nn.Module, criterion: Callable[[torch.Tensor, torch.Tensor], torch.Tensor], mode: Mode
    ) -> None:
        """As `module_loss`."""
        tensors = [*module.parameters(), *module.buffers()]
        self.mode = mode
        self._criterion = criterion
        self._module = copy.deepcopy(module, {id(tensor): tensor for tensor in tensors}).eval()
        if mode == "batch statistics":
            for part in self._module.modules():
                if isinstance(part, _BatchNorm):
                    part.train()

    def __call__(self, parameters: dict[str, torch.Tensor], batch: Batch) -> torch.Tensor:
        """The loss of one batch (features, labels)."""
        features, labels = batch
        buffers = {name: buffer.clone() for name, buffer in self._module.named_buffers()}
        return self._criterion(functional_call(self._module, {**parameters, **buffers}, (features,)), labels)


def module_loss(
    module: nn.Module,
    criterion: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = nn.functional.cross_entropy,
    mode: Mode = "eval",
) -> tuple[ModuleLoss, dict[str, torch.Tensor]]:
    """What `hessian_spectrum` takes, from a module.

    Args:
        module: features -> outputs.
        criterion: (outputs, labels) -> mean over the batch.
        mode: what batch normalisation uses, "eval" or "batch statistics".

    Returns:
        the loss, and the module's trainable parameters by name (tied ones once).

    Raises:
        BadInput: an unknown mode.
    """
    if mode not in MODES:
        raise BadInput(f"mode is {mode!r}; {' or '.join(MODES)} is expected.")
    parameters = {name: value.detach() for name, value in module.named_parameters() if value.requires_grad}
    return ModuleLoss(module, criterion, mode), parameters
