"""What training in a random subspace costs beside plain training, step by step and in batches.

Part of `python -m benchmarks intrinsic_dimension`. Each table takes turns in one process on one thread and counts CPU
time, so that only a neighbour's use of the caches disturbs it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from torch import nn
from torch.func import functional_call

from benchmarks.turns import fastest
from benchmarks.usual_subspace_training import TensorFastfood
from core.intrinsic_dimension.projections.kinds import KINDS, projection, projections_of_runs
from core.models.architectures import Cnn, LeNet5, Mlp
from core.models.initialise import fresh_parameters_of_runs
from core.models.networks import CnnNetwork, build
from core.training.ensemble import Examples, Recipe, train
from core.training.maps import Affine
from core.training.parameters import flatten, layout_of

BATCH = 128
MLP = Mlp(inputs=784, hidden=(200, 200), classes=10)  # 199,210 parameters
LENET = LeNet5(channels=1, height=28, width=28, classes=10)  # 44,426
MOST_MATRIX = 50_000_000  # entries of a dense P that is still timed

Step = Callable[[], object]


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    """128 random images of 28 x 28 with labels."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn(BATCH, 784, generator=generator), torch.randint(0, 10, (BATCH,), generator=generator)


def plain_step(config: Mlp | LeNet5) -> Step:
    """A whole step of torch.optim.Adam on all parameters."""
    module, (features, labels) = build(config), batch()
    optimiser = torch.optim.Adam(module.parameters(), lr=1e-3)

    def step() -> None:
        optimiser.zero_grad()
        nn.functional.cross_entropy(module(features), labels).backward()
        optimiser.step()

    return step


def subspace_step(config: Mlp | LeNet5, dimension: int, kind: str = "fastfood") -> Step:
    """A whole step of torch.optim.Adam on d coordinates behind one of our projections."""
    module = build(config)
    layout, start = layout_of(module), flatten(module)
    drawn = projection(kind, layout.size, dimension, seed=0)
    return _step(module, dimension, lambda theta_d: layout.views(start + drawn.forward(theta_d)))


def per_tensor_step(config: Mlp | LeNet5, dimension: int) -> Step:
    """The same with a Fastfood for each tensor and a butterfly of slices, as packages for it are written."""
    module = build(config)
    start = {name: value.detach().clone() for name, value in module.named_parameters()}
    full_dimension = sum(value.numel() for value in start.values())
    maps = {name: TensorFastfood(value.shape, dimension, full_dimension) for name, value in start.items()}
    return _step(module, dimension, lambda theta_d: {name: start[name] + maps[name](theta_d) for name in start})


def _step(module: nn.Module, dimension: int, parameters: Callable[[torch.Tensor], dict[str, torch.Tensor]]) -> Step:
    features, labels = batch()
    theta_d = torch.zeros(dimension, requires_grad=True)
    optimiser = torch.optim.Adam([theta_d], lr=0.1)

    def step() -> None:
        optimiser.zero_grad()
        logits = functional_call(module, parameters(theta_d), (features,))
        nn.functional.cross_entropy(logits, labels).backward()
        optimiser.step()

    return step


def step_table(title: str, config: Mlp | LeNet5, dimensions: Sequence[int], turns: int) -> None:
    """Each kind at each d, and the form of the packages, over a plain step."""
    steps = {"plain": plain_step(config)}
    for dimension in dimensions:
        for kind in KINDS:
            if kind != "dense" or config.parameters * dimension <= MOST_MATRIX:
                steps[f"{kind} {dimension}"] = subspace_step(config, dimension, kind)
        steps[f"per tensor {dimension}"] = per_tensor_step(config, dimension)
    best = {name: seconds for name, (seconds, _) in fastest(steps, turns, time.process_time).items()}
    print(f"\n{title}, batch {BATCH}, one thread: a whole Adam step over a plain one ({1e3 * best['plain']:.2f} ms)")
    print("  " + "d".rjust(8) + "".join(name.rjust(17) for name in (*KINDS, "per tensor")) + "   per tensor / ours")
    for dimension in dimensions:
        ratios = [best.get(f"{name} {dimension}", np.nan) / best["plain"] for name in (*KINDS, "per tensor")]
        cells = "".join(f"{ratio:17.2f}" if np.isfinite(ratio) else "-".rjust(17) for ratio in ratios)
        print(f"  {dimension:8,}{cells}{ratios[-1] / ratios[0]:18.1f}")


class PlainCnn(CnnNetwork):
    """Not the type whose backward pass is written out, so autograd and vmap take it."""


def batch_table(counts: Sequence[int] = (8, 32), turns: int = 3) -> None:
    """R runs in one call of the trainer against R calls; of the CNN against R calls through plain autograd too."""
    print("\nR runs of the trainer in one call over R calls, d = 64, batch 64, one thread: how many times faster")
    mlps = {
        "64-32-10": Mlp(inputs=64, hidden=(32,), classes=10),
        "64-64-10": Mlp(inputs=64, hidden=(64,), classes=10),
        "13-64-32-3": Mlp(inputs=13, hidden=(64, 32), classes=3),
    }
    for name, config in mlps.items():
        compare_runs(name, build(config), config.inputs, config.classes, counts, turns)
    cnn = Cnn(channels=1, width=8, classes=10)
    compare_runs("cnn, width 8", build(cnn), 64, cnn.classes, counts, turns)
    compare_runs("  over autograd", build(cnn), 64, cnn.classes, counts, turns, loop=PlainCnn(cnn))
    compare_runs("  vmap alone", PlainCnn(cnn), 64, cnn.classes, counts, turns)


def compare_runs(
    name: str,
    module: nn.Module,
    features: int,
    classes: int,
    counts: Sequence[int],
    turns: int,
    loop: nn.Module | None = None,
) -> None:
    """One line of the table; the loop may train another form of the same network."""
    programs: dict[str, Step] = {"one": partial(runs_of, loop or module, features, classes, 1)}
    programs |= {str(count): partial(runs_of, module, features, classes, count) for count in counts}
    best = fastest(programs, turns, time.process_time)
    gains = (f"R = {count}: {count * best['one'][0] / best[str(count)][0]:.1f}" for count in counts)
    print(f"  {name:<15}{layout_of(module).size:6,} parameters   " + "   ".join(gains))


def runs_of(module: nn.Module, features: int, classes: int, runs: int, steps: int = 60) -> None:
    """Trains R networks in subspaces of 64 dimensions of their own, on random rows."""
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(64 * steps, features, generator=generator)
    rows = Examples(X.view(-1, 8, 8) if isinstance(module, CnnNetwork) else X, torch.arange(64 * steps) % classes)
    seeds = list(range(runs))
    start = layout_of(module).join(fresh_parameters_of_runs(module, seeds))
    drawn = projections_of_runs("fastfood", start.shape[1], [64] * runs, seeds)
    few = Examples(rows.features[:64], rows.labels[:64])
    train(module, torch.zeros(runs, 64), Affine(start, drawn), [0.1] * runs, seeds, rows, few, Recipe(1, 64))


def main() -> None:
    """All tables."""
    torch.set_num_threads(1)
    step_table("MLP 784-200-200-10, 199,210 parameters", MLP, (10, 100, 750, 10_000), turns=15)
    step_table("LeNet, 44,426 parameters", LENET, (10, 100, 290, 1000), turns=15)
    batch_table()


if __name__ == "__main__":
    main()
