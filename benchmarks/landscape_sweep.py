"""Training of the cells of a sweep: all networks of a load at once, beside a loop of plain PyTorch, in one run.

The loop takes one network after the other: batches by index, `cross_entropy`, `backward`, torch.optim.SGD with
momentum, the rate by CosineAnnealingLR; from the same starts and in the same orders. One thread, digits with 1,438
training rows, CPU seconds.
"""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import nn

from benchmarks.turns import fastest
from core.data import builtin_dataset_source
from core.landscape.sweep.problem import Recipe, Sweep, task_of
from core.landscape.sweep.train_step import train_cells
from core.models.initialise import fresh_parameters
from core.training.parameters import flatten

RATES = np.geomspace(0.003, 0.3, 8).tolist()
SEEDS = [0, 1, 2]
CASES = ((16, 32), (64, 32), (64, 256))  # units of both hidden layers, batch size
EPOCHS = 5


def main() -> None:
    torch.set_num_threads(1)
    for width, batch in CASES:
        sweep = Sweep(
            builtin_dataset_source("digits"),
            "",
            "mlp",
            "width",
            "learning_rate",
            width,
            Recipe(0.1, batch, EPOCHS, 5e-4, 0.9),
            "common",
            60_000,
            0.2,
            0,
            "cpu",
        )
        task_of(sweep, width)
        found = fastest(
            {
                "together": lambda sweep=sweep: train_cells(sweep, sweep.width, RATES, SEEDS)["weights"],  # type: ignore[misc]
                "loop": lambda sweep=sweep: _loop(sweep),  # type: ignore[misc]
            },
            3,
            time.process_time,
        )
        together, loop = found["together"], found["loop"]
        far = float(np.abs(together[1][:3] - loop[1][:3]).max())
        print(
            f"width {width}, batch {batch}, {len(RATES) * len(SEEDS)} networks, {EPOCHS} epochs: together {together[0]:.2f} s, "
            f"loop {loop[0]:.2f} s, ratio {loop[0] / together[0]:.1f}; weights differ by at most {far:.1e} (smallest rates)"
        )


def _loop(sweep: Sweep) -> np.ndarray:
    task = task_of(sweep, sweep.width)
    return np.array([[_one(sweep, rate, seed, task.module) for seed in SEEDS] for rate in RATES])


def _one(sweep: Sweep, rate: float, seed: int, module: nn.Module) -> np.ndarray:
    task = task_of(sweep, sweep.width)
    start, order = np.random.SeedSequence(seed).generate_state(2).tolist()
    module.load_state_dict(fresh_parameters(module, torch.Generator().manual_seed(start)))
    recipe, data = sweep.recipe, task.training
    optimiser = torch.optim.SGD(module.parameters(), rate, recipe.momentum, weight_decay=recipe.weight_decay)
    steps = len(data.labels) // recipe.batch_size
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, recipe.epochs * steps)
    generator = torch.Generator().manual_seed(order)
    for _ in range(recipe.epochs):
        for picked in torch.randperm(len(data.labels), generator=generator).split(recipe.batch_size)[:steps]:
            optimiser.zero_grad()
            nn.functional.cross_entropy(module(data.features[picked]), data.labels[picked]).backward()
            optimiser.step()
            schedule.step()
    return flatten(module).numpy()


if __name__ == "__main__":
    main()
