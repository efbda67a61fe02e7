"""Structure-aware subspaces (SAID): some of the d trained numbers scale the layers instead of mixing all parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from core.errors import BadInput
from core.training.maps import Map
from core.training.parameters import Layout


@dataclass(frozen=True)
class Layers:
    """Which parameters make up a layer, in the sense of SAID: what one lambda scales.

    Attributes:
        names: of the m layers, in the order of their first parameter.
        sizes: number of entries of each parameter tensor, in the order of the flat vector.
        layer_of: the layer of each parameter tensor, by its place in `names`.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    layer_of: tuple[int, ...]

    @property
    def count(self) -> int:
        """The number of layers, m."""
        return len(self.names)

    @property
    def parameters(self) -> tuple[int, ...]:
        """Number of parameters of each layer."""
        return tuple(
            sum(size for size, layer in zip(self.sizes, self.layer_of, strict=True) if layer == place)
            for place in range(self.count)
        )


def layers_of(layout: Layout) -> Layers:
    """Groups parameters by the names of the modules that hold them.

    A name counts up to its first number (`encoder.layer.3.output.dense.weight` belongs to `encoder.layer.3`), one
    without a number up to its first dot (`embeddings.norm.bias` belongs to `embeddings`). So a layer is a linear map
    with its bias in a chain, and a whole block in a transformer: the m of Aghajanyan et al. 2020, section 3.1.

    >>> layers_of(Layout(("layers.0.weight", "layers.0.bias", "head.weight"), ((2, 3), (2,), (4, 2)))).names
    ('layers.0', 'head')
    """
    owners = [_owner(name) for name in layout.names]
    names = tuple(dict.fromkeys(owners))
    return Layers(names, layout.sizes, tuple(names.index(owner) for owner in owners))


def _owner(name: str) -> str:
    path = name.split(".")[:-1]
    number = next((place for place, part in enumerate(path) if part.isdigit()), 0)
    return ".".join(path[: number + 1]) or name


class Said:
    """theta_i = theta0_i + lambda_layer(i) (P theta_{d-m})_i: a map from d coordinates to D weights.

    The first m coordinates of a run are its lambdas, which start at 1; the others go through P. With every lambda at
    1 it is the affine map of DID. Aghajanyan et al. 2020 (arXiv:2012.13255), section 3.1.
    """

    def __init__(self, start: torch.Tensor, linear: Map, layers: Layers) -> None:
        """Args: theta0 of each run [R, D]; P from the d - m other coordinates; the m layers."""
        self.start = start
        self.linear = linear
        self.layers = layers
        self._moved = self._scales = start.new_empty(0)

    def forward(self, coordinates: torch.Tensor) -> torch.Tensor:
        """[R, m + k] -> [R, D]."""
        lambdas, inner = coordinates[:, : self.layers.count], coordinates[:, self.layers.count :]
        self._moved = self.linear.forward(inner)
        self._scales = self._spread(lambdas)
        return torch.addcmul(self.start, self._scales, self._moved)

    def adjoint(self, gradient: torch.Tensor) -> torch.Tensor:
        """[R, D] -> [R, m + k], at the last place of `forward`."""
        along = self.linear.adjoint(gradient * self._scales)
        parts = (gradient * self._moved).split(self.layers.sizes, dim=1)
        per_tensor = torch.stack([part.sum(1) for part in parts], dim=1)
        per_layer = per_tensor.new_zeros(len(gradient), self.layers.count)
        places = torch.tensor(self.layers.layer_of, device=gradient.device)
        return torch.cat([per_layer.index_add_(1, places, per_tensor), along], dim=1)

    def keep(self, runs: torch.Tensor) -> Said:
        """Start and P of these runs."""
        return Said(self.start[runs], self.linear.keep(runs), self.layers)

    def _spread(self, lambdas: torch.Tensor) -> torch.Tensor:
        """The lambda of each weight, [R, D]."""
        tensors = lambdas[:, list(self.layers.layer_of)]
        sizes = torch.tensor(self.layers.sizes, device=lambdas.device)
        return tensors.repeat_interleave(sizes, dim=1)


def said_origin(runs: int, layers: Layers, inner: int, device: torch.device | str) -> torch.Tensor:
    """Where SAID starts, [R, m + k]: every lambda at 1, nothing moved."""
    return torch.cat([torch.ones(runs, layers.count, device=device), torch.zeros(runs, inner, device=device)], dim=1)


def inner_dimensions(subspace_dimensions: Sequence[int], layers: Layers) -> list[int]:
    """d - m of each run: what is left for P once every layer has its lambda.

    Raises:
        BadInput: d is not larger than m.
    """
    least = min(subspace_dimensions)
    if least <= layers.count:
        raise BadInput(
            f"SAID in {least:,} dimensions: the network has {layers.count} layers and each takes one dimension for its "
            f"lambda, so at least {layers.count + 1} are needed; give more, or choose DID."
        )
    return [dimension - layers.count for dimension in subspace_dimensions]
