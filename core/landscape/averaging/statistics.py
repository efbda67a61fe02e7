"""Statistics of batch normalisation, measured anew after weights were moved.

The mean of two models' running statistics is not what their mean measures; where it is used, averages look bad that are
not.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from core.errors import BadInput
from core.landscape.averaging.architectures import State


def recomputed(model: nn.Module, state: State, run: Callable[[nn.Module], Any]) -> dict[str, torch.Tensor]:
    """The state with running means and variances as its own activations have them.

    Layers normalise by the statistics of each batch meanwhile, as in training; means and variances are taken over all
    rows of all batches, so that batches of different sizes count by their rows.

    Args:
        model: of the architecture; it is left as it is.
        state: weights and buffers to start from.
        run: passes all data through the module that it is given, batch by batch.

    Raises:
        BadInput: a layer with statistics met fewer than two values a channel.
    """
    twin = deepcopy(model)
    twin.load_state_dict(dict(state))
    layers = {
        name: module
        for name, module in twin.named_modules()
        if isinstance(module, _BatchNorm) and module.track_running_stats
    }
    result = {name: tensor.detach().clone() for name, tensor in twin.state_dict().items()}
    if not layers:
        return result
    seen = {name: _Moments() for name in layers}
    twin.eval()
    for name, layer in layers.items():
        layer.train()
        layer.register_forward_pre_hook(seen[name].hook)
    with torch.no_grad():
        run(twin)
    for name, moments in seen.items():
        prefix = f"{name}." if name else ""
        mean, variance = moments.result(name)
        for key, value in (("running_mean", mean), ("running_var", variance)):
            result[prefix + key] = value.to(result[prefix + key])
        result[prefix + "num_batches_tracked"].fill_(moments.batches)
    return result


class _Moments:
    """Rows, sums and sums of squares about the first batch's mean, by channel, in double precision."""

    def __init__(self) -> None:
        self.rows = self.batches = 0
        self.origin = self.sums = self.squares = torch.zeros(0)

    def hook(self, module: nn.Module, given: tuple[torch.Tensor, ...]) -> None:
        values = given[0].detach().double().movedim(1, -1).flatten(0, -2)  # [rows, channels]
        if not self.batches:
            self.origin = values.mean(dim=0)
            self.sums, self.squares = torch.zeros_like(self.origin), torch.zeros_like(self.origin)
        moved = values - self.origin
        self.rows, self.batches = self.rows + len(values), self.batches + 1
        self.sums, self.squares = self.sums + moved.sum(dim=0), self.squares + moved.square().sum(dim=0)

    def result(self, name: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and variance; the latter over rows - 1, as torch keeps it."""
        if self.rows < 2:
            raise BadInput(f"Layer {name} met {self.rows} values a channel: its statistics need at least two.")
        mean = self.sums / self.rows
        return self.origin + mean, (self.squares - self.rows * mean**2).clamp(min=0) / (self.rows - 1)
