"""The interaction basis of a multilayer perceptron, and what flows along it.

Bushnaq et al. 2024, arXiv:2405.10928, in its Jacobian variant. From the last layer backwards, with a the activations of
a layer less their mean: G = E[a a'] = U D U'; M = D^1/2 U' E[J' C+ C+' J] U D^1/2 = V L V', with J the Jacobian to
the next layer and C+ its basis; C = U D^-1/2 V L^1/2. In this basis features are uncorrelated with variance L, and the
Jacobian to the next basis is orthonormal on average. Directions of small D or L, which carry or influence nothing, fall
away.

Means are taken away, and biases are no feature: behind ReLUs every unit has a mean, and with means counted in, parts of a
network that share neither weight nor input would still seem to vary together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch

from core.errors import BadInput

THRESHOLD = 1e-5
ROUNDING = 1e-13  # of a mean: what is left of a constant after its mean was taken away
MOST_VALUES = 1 << 23  # of the samples' Jacobians between features that are held at once: 64 MB


@dataclass(frozen=True, eq=False)
class Section:
    """One layer: a -> activation(weight a + bias).

    Attributes:
        weight: [out, in].
        bias: [out].
        activation: by entries; the identity in the last layer.
    """

    weight: torch.Tensor
    bias: torch.Tensor
    activation: Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True, eq=False)
class Basis:
    """The basis of one layer of width d.

    Attributes:
        forward: [d, r] C: features are a C, with a the activations less their mean.
        back: [r, d] its pseudo-inverse: a, as far as it is kept, is features @ back.
        importance: [r] L, largest first; of the last layer, D.
    """

    forward: torch.Tensor
    back: torch.Tensor
    importance: torch.Tensor

    @property
    def rank(self) -> int:
        """r, the directions that are kept."""
        return len(self.importance)


@dataclass(frozen=True, eq=False)
class Interactions:
    """All layers, from the input to the outputs.

    Attributes:
        bases: one a layer.
        edges: between neighbours [r_next, r]: E[(dF_i/df_j f_j)^2], how much feature j moves feature i of the next.
    """

    bases: tuple[Basis, ...]
    edges: tuple[torch.Tensor, ...]


def interaction_basis(sections: Sequence[Section], inputs: torch.Tensor, threshold: float = THRESHOLD) -> Interactions:
    """The bases of all layers and the edges between them, in double precision.

    Edges take the Jacobian at the sample itself, not its integral along a path.

    Args:
        sections: of the network, from the input.
        inputs: [n, in].
        threshold: eigenvalues below this share of the largest fall away.

    Raises:
        BadInput: the widths of two sections don't meet.
    """
    activations = _activations(sections, inputs.double())
    centred = [_centred(layer) for layer in activations]
    values, vectors = _kept(centred[-1].T @ centred[-1] / len(inputs), threshold)
    bases = [Basis(vectors, vectors.T, values)]
    slopes = [_slopes(section, own) for section, own in zip(sections, activations[:-1], strict=True)]
    for section, slope, own in zip(reversed(sections), reversed(slopes), reversed(centred[:-1]), strict=True):
        bases.insert(0, _basis(section.weight.double(), slope, own, bases[0], threshold))
    edges = tuple(
        _edges(section.weight.double(), slope, own @ one.forward, one, two)
        for section, slope, own, (one, two) in zip(sections, slopes, centred[:-1], pairwise(bases), strict=True)
    )
    return Interactions(tuple(bases), edges)


def _activations(sections: Sequence[Section], inputs: torch.Tensor) -> list[torch.Tensor]:
    """[n, d] of each layer, from the input to the outputs."""
    found = [inputs]
    for place, section in enumerate(sections):
        if section.weight.shape[1] != found[-1].shape[1]:
            raise BadInput(
                f"Section {place + 1} takes {section.weight.shape[1]} values, but {found[-1].shape[1]} come from before it."
            )
        found.append(section.activation(_before(section, found[-1])))
    return found


def _centred(layer: torch.Tensor) -> torch.Tensor:
    """[n, d] less its mean, and exactly zero where only rounding is left."""
    mean = layer.mean(dim=0)
    rest = layer - mean
    return rest.where(rest.abs() > ROUNDING * mean.abs(), 0)


def _before(section: Section, own: torch.Tensor) -> torch.Tensor:
    """[n, out] what the activation is applied to."""
    return own @ section.weight.double().T + section.bias.double()


def _slopes(section: Section, own: torch.Tensor) -> torch.Tensor:
    """[n, out] s, so that the Jacobian of a sample is diag(s) weight."""
    with torch.enable_grad():
        before = _before(section, own).detach().requires_grad_()
        (slope,) = torch.autograd.grad(section.activation(before).sum(), before)
    return slope


def _basis(weight: torch.Tensor, slopes: torch.Tensor, own: torch.Tensor, following: Basis, threshold: float) -> Basis:
    values, vectors = _kept(own.T @ own / len(own), threshold)
    # E[J' C C' J] with J = diag(s) W is W' (C C' * E[s s']) W: no Jacobian of a sample is needed.
    pulled = weight.T @ ((following.forward @ following.forward.T) * (slopes.T @ slopes / len(own))) @ weight
    root = vectors * values.sqrt()
    importance, rotation = _kept(root.T @ pulled @ root, threshold)
    forward = (vectors / values.sqrt()) @ rotation * importance.sqrt()
    back = (rotation / importance.sqrt()).T @ root.T
    return Basis(forward, back, importance)


def _edges(weight: torch.Tensor, slopes: torch.Tensor, features: torch.Tensor, one: Basis, two: Basis) -> torch.Tensor:
    total = torch.zeros(two.rank, one.rank, dtype=weight.dtype, device=weight.device)
    back = weight @ one.back.T
    rows = max(1, MOST_VALUES // max(1, two.rank * max(one.rank, len(weight))))
    for slope, feature in zip(slopes.split(rows), features.split(rows), strict=True):
        between = (two.forward.T * slope[:, None, :]) @ back
        total += (between * feature[:, None, :]).square().sum(dim=0)
    return total / len(slopes)


def _kept(gram: torch.Tensor, threshold: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Eigenvalues, largest first, and eigenvectors in columns, without those below the threshold."""
    values, vectors = torch.linalg.eigh((gram + gram.T) / 2)
    keep = values > threshold * values.amax().clamp(min=0) if len(values) else values > 0
    return values[keep].flip(0), vectors[:, keep].flip(1)
