"""CKA of networks in named flavours: of which outputs, on which inputs, by which estimate; and the distance of weights.

The flavour changes the value by tenths, so it is part of every result. Yang et al. 2021 (arXiv:2107.11228) plot the
biased CKA of softmax outputs on inputs mixed with alpha = 16.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import torch
from torch import nn

from core.landscape.similarity.cka import linear_cka, minibatch_cka
from core.training.any_networks import Copies
from core.training.ensemble import EVALUATION_ROWS
from core.training.networks import copies_of

MIXUP_ALPHA = 16.0
BATCH = 200  # rows of a batch of the minibatch estimate

Outputs = Literal["logits", "softmax"]
On = Literal["plain", "mixup"]
Estimate = Literal["biased", "debiased", "minibatch"]


@dataclass(frozen=True)
class Flavour:
    """What a CKA is of.

    Attributes:
        outputs: of the network.
        inputs: rows as they are, or pairs of rows mixed.
        estimate: biased, debiased, or debiased over batches.
    """

    outputs: Outputs
    inputs: On
    estimate: Estimate

    @property
    def name(self) -> str:
        """As tables have it, such as "softmax, mixup, biased"."""
        return f"{self.outputs}, {self.inputs}, {self.estimate}"


PAPER = Flavour("softmax", "mixup", "biased")
FLAVOURS = tuple(
    Flavour(outputs, inputs, estimate)
    for outputs in ("logits", "softmax")
    for inputs in ("plain", "mixup")
    for estimate in ("biased", "debiased", "minibatch")
)


def pairwise_cka(logits: np.ndarray, flavour: Flavour) -> list[tuple[int, int, float]]:
    """The CKA of every pair of networks.

    Args:
        logits: [networks, rows, classes], on the inputs of the flavour.
        flavour: which outputs and estimate.

    Returns:
        Numbers of both networks and the value; NaN where an output is constant or not finite.
    """
    outputs = logits.astype(np.float64)
    if flavour.outputs == "softmax":
        outputs = torch.softmax(torch.from_numpy(outputs), -1).numpy()
    found = []
    for first, second in combinations(range(len(outputs)), 2):
        x, y = outputs[first], outputs[second]
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            value = float("nan")
        elif flavour.estimate == "minibatch":
            value = minibatch_cka(zip(_parts(x), _parts(y), strict=True))
        else:
            value = linear_cka(x, y, debiased=flavour.estimate == "debiased")
        found.append((first, second, value))
    return found


def logits_of(
    module: nn.Module, weights: torch.Tensor, features: torch.Tensor, buffers: dict[str, torch.Tensor] | None = None
) -> np.ndarray:
    """Logits of R networks on the same rows in evaluation mode, [R, rows, classes].

    Args:
        module: the architecture.
        weights: [R, D].
        features: [rows, ...].
        buffers: running statistics by name, [R, ...]; None: those of the module.
    """
    copies: Copies = copies_of(module, len(weights))
    copies.buffers.update(buffers or {})
    was_training = module.training
    module.eval()
    with torch.no_grad():
        parts = [
            copies.logits(weights, part.expand(len(weights), *part.shape)) for part in features.split(EVALUATION_ROWS)
        ]
    module.train(was_training)
    return torch.cat(parts, dim=1).cpu().numpy()


def mixed(features: torch.Tensor, seed: int, alpha: float = MIXUP_ALPHA) -> torch.Tensor:
    """Each row mixed with another one: w x_i + (1 - w) x_j with w ~ Beta(alpha, alpha) of the row's own.

    Zhang et al. 2018 (arXiv:1710.09412), equation 1; only inputs are needed here.
    """
    generator = np.random.default_rng(seed)
    others = torch.from_numpy(generator.permutation(len(features))).to(features.device)
    shares = torch.from_numpy(generator.beta(alpha, alpha, len(features))).to(features)
    share = shares.view(-1, *[1] * (features.ndim - 1))
    return share * features + (1 - share) * features[others]


def l2_distances(weights: np.ndarray) -> list[tuple[int, int, float]]:
    """The distance between the parameter vectors [networks, D] of every pair."""
    vectors = weights.astype(np.float64)
    return [
        (first, second, float(np.linalg.norm(vectors[first] - vectors[second])))
        for first, second in combinations(range(len(vectors)), 2)
    ]


def _parts(rows: np.ndarray) -> Sequence[np.ndarray]:
    return np.array_split(rows, max(1, round(len(rows) / BATCH)))
