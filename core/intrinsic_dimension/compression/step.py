"""The step that trains one run once more and measures what is left of it at a few bits a coordinate."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from core.intrinsic_dimension.trainings import Problem, prepared, run_in_subspaces

if TYPE_CHECKING:
    from torch import nn

    from core.intrinsic_dimension.compression.compressed_file import Start
    from core.intrinsic_dimension.compression.feature_scale import FeatureScale


def compress_run(problem: Problem, subspace_dimension: int, learning_rate: float, seed: int) -> dict[str, Any]:
    """Trains d coordinates from a seed, rounds them to each number of bits, and measures the networks of the files.

    Everything is measured on the network that is decoded from the text of the file. The network must have no running
    statistics and no parameters that keep their values: those are not in theta_d.

    Args:
        problem: what is learned by what.
        subspace_dimension: d.
        learning_rate: of theta_d.
        seed: of the run.

    Returns:
        diverged; unless it did, of the network before rounding training_accuracy and validation_accuracy, and, for each
        width, files: the text, and measured: [widths, 2] accuracy on training and on validation rows. features: number
        of values of a sample.
    """
    import torch

    from core.intrinsic_dimension.compression.compressed_file import CompressedNetwork, read_compressed
    from core.intrinsic_dimension.compression.quantise import WIDTHS, quantise
    from core.training.ensemble import measure
    from core.training.networks import copies_of, perceptron_widths

    trained = run_in_subspaces(problem, [subspace_dimension], [learning_rate], [seed])
    if trained.diverged[0]:
        return {"diverged": True}
    ready = prepared(problem)
    coordinates = trained.coordinates[0].cpu().numpy()
    scale = _scale(problem, ready.facts.scaling)
    files, measured = [], []
    copies = copies_of(ready.module, 1)
    for bits in WIDTHS:
        network = CompressedNetwork(
            parameters=_starts(ready.module),
            widths=perceptron_widths(ready.module) or (),
            seed=seed,
            kind=problem.projection,
            coordinates=quantise(coordinates, bits),
            scale=scale,
            shuffled_pixels=problem.seed if problem.shuffled_pixels else None,
        )
        files.append(network.to_json())
        weights = read_compressed(files[-1]).weights().unsqueeze(0).to(ready.training.features.device)
        with torch.no_grad():
            measured.append([measure(copies, weights, part)[0, 0] for part in (ready.training, ready.validation)])
    return {
        "diverged": False,
        "training_accuracy": float(trained.training_accuracy[0]),
        "validation_accuracy": float(trained.validation_accuracy[0]),
        "files": files,
        "measured": np.array(measured),
        "features": prod(ready.training.features.shape[1:]),
    }


compress_run.version = 3  # type: ignore[attr-defined]  # 3: other gains of Fastfood


def _scale(problem: Problem, kind: str) -> FeatureScale:
    """The numbers that the features of the problem were scaled by."""
    from core.data import load_dataset, split
    from core.intrinsic_dimension.compression.feature_scale import feature_scale

    dataset = load_dataset(problem.dataset, problem.target)
    parts = split(dataset, problem.seed, problem.validation_fraction)
    return feature_scale(parts.X_train, kind)


def _starts(module: nn.Module) -> tuple[Start, ...]:
    from core.models.initialise import starts_of
    from core.training.parameters import layout_of

    layout, starts = layout_of(module), starts_of(module)
    named = [(name, shape, starts[name]) for name, shape in zip(layout.names, layout.shapes, strict=True)]
    return tuple((name, shape, start.distribution, start.scale) for name, shape, start in named if start)
