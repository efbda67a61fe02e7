"""The step that looks into a network: trained here, or as it was brought."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis import Source
from core.errors import BadInput

if TYPE_CHECKING:
    import torch
    from torch import nn

    from core.data.dataset import Dataset
    from core.data.preparation import Scaling, Split
    from core.models.loading import LoadedModel

LEARNING_RATE, BATCH_SIZE = 0.002, 64  # of Adam, where the network is trained here


@dataclass(frozen=True)
class Layers:
    """What was found.

    Attributes:
        network: one line for captions.
        trained_here: whether it was trained for this.
        scaling: how the features were scaled before they entered it.
        accuracy: on the validation rows where it was trained here, else on all rows; NaN without labels.
        points: distinct rows that were looked at.
        rows: `LayerDimension` of each depth, as mappings.
        untrained: the same of the network before its training; empty where it was brought.
    """

    network: str
    trained_here: bool
    scaling: str
    accuracy: float
    points: int
    rows: list[dict[str, Any]]
    untrained: list[dict[str, Any]]


def look_into_network(
    source: Source, target: str, model: Source, epochs: int, scaling: Scaling, points: int, seed: int
) -> dict[str, Any]:
    """`Layers` of a network on a data set, as a mapping.

    Args:
        source: the data set; with labels, unless the network was brought with its weights.
        target: its label column.
        model: a built-in or an architecture, which is trained here, or a network with weights.
        epochs: of that training.
        scaling: of the features; "automatic" leaves them as they are for a network that was brought with weights.
        points: distinct rows that are looked at, at most.
        seed: of split, initialisation, data order and the choice of rows.

    Raises:
        BadInput: no labels to learn from, or a network that does not fit.
    """
    import torch

    from core.data import load_dataset, scaled, split
    from core.data.preparation import Split
    from core.intrinsic_dimension.data_dimension.distinct_points import distinct_points
    from core.intrinsic_dimension.layers.measure import measure_layers
    from core.models.loading import load_model

    dataset = load_dataset(source, target)
    loaded = load_model(model, dataset.shape, _classes(dataset, model))
    module, untrained, accuracy = loaded.module, [], float("nan")
    if loaded.trained:
        labels = dataset.y if dataset.y is not None else np.zeros(dataset.rows, np.int64)
        used, parts = scaled(
            Split(dataset.X, labels, dataset.X[:0], labels[:0]), "none" if scaling == "automatic" else scaling
        )
        samples = parts.X_train
    else:
        used, parts = scaled(split(dataset, seed), scaling)
        samples = np.concatenate([parts.X_validation, parts.X_train])
    chosen = distinct_points(samples.reshape(len(samples), -1)).points.reshape(-1, *dataset.shape)
    if len(chosen) > points:
        chosen = chosen[np.sort(np.random.default_rng(seed).choice(len(chosen), points, replace=False))]
    rows = torch.from_numpy(chosen.astype(np.float32))
    module.eval()
    if loaded.trained:
        if dataset.y is not None:
            accuracy = _accuracy(module, torch.from_numpy(parts.X_train), dataset.y)
    else:
        _draw(loaded, seed)
        untrained = [asdict(layer) for layer in measure_layers(module, rows)]
        accuracy = _train(loaded, parts, epochs, seed)
    measured = [asdict(layer) for layer in measure_layers(module, rows)]
    return asdict(Layers(loaded.description, not loaded.trained, used, accuracy, len(rows), measured, untrained))


look_into_network.version = 2  # type: ignore[attr-defined]  # 2: the small CNN's backward pass is written out


def _classes(dataset: Dataset, model: Source) -> int:
    """Of the data set or, where it has none, the outputs of a network that was brought."""
    if dataset.y is not None:
        return len(dataset.classes)
    outputs = model.details.get("output_shape")
    if model.builtin or not outputs:
        raise BadInput(
            f"{dataset.name} has no labels, so {model.name} can't be trained on it: choose the label column, bring a network with "
            "its weights, or ask without a network."
        )
    return int(outputs[-1])


def _draw(loaded: LoadedModel, seed: int) -> None:
    """Fresh parameters, in place."""
    import torch

    from core.models.initialise import fresh_parameters

    drawn = fresh_parameters(loaded.module, torch.Generator().manual_seed(seed))
    _fill(loaded.module, drawn, {})


def _train(loaded: LoadedModel, parts: Split, epochs: int, seed: int) -> float:
    """Trains the network in place and returns its accuracy on the validation rows.

    Raises:
        StepFailed: it diverged.
    """
    import torch

    from core.errors import StepFailed
    from core.training.ensemble import Examples, Recipe, train
    from core.training.maps import Identity
    from core.training.parameters import flatten, layout_of

    trained = train(
        loaded.module,
        flatten(loaded.module)[None],
        Identity(),
        [LEARNING_RATE],
        [seed],
        Examples(torch.from_numpy(parts.X_train), torch.from_numpy(parts.y_train)),
        Examples(torch.from_numpy(parts.X_validation), torch.from_numpy(parts.y_validation)),
        Recipe(epochs, BATCH_SIZE),
    )
    if trained.diverged[0]:
        raise StepFailed("The network's training diverged: scale the data, or bring a network that is trained already.")
    buffers = {name: values[0] for name, values in trained.buffers.items()}
    _fill(loaded.module, layout_of(loaded.module).views(trained.coordinates[0]), buffers)
    loaded.module.eval()
    return float(trained.validation_accuracy[0])


def _fill(module: nn.Module, parameters: dict[str, torch.Tensor], buffers: dict[str, torch.Tensor]) -> None:
    import torch

    with torch.no_grad():
        for name, own in [*module.named_parameters(), *module.named_buffers()]:
            brought = parameters.get(name, buffers.get(name))
            if brought is not None:
                own.copy_(brought)


def _accuracy(module: nn.Module, features: torch.Tensor, labels: np.ndarray) -> float:
    import torch

    from core.intrinsic_dimension.layers.representations import ROWS_AT_ONCE

    with torch.no_grad():
        said = torch.cat([module(part).argmax(1) for part in features.split(ROWS_AT_ONCE)])
    return float((said.numpy() == labels).mean())
