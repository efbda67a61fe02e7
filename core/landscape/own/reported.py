"""The rows that averages of brought checkpoints are reported on, and those by which something is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from core.analysis import Source
from core.device import torch_device
from core.errors import BadInput
from core.landscape.own.brought import Brought, networks_of

if TYPE_CHECKING:
    from core.training.ensemble import Examples


@dataclass(frozen=True, eq=False)
class Reported:
    """Two disjoint sets of rows.

    Attributes:
        choosing: by which greedy soups, the best member and alpha are chosen.
        reported: on which everything is reported.
    """

    choosing: Examples
    reported: Examples


@lru_cache(maxsize=1)
def reported_rows(brought: Brought, held_out: Source | None, choosing_share: float, seed: int) -> Reported:
    """The held-out data in two parts, drawn at random; without such data those that the checkpoints were trained on.

    Raises:
        BadInput: held-out data of another shape or other classes, or too few rows for two parts.
    """
    import torch

    from core.training.ensemble import Examples

    rows = networks_of(brought).rows if held_out is None else _held_out(brought, held_out)
    count = len(rows.labels)
    chosen = round(choosing_share * count)
    if chosen < 1 or count - chosen < 2:
        source = held_out or brought.dataset
        raise BadInput(
            f"{source.name} has {count:,} rows; a share of {choosing_share:g} of them to choose by leaves too few on one side: at least "
            "1 to choose by and 2 to report on are needed."
        )
    order = torch.from_numpy(np.random.default_rng(seed).permutation(count))
    first, second = order[:chosen], order[chosen:]
    return Reported(
        Examples(rows.features[first], rows.labels[first]), Examples(rows.features[second], rows.labels[second])
    )


def _held_out(brought: Brought, source: Source) -> Examples:
    """Rows scaled as the training data are, their classes numbered likewise."""
    import torch

    from core.data import Split, load_dataset, scaled
    from core.training.ensemble import Examples

    training, held = load_dataset(brought.dataset, brought.target), load_dataset(source, brought.target)
    if held.X.shape[1:] != training.X.shape[1:]:
        shapes = [" x ".join(map(str, one.X.shape[1:])) for one in (held, training)]
        raise BadInput(
            f"{source.name} has samples of {shapes[0]} and {brought.dataset.name} of {shapes[1]}; held-out data have the same columns."
        )
    unknown = [name for name in held.classes if name not in training.classes]
    if unknown:
        raise BadInput(
            f"{source.name} has the class {unknown[0]!r}, which {brought.dataset.name} does not have; held-out data have the same "
            "classes."
        )
    number = np.array([training.classes.index(name) for name in held.classes])
    X, y = training.X[: brought.most_rows], training.labels()[: brought.most_rows]
    own = number[held.labels()[: brought.most_rows]]
    _, parts = scaled(Split(X, y, held.X[: brought.most_rows], own), brought.scaling)
    return Examples(torch.from_numpy(parts.X_validation.copy()), torch.from_numpy(own.astype(np.int64))).to(
        torch_device(brought.device)
    )
