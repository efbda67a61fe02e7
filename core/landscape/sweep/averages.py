"""What the mean of a cell's networks gains over them on validation rows, as it is and aligned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch

    from core.landscape.averaging.scores import Scores
    from core.landscape.sweep.problem import Task
    from core.training.ensemble import Examples

ALIGNMENTS = ("none", "all at once")
METRICS = ("accuracy", "loss")
QUANTITIES = (
    "value",
    "value_standard_error",
    "best_member",
    "mean_member",
    "gain",
    "standard_error",
    "gain_over_best",
    "standard_error_over_best",
)


def average_cells(
    task: Task,
    weights: np.ndarray,
    diverged: np.ndarray,
    together: bool,
) -> dict[str, np.ndarray]:
    """The mean of the networks of each cell.

    Args:
        task: the architecture and its data.
        weights: [temperatures, seeds, D].
        diverged: [temperatures, seeds]; a cell where fewer than two networks did not diverge has no mean.
        together: whether all networks are measured in one pass.

    Returns:
        `average_QUANTITY` [temperatures, alignments, metrics]: of `QUANTITIES`, `ALIGNMENTS` and `METRICS`, on validation
        rows. The best member is the one with the best training accuracy. NaN where there is no mean. `average_members`
        [temperatures]: how many networks are in it.
    """
    from core.landscape.averaging.scores import best_of, compared

    shape = (len(weights), len(ALIGNMENTS), len(METRICS))
    found = {f"average_{name}": np.full(shape, np.nan) for name in QUANTITIES}
    found["average_members"] = (~diverged).sum(axis=1)
    cells = [place for place in range(len(weights)) if (~diverged[place]).sum() > 1]
    if not cells:
        return found
    kept = [np.flatnonzero(~diverged[cell]) for cell in cells]
    members = [(cell, seed) for cell, seeds in zip(cells, kept, strict=True) for seed in seeds.tolist()]
    index = tuple(np.array(members).T)
    vectors, _ = networks_on_device(task, weights[index], {})
    training, validation = (_scores(task, vectors, rows, together) for rows in (task.training, task.validation))
    ends = np.cumsum([len(seeds) for seeds in kept])
    parts = [list(range(end - len(seeds), end)) for end, seeds in zip(ends.tolist(), kept, strict=True)]
    means = _means(task, vectors, parts)
    for alignment, mean in enumerate(means):
        averaged = _scores(task, mean, task.validation, together)
        for number, (cell, part) in enumerate(zip(cells, parts, strict=True)):
            best = best_of([training.networks(member) for member in part])
            own = [validation.networks(member) for member in part]
            for metric, values in enumerate(compared(averaged.networks(number), own, best)):
                for name in QUANTITIES:
                    found[f"average_{name}"][cell, alignment, metric] = values[name]
    return found


def average_rows(
    load: float, temperatures: Sequence[float], measured: Mapping[str, np.ndarray]
) -> list[dict[str, Any]]:
    """What `average_cells` found at a load, a row an average and metric, without cells that have no mean."""
    rows = []
    for cell, alignment, metric in np.argwhere(np.isfinite(measured["average_value"])).tolist():
        members = int(measured["average_members"][cell])
        told = {
            "load": load,
            "temperature": temperatures[cell],
            "members": members,
            "method": "mean",
            "alignment": ALIGNMENTS[alignment],
            "used": members,
            "metric": METRICS[metric],
        }
        rows.append(told | {name: float(measured[f"average_{name}"][cell, alignment, metric]) for name in QUANTITIES})
    return rows


def networks_on_device(
    task: Task, weights: np.ndarray, buffers: Mapping[str, np.ndarray]
) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """[networks, D] and their statistics as tensors beside the data."""
    import torch

    own, device = dict(task.module.named_buffers()), task.training.features.device
    state = {name: torch.from_numpy(values).to(device, own[name].dtype) for name, values in buffers.items()}
    return torch.from_numpy(weights).to(device), state


def _means(task: Task, vectors: torch.Tensor, parts: Sequence[list[int]]) -> list[torch.Tensor]:
    """[cells, D] means of the networks as they are, and of those in each other's order."""
    import torch

    from core.landscape.connectivity.alignment import matched_together
    from core.landscape.connectivity.units import units_of
    from core.training.parameters import layout_of

    units, layout = units_of(task.module), layout_of(task.module)
    moved = []
    for part in parts:
        views = [layout.views(vectors[number]) for number in part]
        orders = matched_together(units, views)
        moved += [layout.join(units.reordered(own, order)) for own, order in zip(views, orders, strict=True)]
    return [
        torch.stack([networks[part].double().mean(0).to(vectors) for part in parts])
        for networks in (vectors, torch.stack(moved))
    ]


def _scores(task: Task, vectors: torch.Tensor, rows: Examples, together: bool) -> Scores:
    from core.landscape.averaging.scores import Scores, scores_of

    groups = [list(range(len(vectors)))] if together else [[number] for number in range(len(vectors))]
    found = [scores_of(task.module, vectors[group], rows, statistics_from=task.training.features) for group in groups]
    return Scores(*(np.concatenate([part.of(metric) for part in found]) for metric in ("accuracy", "loss")))
