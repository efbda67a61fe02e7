"""The network that is looked at: one of several that a person brought, or of several that were trained here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.device import torch_device
from core.landscape.own.brought import Brought, networks_of
from core.landscape.sweep.problem import Sweep, task_of

if TYPE_CHECKING:
    import torch
    from torch import nn

    from core.training.ensemble import Examples


@dataclass(frozen=True)
class Grown:
    """Networks that were trained here.

    Attributes:
        sweep: how; its load is the width.
        width: of the layers.
        weights: float32 [networks, D].
        buffers: running statistics by name [networks, ...].
    """

    sweep: Sweep
    width: float
    weights: np.ndarray
    buffers: Mapping[str, np.ndarray]


Origin = Brought | Grown


@dataclass(frozen=True, eq=False)
class Examined:
    """One network with the rows that it learned.

    Attributes:
        module: of its own, in evaluation mode.
        rows: on the same device.
    """

    module: nn.Module
    rows: Examples

    def first(self, rows: int) -> torch.Tensor:
        """The features of the first rows."""
        return self.rows.features[:rows]

    @property
    def parameters(self) -> dict[str, torch.Tensor]:
        """Trainable ones by name, detached."""
        return {name: tensor.detach() for name, tensor in self.module.named_parameters() if tensor.requires_grad}

    def outputs(self, parameters: dict[str, torch.Tensor], features: torch.Tensor) -> torch.Tensor:
        """[n, outputs] of the network with other parameters."""
        import torch

        found: torch.Tensor = torch.func.functional_call(self.module, parameters, (features,))
        return found


def examined(origin: Origin, place: int, device: str) -> Examined:
    """The network of a number, on a device.

    Args:
        origin: all networks.
        place: from 0.
        device: "cpu" or "gpu".

    Raises:
        BadInput: as `networks_of` and `task_of`; or there is no such device.
    """
    import copy

    import torch

    from core.training.parameters import layout_of

    place_of = torch_device(device)
    if isinstance(origin, Brought):
        networks = networks_of(origin)
        return Examined(networks.network(place).to(place_of), networks.rows.to(place_of))
    task = task_of(origin.sweep, origin.width)
    module = copy.deepcopy(task.module).to(place_of).eval()
    flat = torch.from_numpy(origin.weights[place]).to(place_of)
    buffers = {name: torch.from_numpy(values[place]) for name, values in origin.buffers.items()}
    module.load_state_dict({**layout_of(module).views(flat), **buffers}, strict=False)
    return Examined(module, task.training.to(place_of))


def names_step(brought: Brought) -> dict[str, object]:
    """`names` of the checkpoints that were brought, and `description` of their architecture.

    Raises:
        BadInput: as `networks_of`.
    """
    networks = networks_of(brought)
    return {"names": list(networks.names), "description": networks.description}
