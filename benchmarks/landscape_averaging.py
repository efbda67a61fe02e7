"""Alignment and averages of networks that were trained apart: barriers and accuracies as they are and aligned.

Three networks of each architecture on digits, 1,258 training rows, 539 that none has seen; then the time that matching two
networks takes, by size. One thread.
"""

from __future__ import annotations

import time

import numpy as np
import torch

from core.data import builtin_dataset_source, load_dataset, split
from core.landscape.averaging.recipes import averages
from core.landscape.averaging.scores import scores_of
from core.landscape.connectivity.alignment import aligned, matched
from core.landscape.connectivity.connect import mode_connectivity
from core.landscape.connectivity.units import units_of
from core.models.architectures import Architecture, Cnn, Mlp, ResNet
from core.models.initialise import fresh_parameters_of_runs
from core.models.networks import build
from core.training.ensemble import Examples, Recipe, Trained, train
from core.training.maps import Identity
from core.training.optimisers import Sgd
from core.training.parameters import layout_of

SEEDS = (0, 1, 2)
CASES: tuple[tuple[Architecture, int, float], ...] = (  # architecture, epochs, learning rate
    (Mlp(inputs=64, hidden=(64, 64), classes=10), 20, 0.1),
    (Cnn(channels=1, width=16, classes=10), 20, 0.1),
    (ResNet(channels=1, depth=8, width=8, classes=10), 8, 0.2),
)
SIZES: tuple[Architecture, ...] = (
    Mlp(inputs=64, hidden=(64, 64), classes=10),
    ResNet(channels=3, depth=20, width=16, classes=10),
    ResNet(channels=3, depth=20, width=64, classes=10),
)


def main() -> None:
    torch.set_num_threads(1)
    parts = split(load_dataset(builtin_dataset_source("digits")), 0, 0.3)
    training, held_out = (
        Examples(torch.from_numpy(X), torch.from_numpy(y))
        for X, y in ((parts.X_train, parts.y_train), (parts.X_validation, parts.y_validation))
    )
    for config, epochs, rate in CASES:
        _case(config, training, held_out, epochs, rate)
    for config in SIZES:
        _time(config)


def _case(config: Architecture, training: Examples, held_out: Examples, epochs: int, rate: float) -> None:
    module = build(config).eval()
    layout = layout_of(module)
    found = [_trained(config, training, held_out, epochs, rate, seed) for seed in SEEDS]
    vectors = torch.cat([one.coordinates for one in found])
    firsts, seconds = vectors[[0, 0, 1]], vectors[[1, 2, 2]]
    barriers = [
        np.mean(
            [
                mode_connectivity(module, first, second, training, path="linear").barrier[0]
                for first, second in zip(firsts, ends, strict=True)
            ]
        )
        for ends in (seconds, aligned(module, firsts, seconds))
    ]
    states = [
        {**layout.views(one.coordinates[0]), **{name: value[0] for name, value in one.buffers.items()}} for one in found
    ]
    said = [f"{100 * float(np.mean([one.validation_accuracy for one in found])):.1f} (mean member)"]
    for one in averages(module, states, units_of(module), training.features, held_out, 100, 0):
        if one.method != "greedy soup":
            accuracy = scores_of(module, one.weights[None], held_out, statistics_from=training.features).accuracy.mean()
            said.append(f"{accuracy:.1f} ({one.method}, {one.alignment})")
    print(
        f"{config.architecture}, {config.parameters:,} parameters: barrier of lines {barriers[0]:.2f} nats, aligned "
        f"{barriers[1]:.2f}; accuracy in %: {', '.join(said)}",
        flush=True,
    )


def _trained(
    config: Architecture, training: Examples, held_out: Examples, epochs: int, rate: float, seed: int
) -> Trained:
    module = build(config)
    start = layout_of(module).join(fresh_parameters_of_runs(module, [seed]))
    return train(module, start, Identity(), [rate], [seed], training, held_out, Recipe(epochs, 64, Sgd(0.9)))


def _time(config: Architecture) -> None:
    module = build(config)
    layout, units = layout_of(module), units_of(module)
    first, second = (layout.views(one) for one in layout.join(fresh_parameters_of_runs(module, (0, 1))))
    start = time.process_time()
    matched(units, first, second)
    print(
        f"matching two of {config.architecture}, {config.parameters:,} parameters: {time.process_time() - start:.2f} s"
    )


if __name__ == "__main__":
    main()
