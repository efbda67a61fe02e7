"""The step that trains cells of one load: several temperatures, several seeds each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.landscape.sweep.problem import STACKABLE, Recipe, Sweep, Task, task_of

if TYPE_CHECKING:
    from core.training.ensemble import Trained


def train_cells(sweep: Sweep, load: float, temperatures: Sequence[float], seeds: Sequence[int]) -> dict[str, object]:
    """Trains a network for each temperature and seed; initialisation and data order follow from the seed alone.

    Args:
        sweep: what is trained.
        load: of all of them.
        temperatures: of the cells.
        seeds: of the networks of each cell.

    Returns:
        `weights` float32 [temperatures, seeds, D]; `buffers` by name [temperatures, seeds, ...]; `train_loss`,
        `test_loss` (nats), `train_error`, `test_error` (points, 0 to 100), `diverged`: [temperatures, seeds].

    Raises:
        BadInput: see `task_of`.
    """
    task = task_of(sweep, load)
    recipes = [sweep.recipe.at(sweep.temperature, value) for value in temperatures]
    runs = [(recipe, seed) for recipe in recipes for seed in seeds]
    if sweep.stacked and sweep.temperature in STACKABLE:
        groups = [runs]
    elif sweep.stacked:
        groups = [[(recipe, seed) for seed in seeds] for recipe in recipes]
    else:
        groups = [[run] for run in runs]
    trained = [_train(task, group) for group in groups]
    shape = (len(temperatures), len(seeds))
    return {
        "weights": np.concatenate([part.coordinates.cpu().numpy() for part in trained]).reshape(*shape, -1),
        "buffers": _buffers(trained, shape),
        "train_loss": _joined(trained, "training_loss", shape),
        "test_loss": _joined(trained, "validation_loss", shape),
        "train_error": 100 * (1 - _joined(trained, "training_accuracy", shape)),
        "test_error": 100 * (1 - _joined(trained, "validation_accuracy", shape)),
        "diverged": _joined(trained, "diverged", shape),
    }


train_cells.version = 2  # type: ignore[attr-defined]  # 2: the small CNN's backward pass is written out


def _train(task: Task, runs: Sequence[tuple[Recipe, int]]) -> Trained:
    """Runs whose recipes differ in learning rate, weight decay and radius alone, all at once."""
    from core.models.initialise import fresh_parameters_of_runs
    from core.training.ensemble import Recipe as Schedule
    from core.training.ensemble import train
    from core.training.maps import Identity
    from core.training.optimisers import Sgd
    from core.training.parameters import layout_of

    recipe = runs[0][0]
    radii = [run.sam_rho for run, _ in runs]
    starts, orders = zip(*(np.random.SeedSequence(seed).generate_state(2).tolist() for _, seed in runs), strict=True)
    drawn = layout_of(task.module).join(fresh_parameters_of_runs(task.module, starts))
    return train(
        task.module,
        drawn.to(task.training.features.device),
        Identity(),
        [recipe.learning_rate for recipe, _ in runs],
        orders,
        task.training,
        task.validation,
        Schedule(recipe.epochs, recipe.batch_size, Sgd(recipe.momentum)),
        [recipe.weight_decay for recipe, _ in runs],
        radii if any(radii) else None,
    )


def _joined(trained: Sequence[Trained], name: str, shape: tuple[int, int]) -> np.ndarray:
    return np.concatenate([getattr(part, name) for part in trained]).reshape(shape)


def _buffers(trained: Sequence[Trained], shape: tuple[int, int]) -> dict[str, np.ndarray]:
    """Running statistics of all runs, NaN where a run diverged."""
    buffers = {}
    for name in next((part.buffers for part in trained if not part.diverged.all()), {}):
        parts = []
        for part in trained:
            kept = part.buffers[name].cpu().numpy()
            values = np.full((len(part.diverged), *kept.shape[1:]), np.nan)
            values[~part.diverged] = kept
            parts.append(values)
        buffers[name] = np.concatenate(parts).reshape(*shape, *parts[0].shape[1:])
    return buffers
