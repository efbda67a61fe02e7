"""From an input of an analysis to a network that fits its data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from core.errors import BadInput
from core.models.architectures import Architecture, Cnn, LeNet5, Mlp, ResNet
from core.models.builtin import builtin_architecture, describe_shape, image_shape, mlp_for
from core.models.formats import SAVE_PROGRAM, format_of
from core.models.inspection import read_architecture
from core.models.networks import build
from core.models.pt2 import ExportedNetwork, load_program
from core.models.weights import loaded, read_weights

if TYPE_CHECKING:
    from core.analysis import Source


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A network that takes batches of the data set's samples and gives one logit a class.

    Attributes:
        module: float32, on the CPU, [rows, *sample_shape] -> [rows, classes].
        description: one line for captions: architecture and number of parameters.
        trained: its parameters were brought; otherwise they are fresh ones.
        training_mode: exported in training mode: dropout stays on, and a forward pass changes running statistics.
    """

    module: nn.Module
    description: str
    trained: bool
    training_mode: bool = False


def load_model(
    source: Source | None, sample_shape: Sequence[int], classes: int, hidden: Sequence[int] = (64, 32)
) -> LoadedModel:
    """The network that a person chose, fitted to or checked against a data set.

    Args:
        source: a built-in, which adapts to the data; a stored file, which must fit; None for an MLP.
        sample_shape: of one sample.
        classes: number of classes.
        hidden: units of the hidden layers of the MLP, where no model was chosen.

    Raises:
        BadInput: the file is not accepted, or its inputs or outputs are not those of the data set.
    """
    shape = tuple(int(length) for length in sample_shape)
    if source is None:
        return _untrained(mlp_for(shape, hidden, classes))
    if source.builtin:
        return _untrained(builtin_architecture(source.builtin, shape, classes))
    path, name = Path(source.location), source.name
    format_ = format_of(path, name)
    if format_ == "pt2":
        return _program(exported_network(path, name, shape), name, classes)
    if format_ == "architecture":
        config = read_architecture(path, name)
        check_fit(config, name, shape, classes)
        return _untrained(config)
    weights = read_weights(path, name)
    if weights.architecture is None:
        raise BadInput(
            f"{name} holds weights only; say which architecture they belong to (in the library, or with "
            'metadata={"architecture": json.dumps(config)} in safetensors.torch.save_file).'
        )
    check_fit(weights.architecture, name, shape, classes)
    network = loaded(weights.architecture, weights.tensors, name)
    return LoadedModel(network, _describe(weights.architecture.architecture, network), trained=True)


def _untrained(config: Architecture) -> LoadedModel:
    network = build(config)
    layers = "-".join(str(width) for width in config.hidden) if isinstance(config, Mlp) else ""
    return LoadedModel(network, _describe(f"{config.architecture} {layers}".strip(), network), trained=False)


def exported_network(path: Path, name: str, sample_shape: Sequence[int]) -> ExportedNetwork:
    """An exported program that takes samples of a shape and computes in float32; what it gives is not looked at.

    Raises:
        BadInput: the file is not accepted, takes other samples, or computes in another precision.
    """
    network = load_program(path, name)
    signature = network.signature
    _check_inputs(name, prod(signature.sample_shape), describe_shape(signature.sample_shape), tuple(sample_shape))
    kinds = {value.dtype for value in network.parameters()}
    if signature.dtype != "float32" or kinds - {torch.float32}:
        found = ", ".join(sorted(str(kind).removeprefix("torch.") for kind in kinds))
        raise BadInput(
            f"{name} takes {signature.dtype} and computes in {found}; float32 is expected: export model.float(): {SAVE_PROGRAM}"
        )
    return network


def _program(network: ExportedNetwork, name: str, classes: int) -> LoadedModel:
    signature = network.signature
    if len(signature.output_shape) != 1:
        raise BadInput(
            f"{name} gives outputs of shape {describe_shape(signature.output_shape)} a sample; one value a class is "
            f"expected ({classes}): flatten them in the model and export it again."
        )
    _check_outputs(name, signature.output_shape[0], classes)
    return LoadedModel(
        network, _describe("exported program", network), trained=True, training_mode=signature.training_mode
    )


def check_fit(config: Architecture, name: str, shape: tuple[int, ...], classes: int) -> None:
    """Refuses an architecture that does not take these samples or does not give one output a class.

    Raises:
        BadInput: it does not fit.
    """
    if isinstance(config, Mlp):
        _check_inputs(name, config.inputs, str(config.inputs), shape)
    elif isinstance(config, LeNet5):
        taken = (config.channels, config.height, config.width)
        _check_inputs(name, prod(taken), describe_shape(taken), image_shape(shape, name))
        _check_same_image(name, taken, image_shape(shape, name))
    elif isinstance(config, Cnn | ResNet):
        found = image_shape(shape, name)
        _check_same_image(name, (config.channels, *found[1:]), found)
    _check_outputs(name, config.classes, classes)


def _check_inputs(name: str, expected: int, described: str, shape: tuple[int, ...]) -> None:
    if prod(shape) != expected:
        raise BadInput(
            f"{name} takes samples of {described} ({expected:,} values); the data set has {describe_shape(shape)} "
            f"({prod(shape):,} values): choose a model that fits, or a built-in one, which adapts."
        )


def _check_same_image(name: str, expected: tuple[int, ...], found: tuple[int, ...]) -> None:
    if expected != found:
        raise BadInput(
            f"{name} takes images of {describe_shape(expected)}; the data set has {describe_shape(found)}: "
            "choose a model that fits, or a built-in one, which adapts."
        )


def _check_outputs(name: str, found: int, classes: int) -> None:
    if found != classes:
        raise BadInput(
            f"{name} has {found:,} outputs; the data set has {classes:,} classes: bring a model with {classes:,} outputs, "
            "or choose a built-in one, which adapts."
        )


def _describe(kind: str, network: nn.Module) -> str:
    return f"{kind}, {sum(value.numel() for value in network.parameters()):,} parameters"
