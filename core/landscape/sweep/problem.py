"""What a sweep trains: the task, the network, and the two knobs that are turned."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from core.analysis import Source
from core.device import torch_device
from core.errors import BadInput

if TYPE_CHECKING:
    from torch import Tensor, nn

    from core.data.preparation import Scaling
    from core.models.architectures import Architecture
    from core.training.ensemble import Examples

Load = Literal["width", "data", "label_noise"]
Temperature = Literal["learning_rate", "batch_size", "epochs", "weight_decay", "sam_rho"]
STACKABLE = ("learning_rate", "weight_decay", "sam_rho")  # temperatures that runs of one batch may differ in
STACKED_ON_CPU = ("mlp",)  # convolutions in a batch of networks are slower there than one network after the other
RESNET_DEPTH = 8


@dataclass(frozen=True)
class Recipe:
    """How a network is trained: SGD with momentum whose rate falls to zero along half a cosine.

    Attributes:
        learning_rate: at the start.
        batch_size: rows of one gradient.
        epochs: passes over the training rows.
        weight_decay: half of it times the squared length of the weights is added to the loss.
        momentum: of the velocity.
        sam_rho: radius of sharpness-aware minimisation; 0 for plain SGD.
    """

    learning_rate: float
    batch_size: int
    epochs: int
    weight_decay: float
    momentum: float
    sam_rho: float = 0.0

    @property
    def gradients(self) -> int:
        """Of one step."""
        return 2 if self.sam_rho > 0 else 1

    def at(self, temperature: Temperature, value: float) -> Recipe:
        """The same with one knob turned."""
        whole = temperature in ("batch_size", "epochs")
        turned: dict[str, Any] = {temperature: int(value) if whole else float(value)}
        return replace(self, **turned)


@dataclass(frozen=True)
class Sweep:
    """Everything that all trainings of a sweep share.

    Attributes:
        dataset: with labels.
        target: label column of a table; empty: the usual one.
        architecture: "mlp" (two hidden layers of `width` units), "cnn" or "resnet" (8 layers), their first width.
        load: the knob that says how much each parameter has to carry.
        temperature: the knob that says how noisy training is.
        width: where the load is something else.
        recipe: of what is not turned.
        scaling: of the features, see `core.data.scaled`.
        most_rows: a larger data set is reduced to so many rows.
        validation_fraction: share of the rows that are only measured on.
        seed: of the split and of noisy labels.
        device: "cpu" or "gpu".
    """

    dataset: Source
    target: str
    architecture: Literal["mlp", "cnn", "resnet"]
    load: Load
    temperature: Temperature
    width: int
    recipe: Recipe
    scaling: Scaling
    most_rows: int
    validation_fraction: float
    seed: int
    device: Literal["cpu", "gpu"]

    @property
    def stacked(self) -> bool:
        """Whether many networks are trained and measured in one pass."""
        return self.device == "gpu" or self.architecture in STACKED_ON_CPU


@dataclass(frozen=True, eq=False)
class Task:
    """The data and the network of one load.

    Attributes:
        module: on the device; its parameters are placeholders.
        training: rows that are learned from, with the labels that are learned.
        validation: rows with their true labels.
        classes: their number.
    """

    module: nn.Module
    training: Examples
    validation: Examples
    classes: int


def task_of(sweep: Sweep, load: float) -> Task:
    """The task at a load: a width, a share of the training rows, or a share of labels that are wrong.

    Raises:
        BadInput: data that can't be learned, no such device, or a share of the rows that leaves none.
    """
    import torch

    from core.models.networks import build

    training, validation, shape, classes = _data(_data_key(sweep))
    if sweep.load == "data":
        rows = round(load * len(training.labels))
        if rows < classes:
            raise BadInput(
                f"Load data={load:g} leaves {rows} of {len(training.labels):,} training rows for {classes} classes; give "
                "a larger share."
            )
        training = replace(training, features=training.features[:rows], labels=training.labels[:rows])
    if sweep.load == "label_noise":
        training = replace(training, labels=_wrong(training.labels, load, classes, sweep.seed))
    with torch.random.fork_rng(devices=[]):  # its own parameters are drawn and not used
        module = build(_architecture(sweep, load, shape, classes))
    return Task(module.to(torch_device(sweep.device)), training, validation, classes)


def parameters_of(sweep: Sweep, load: float, shape: tuple[int, ...], classes: int) -> int:
    """How many parameters the network of a load has, without building it."""
    return _architecture(sweep, load, shape, classes).parameters


def _architecture(sweep: Sweep, load: float, shape: tuple[int, ...], classes: int) -> Architecture:
    from core.models.architectures import Cnn, ResNet
    from core.models.builtin import image_shape, mlp_for

    width = int(load) if sweep.load == "width" else sweep.width
    if sweep.architecture == "mlp":
        return mlp_for(shape, (width, width), classes)
    channels = image_shape(shape, sweep.architecture)[0]
    if sweep.architecture == "cnn":
        return Cnn(channels=channels, width=width, classes=classes)
    return ResNet(channels=channels, depth=RESNET_DEPTH, width=width, classes=classes)


def _data_key(sweep: Sweep) -> tuple[Source, str, Scaling, int, float, int, str]:
    return (
        sweep.dataset,
        sweep.target,
        sweep.scaling,
        sweep.most_rows,
        sweep.validation_fraction,
        sweep.seed,
        torch_device(sweep.device),
    )


@lru_cache(maxsize=1)
def _data(
    key: tuple[Source, str, Scaling, int, float, int, str],
) -> tuple[Examples, Examples, tuple[int, ...], int]:
    """Both parts on the device, the shape of a sample and the number of classes; the last data set is kept."""
    import torch

    from core.data import load_dataset, scaled, split
    from core.training.ensemble import Examples

    source, target, scaling, most_rows, fraction, seed, device = key
    dataset = load_dataset(source, target)
    _, parts = scaled(split(dataset, seed, fraction), scaling)
    learned = max(1, round(most_rows * (1 - fraction)))
    measured = max(1, most_rows - learned)
    training, validation = (
        Examples(torch.from_numpy(features[:rows]), torch.from_numpy(labels[:rows])).to(device)
        for features, labels, rows in (
            (parts.X_train, parts.y_train, learned),
            (parts.X_validation, parts.y_validation, measured),
        )
    )
    return training, validation, dataset.shape, len(dataset.classes)


def _wrong(labels: Tensor, share: float, classes: int, seed: int) -> Tensor:
    """The same labels, a share of them replaced by another class, drawn at random."""
    import torch

    generator = np.random.default_rng([seed, 1])
    place = generator.permutation(len(labels))  # the same order for every share: more noise keeps the wrong ones
    shift = generator.integers(1, classes, len(labels))
    chosen = torch.from_numpy(place[: round(share * len(labels))]).to(labels.device)
    moved = torch.from_numpy(shift).to(labels.device)
    noisy = labels.clone()
    noisy[chosen] = (labels[chosen] + moved[chosen]) % classes
    return noisy
