"""The step that prunes dense networks to one density, retrains each several times, and compares the twins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis import report
from core.landscape.sweep.measure_step import pairs_of
from core.landscape.sweep.problem import Sweep, Task, task_of

if TYPE_CHECKING:
    import torch

    from core.training.ensemble import Trained

CKA_ROWS = 2000


@dataclass(frozen=True)
class Retraining:
    """How pruned networks are retrained: SGD with momentum whose rate falls to zero along half a cosine.

    Attributes:
        seeds: data orders of the twins of each pruned network.
        learning_rate: at the start.
        batch_size: rows of one gradient.
        epochs: passes over the training rows.
        momentum: of the velocity.
    """

    seeds: tuple[int, ...]
    learning_rate: float
    batch_size: int
    epochs: int
    momentum: float


def retrain_pruned(
    sweep: Sweep, weights: np.ndarray, diverged: np.ndarray, density: float, retraining: Retraining
) -> dict[str, np.ndarray]:
    """Twins of dense networks at one density: the same mask and start, different orders of the data.

    Masks are by magnitude, the same share of every layer, and stay while the rest is trained. Zhou et al. 2023
    (arXiv:2305.18383), section 3.

    Args:
        sweep: how the dense networks were trained; its width is that of all of them.
        weights: [temperatures, seeds, D] of the dense networks.
        diverged: [temperatures, seeds]; what diverged is not pruned.
        density: share of the weights of each layer that are kept.
        retraining: how.

    Returns:
        Of each dense network, [temperatures, seeds]: `train_error` and `test_error` in points, means over the twins;
        of each pair of twins, [temperatures, seeds, pairs]: `lmc`, the linear mode connectivity in points of training
        error, and `cka` of softmax outputs on the training rows, biased. NaN where a network diverged. Statistics of batch
        normalisation are computed anew at every place of a line, its ends included, and for the outputs that CKA compares;
        errors are those with the running statistics that training left.
    """
    task = task_of(sweep, sweep.width)
    places = np.argwhere(~diverged)
    shape, pairs = diverged.shape, pairs_of(len(retraining.seeds))
    found = {name: np.full(shape, np.nan) for name in ("train_error", "test_error")}
    found |= {name: np.full((*shape, len(pairs)), np.nan) for name in ("lmc", "cka")}
    if len(places):
        starts, masks = _pruned(task, weights[tuple(places.T)], density)
        twins = _retrain(sweep, task, starts, masks, retraining)
        report(0.7, "comparing twins")
        for name, values in _compare(sweep, task, twins, masks, pairs).items():
            found[name][tuple(places.T)] = values
    return found


retrain_pruned.version = 2  # type: ignore[attr-defined]  # 2: the small CNN's backward pass is written out


def _pruned(task: Task, vectors: np.ndarray, density: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Weights and masks [networks, D]; biases and scales are kept."""
    import torch

    from core.landscape.pruning.magnitude import layerwise_masks
    from core.training.parameters import layout_of

    layout = layout_of(task.module)
    starts = torch.from_numpy(vectors)
    masks = []
    for vector in starts:
        views = layout.views(vector)
        ones = {name: torch.ones_like(value) for name, value in views.items()}
        masks.append(layout.join({**ones, **layerwise_masks(views, density)}))
    mask = torch.stack(masks)
    device = task.training.features.device
    return (starts * mask).to(device), mask.to(device)


def _retrain(
    sweep: Sweep, task: Task, starts: torch.Tensor, masks: torch.Tensor, retraining: Retraining
) -> list[Trained]:
    """Of each data order the twins of all networks, one batch of networks an order."""
    from core.landscape.pruning.masked import Masked
    from core.training.ensemble import Recipe, train
    from core.training.optimisers import Sgd

    together = len(starts) if sweep.stacked else 1
    recipe = Recipe(retraining.epochs, retraining.batch_size, Sgd(retraining.momentum))
    orders = [int(np.random.SeedSequence(seed).generate_state(1)[0]) for seed in retraining.seeds]
    return [
        train(
            task.module,
            starts[place : place + together],
            Masked(masks[place : place + together]),
            [retraining.learning_rate] * len(starts[place : place + together]),
            [order] * len(starts[place : place + together]),
            task.training,
            task.validation,
            recipe,
        )
        for order in orders
        for place in range(0, len(starts), together)
    ]


def _compare(
    sweep: Sweep, task: Task, twins: Sequence[Trained], masks: torch.Tensor, pairs: Sequence[tuple[int, int]]
) -> Mapping[str, np.ndarray]:
    import torch

    from core.landscape.connectivity.connect import mode_connectivity
    from core.landscape.similarity.flavours import Flavour, logits_of, pairwise_cka
    from core.training.networks import copies_of
    from core.training.statistics import recompute_statistics

    networks = len(masks)
    seeds = sum(len(part.diverged) for part in twins) // networks

    def joined(name: str) -> np.ndarray:
        """[seeds, networks]"""
        return np.concatenate([getattr(part, name) for part in twins]).reshape(seeds, networks)

    weights = torch.cat([part.coordinates for part in twins]).view(seeds, networks, -1) * masks
    alive = ~joined("diverged")
    found = {
        "train_error": _mean(100 * (1 - joined("training_accuracy"))),
        "test_error": _mean(100 * (1 - joined("validation_accuracy"))),
        "lmc": np.full((networks, len(pairs)), np.nan),
        "cka": np.full((networks, len(pairs)), np.nan),
    }
    flavour = Flavour("softmax", "plain", "biased")
    rows = task.training.features[:CKA_ROWS]
    for number, (first, second) in enumerate(pairs):
        kept = np.flatnonzero(alive[first] & alive[second]).tolist()
        if not kept:
            continue
        groups = [kept] if sweep.stacked else [[one] for one in kept]
        for group in groups:
            line = mode_connectivity(
                task.module, weights[first, group], weights[second, group], task.training, path="linear"
            )
            found["lmc"][group, number] = line.mode_connectivity
    for network in range(networks):
        kept = np.flatnonzero(alive[:, network]).tolist()
        if len(kept) < 2:
            continue
        vectors = weights[kept, network]
        copies = copies_of(task.module, len(kept))
        recompute_statistics(task.module, copies, vectors, task.training.features)
        logits = logits_of(task.module, vectors, rows, copies.buffers)
        for first, second, value in pairwise_cka(logits, flavour):
            found["cka"][network, pairs.index((kept[first], kept[second]))] = value
    return found


def _mean(values: np.ndarray) -> np.ndarray:
    """[networks] over the twins that did not diverge."""
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), np.nan)
