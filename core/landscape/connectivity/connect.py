"""Error and loss along paths between pairs of networks, all pairs at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import nn

from core.errors import BadInput
from core.landscape.connectivity.paths import Bezier, curve, line
from core.landscape.connectivity.values import barrier_of, mode_connectivity_of
from core.training.ensemble import Examples, Recipe, measure, train
from core.training.networks import copies_of
from core.training.optimisers import Sgd
from core.training.schedules import held_then_linear
from core.training.statistics import recompute_statistics

CURVE_PLACES, LINE_PLACES = 5, 11  # of Yang et al. 2021 and of Zhou et al. 2023 (arXiv:2305.18383)
CURVE_WEIGHT_DECAY = 5e-4  # both of Yang et al. 2021
CURVE_MOMENTUM = 0.9


@dataclass(frozen=True)
class CurveTraining:
    """How the bends of Bezier curves are trained.

    Attributes:
        epochs: passes over the training rows.
        batch_size: rows of one gradient.
        learning_rate: for the first half; then it falls to a hundredth.
    """

    epochs: int = 50
    batch_size: int = 128
    learning_rate: float = 0.01


@dataclass(frozen=True, eq=False)
class Connection:
    """What lies between R pairs of networks.

    Attributes:
        path: "bezier" or "linear".
        places: [p] from 0, the first network, to 1, the second.
        error: [R, p] training error in points, 0 to 100.
        loss: [R, p] mean training cross-entropy in nats.
    """

    path: Literal["bezier", "linear"]
    places: np.ndarray
    error: np.ndarray
    loss: np.ndarray

    @property
    def mode_connectivity(self) -> np.ndarray:
        """[R] in points of training error, sign kept; see `mode_connectivity_of`."""
        return mode_connectivity_of(self.error)

    @property
    def barrier(self) -> np.ndarray:
        """[R] of the loss, in nats; see `barrier_of`."""
        return barrier_of(self.loss, self.places)


def mode_connectivity(
    module: nn.Module,
    first: torch.Tensor,
    second: torch.Tensor,
    training: Examples,
    *,
    path: Literal["bezier", "linear"] = "bezier",
    curve_training: CurveTraining | None = None,
    places: int | None = None,
    seeds: Sequence[int] | None = None,
) -> Connection:
    """Error and loss along a path between the networks of each pair.

    The bend of a Bezier curve starts in the middle and is trained by SGD with momentum and weight decay on
    E_t L(curve(t)); statistics of batch normalisation are computed anew at every place, the ends included, so that
    all places are measured alike. Yang et al. 2021 (arXiv:2107.11228), appendix A.

    Args:
        module: the networks' architecture; its own parameters and buffers stay as they are.
        first: [R, D] trainable parameters of the first network of each pair, as `core.training.parameters.flatten`
            has them; [D] for one pair.
        second: the same of the second.
        training: rows that the networks were trained on.
        path: "bezier", or "linear" for the straight line.
        curve_training: of a Bezier curve; None for the published settings.
        places: values of t from 0 to 1 at which the path is measured; None: 5 of a curve, 11 of a line.
        seeds: of data order and t, one a pair; None: 0, 1, ...

    Raises:
        BadInput: vectors of different or wrong lengths, or values that are not finite.
    """
    first, second = torch.atleast_2d(first), torch.atleast_2d(second)
    _check(module, first, second)
    count = places or (CURVE_PLACES if path == "bezier" else LINE_PLACES)
    t = np.linspace(0, 1, count)
    if path == "linear":
        return _along(module, training, path, t, lambda place: line(first, second, place))
    bend = _bends(module, first, second, training, curve_training or CurveTraining(), seeds or range(len(first)))
    return _along(module, training, path, t, lambda place: curve(first, bend, second, place))


def _bends(
    module: nn.Module,
    first: torch.Tensor,
    second: torch.Tensor,
    training: Examples,
    settings: CurveTraining,
    seeds: Sequence[int],
) -> torch.Tensor:
    count = len(first)
    orders, draws = zip(*(np.random.SeedSequence(seed).generate_state(2).tolist() for seed in seeds), strict=True)
    trained = train(
        module,
        line(first, second, 0.5),
        Bezier(first, second, draws),
        [settings.learning_rate] * count,
        orders,
        training,
        training,
        Recipe(settings.epochs, settings.batch_size, Sgd(CURVE_MOMENTUM), held_then_linear),
        [CURVE_WEIGHT_DECAY] * count,
    )
    bend = trained.coordinates
    bend[torch.from_numpy(trained.diverged)] = torch.nan  # measured as NaN, never as the place where it blew up
    return bend


def _along(
    module: nn.Module,
    training: Examples,
    path: Literal["bezier", "linear"],
    places: np.ndarray,
    at: Callable[[float], torch.Tensor],
) -> Connection:
    found = []
    was_training = module.training
    module.eval()
    with torch.no_grad():
        for place in places.tolist():
            weights = at(place)
            copies = copies_of(module, len(weights))
            recompute_statistics(module, copies, weights, training.features)
            accuracy, loss = measure(copies, weights, training)
            found.append((np.where(np.isfinite(loss), 100 * (1 - accuracy), np.nan), loss))
    module.train(was_training)
    error, loss = (np.stack([pair[which] for pair in found], axis=-1) for which in (0, 1))
    return Connection(path, places, error, loss)


def _check(module: nn.Module, first: torch.Tensor, second: torch.Tensor) -> None:
    from core.training.parameters import layout_of

    size = layout_of(module).size
    if first.shape != second.shape or first.shape[1] != size:
        raise BadInput(
            f"Vectors of {tuple(first.shape)} and {tuple(second.shape)} weights came; the network has {size:,} trainable "
            "parameters, so [pairs, parameters] of both ends with as many are expected."
        )
    for name, values in (("first", first), ("second", second)):
        broken = (~values.isfinite().all(dim=1)).nonzero().flatten().tolist()
        if broken:
            raise BadInput(f"The {name} network of pair {broken[0] + 1} has weights that are not finite; leave it out.")
