"""The interaction basis of a multilayer perceptron, and what flows along it.

Bushnaq et al. 2024, arXiv:2405.10928, in its Jacobian variant. From the last layer backwards, with a the activations of
a layer and a 1 for the bias: G = E[a a'] = U D U'; M = D^1/2 U' E[J' C+ C+' J] U D^1/2 = V L V', with J the Jacobian to
the next layer and C+ its basis; C = U D^-1/2 V L^1/2. In this basis features are uncorrelated with variance L, and the
Jacobian to the next basis is orthonormal on average. Directions of small D or L, which carry or influence nothing, fall
away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch

from core.errors import BadInput

THRESHOLD = 1e-5
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
    """The basis of one layer of width d, with the 1 for the bias where a layer follows.

    Attributes:
        forward: [d + 1, r] C: features are a C.
        back: [r, d + 1] its pseudo-inverse: activations, as far as they are kept, are features @ back.
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
    last = activations[-1]
    values, vectors = _kept(last.T @ last / len(last), threshold)
    bases = [Basis(vectors, vectors.T, values)]
    for section, own in zip(reversed(sections), reversed(activations[:-1]), strict=True):
        bases.insert(0, _basis(section, own, bases[0], final=len(bases) == 1, threshold=threshold))
    edges = tuple(
        _edges(section, own, one, two, final=two is bases[-1])
        for section, own, (one, two) in zip(sections, activations[:-1], pairwise(bases), strict=True)
    )
    return Interactions(tuple(bases), edges)


def _activations(sections: Sequence[Section], inputs: torch.Tensor) -> list[torch.Tensor]:
    """[n, d + 1] of each layer, with its 1; [n, outputs] of the last."""
    found, current = list[torch.Tensor](), inputs
    for place, section in enumerate(sections):
        if section.weight.shape[1] != current.shape[1]:
            raise BadInput(
                f"Section {place + 1} takes {section.weight.shape[1]} values, but {current.shape[1]} come from before it."
            )
        found.append(torch.cat([current, torch.ones_like(current[:, :1])], dim=1))
        current = section.activation(current @ section.weight.double().T + section.bias.double())
    return [*found, current]


def _slopes(section: Section, own: torch.Tensor, folded: torch.Tensor, final: bool) -> torch.Tensor:
    """[n, rows of folded] s, so that the Jacobian of a sample is diag(s) folded; the 1 stays itself."""
    layer = folded if final else folded[:-1]
    with torch.enable_grad():
        before = (own @ layer.T).detach().requires_grad_()
        (slope,) = torch.autograd.grad(section.activation(before).sum(), before)
    return slope if final else torch.cat([slope, torch.ones_like(slope[:, :1])], dim=1)


def _folded(section: Section, final: bool) -> torch.Tensor:
    """[out (+ 1), in + 1] weight and bias in one matrix, and the row that hands on the 1."""
    folded = torch.cat([section.weight, section.bias[:, None]], dim=1).double()
    if final:
        return folded
    one = torch.zeros_like(folded[:1])
    one[0, -1] = 1
    return torch.cat([folded, one])


def _basis(section: Section, own: torch.Tensor, following: Basis, final: bool, threshold: float) -> Basis:
    values, vectors = _kept(own.T @ own / len(own), threshold)
    folded = _folded(section, final)
    slopes = _slopes(section, own, folded, final)
    # E[J' C C' J] with J = diag(s) W is W' (C C' * E[s s']) W: no Jacobian of a sample is needed.
    pulled = folded.T @ ((following.forward @ following.forward.T) * (slopes.T @ slopes / len(own))) @ folded
    root = vectors * values.sqrt()
    importance, rotation = _kept(root.T @ pulled @ root, threshold)
    forward = (vectors / values.sqrt()) @ rotation * importance.sqrt()
    back = (rotation / importance.sqrt()).T @ root.T
    return Basis(forward, back, importance)


def _edges(section: Section, own: torch.Tensor, one: Basis, two: Basis, final: bool) -> torch.Tensor:
    total = torch.zeros(two.rank, one.rank, dtype=own.dtype, device=own.device)
    folded = _folded(section, final)
    slopes, features, back = _slopes(section, own, folded, final), own @ one.forward, folded @ one.back.T
    rows = max(1, MOST_VALUES // max(1, two.rank * max(one.rank, len(folded))))
    for slope, feature in zip(slopes.split(rows), features.split(rows), strict=True):
        between = (two.forward.T * slope[:, None, :]) @ back
        total += (between * feature[:, None, :]).square().sum(dim=0)
    return total / len(own)


def _kept(gram: torch.Tensor, threshold: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Eigenvalues, largest first, and eigenvectors in columns, without those below the threshold."""
    values, vectors = torch.linalg.eigh((gram + gram.T) / 2)
    keep = values > threshold * values[-1].clamp(min=0)
    return values[keep].flip(0), vectors[:, keep].flip(1)
