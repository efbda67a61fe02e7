"""The networks that come with the workbench: what is said of them, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any, cast

from core.errors import BadInput
from core.keys import content_key
from core.models.architectures import Architecture, LeNet5, Mlp, ResNet, parse_architecture

if TYPE_CHECKING:
    from core.analysis import Source


@dataclass(frozen=True)
class BuiltinModel:
    """A network known by name; its input shape and class count are those of the data set.

    Attributes:
        name: after "builtin:".
        title: as pages show it.
        description: one sentence.
        details: the part of its configuration that does not depend on the data.
        version: part of its digest; raised whenever the network changes.
    """

    name: str
    title: str
    description: str
    details: dict[str, Any] = field(hash=False)
    version: int = 1


BUILTIN_MODELS: tuple[BuiltinModel, ...] = (
    BuiltinModel(
        "mlp",
        "Small MLP, 64-32",
        "Two hidden layers of 64 and 32 units with ReLU; takes any data and trains in seconds.",
        {"architecture": "mlp", "hidden": [64, 32]},
    ),
    BuiltinModel(
        "mlp_200_200",
        "MLP, 200-200",
        "Two hidden layers of 200 units with ReLU, the fully connected network of Li et al. (2018): "
        "199,210 parameters on MNIST.",
        {"architecture": "mlp", "hidden": [200, 200]},
    ),
    BuiltinModel(
        "lenet5",
        "LeNet-5",
        "Two convolutions and three linear layers, the convolutional network of Li et al. (2018): "
        "44,426 parameters on MNIST; takes images of at least 16 × 16 pixels.",
        {"architecture": "lenet5"},
    ),
    BuiltinModel(
        "resnet20",
        "ResNet-20",
        "Twenty layers with batch normalisation and shortcuts for small images (He et al. 2016, section 4.2): "
        "269,722 parameters on images of 3 × 32 × 32; takes images of at least 8 × 8 pixels.",
        {"architecture": "resnet", "depth": 20, "width": 16},
    ),
)


def builtin_model(name: str) -> BuiltinModel:
    """The built-in network of that name.

    Raises:
        BadInput: there is none; the names are listed.
    """
    for model in BUILTIN_MODELS:
        if model.name == name:
            return model
    raise BadInput(
        f"There is no built-in model {name!r}; there are {', '.join(model.name for model in BUILTIN_MODELS)}."
    )


def builtin_model_source(name: str) -> Source:
    """A built-in network as the input of an analysis.

    Raises:
        BadInput: there is no such network.
    """
    from core.analysis import Source

    model = builtin_model(name)
    digest = content_key("builtin-model", model.name, model.version)
    details = {"format": "builtin", "kind": "model", "architecture": dict(model.details)}
    return Source("model", model.title, digest, f"builtin:{model.name}", details)


def builtin_architecture(name: str, sample_shape: Sequence[int], classes: int) -> Architecture:
    """A built-in network fitted to a data set.

    Args:
        name: one of `BUILTIN_MODELS`.
        sample_shape: of one sample: (features,), (height, width) or (channels, height, width).
        classes: number of outputs.

    Raises:
        BadInput: no such network, or it takes images and the samples are none, or too small ones.
    """
    details = builtin_model(name).details
    if details["architecture"] == "mlp":
        return mlp_for(sample_shape, details["hidden"], classes)
    least = 16 if details["architecture"] == "lenet5" else 8
    channels, height, width = image_shape(sample_shape, name)
    if min(height, width) < least:
        raise BadInput(
            f"{name} needs images of at least {least} x {least} pixels; the data set has {height} x {width}: "
            "choose the model mlp, or bring larger images."
        )
    if details["architecture"] == "lenet5":
        return LeNet5(channels=channels, height=height, width=width, classes=classes)
    return ResNet(channels=channels, depth=details["depth"], width=details["width"], classes=classes)


def mlp_for(sample_shape: Sequence[int], hidden: Sequence[int], classes: int) -> Mlp:
    """The MLP for samples of a shape.

    Raises:
        BadInput: a width or the whole network is larger than any that is built.
    """
    config = {"architecture": "mlp", "inputs": prod(sample_shape), "hidden": list(hidden), "classes": classes}
    return cast(Mlp, parse_architecture(config))


def image_shape(sample_shape: Sequence[int], name: str) -> tuple[int, int, int]:
    """Channels, height and width of a sample.

    Args:
        sample_shape: (height, width) of a grey image or (channels, height, width).
        name: of the model that needs it, for the message.

    Raises:
        BadInput: the samples are no images, or have their channels last.
    """
    shape = tuple(int(length) for length in sample_shape)
    if len(shape) == 2:
        return 1, *shape
    if len(shape) != 3:
        raise BadInput(
            f"{name} takes images; the data set has samples of shape {describe_shape(shape)}: "
            "choose the model mlp, or bring X as (rows, height, width) or (rows, channels, height, width)."
        )
    if shape[0] > 4 and shape[2] <= 4:
        raise BadInput(
            f"{name} takes images as (channels, height, width); the data set has {describe_shape(shape)}, which looks "
            "like channels last: save it as X.transpose(0, 3, 1, 2)."
        )
    return shape


def describe_shape(shape: Sequence[int]) -> str:
    """A shape for people: "3 x 32 x 32"."""
    return " x ".join(str(length) for length in shape) or "one number"
