"""What the library shows of a model file, and what estimates need. It reads the file whole: run it in a worker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import BadInput
from core.models.architectures import Architecture, LeNet5, Mlp, parse_architecture
from core.models.formats import Format, format_of
from core.models.initialise import kept_parameters
from core.models.networks import build
from core.models.pt2 import ExportedNetwork, load_program
from core.models.weights import loaded, read_weights

LISTED_TENSORS = 200
MOST_CONFIGURATION_BYTES = 1 << 20


def inspect_model(path: Path, filename: str) -> dict[str, Any]:
    """Opens a model file, checks all of it, and describes it in plain JSON values.

    Args:
        path: the file.
        filename: what the person calls it.

    Returns:
        format ("safetensors", "torch", "architecture" or "pt2"); kind ("model", or "weights" where an architecture is
        still needed); architecture (its configuration, or None); trained; parameters and trainable (counts of values);
        tensors (the first 200: name, shape) and tensor_count; input_shape of one sample and output_shape (None where
        not known; null for an axis that is open); dtype of the parameters; input_dtype; training_mode (a program
        exported in training mode); kept (parameters that have no rule to be drawn anew).

    Raises:
        BadInput: the file is not accepted; one sentence says what was found and how to convert it.
    """
    format_ = format_of(path, filename)
    if format_ == "pt2":
        return _describe_program(load_program(path, filename))
    if format_ == "architecture":
        return _describe_network(format_, read_architecture(path, filename), trained=False)
    weights = read_weights(path, filename)
    if weights.architecture is None:
        return {**_blank(format_), "kind": "weights", **_describe_tensors(weights.tensors)}
    network = loaded(weights.architecture, weights.tensors, filename)
    return _describe_network(format_, weights.architecture, trained=True, network=network)


def read_architecture(path: Path, filename: str) -> Architecture:
    """The configuration in a .json file.

    Raises:
        BadInput: longer than any configuration, not JSON, or no known architecture.
    """
    if path.stat().st_size > MOST_CONFIGURATION_BYTES:
        raise BadInput(
            f"{filename} has {path.stat().st_size:,} bytes; a configuration has at most {MOST_CONFIGURATION_BYTES:,}."
        )
    try:
        return parse_architecture(path.read_bytes())
    except BadInput as error:
        raise BadInput(f"{filename}: {error}") from None


def input_shape(config: Architecture) -> list[int | None]:
    """Shape of one sample that an architecture takes; None for an axis that is open."""
    if isinstance(config, Mlp):
        return [config.inputs]
    if isinstance(config, LeNet5):
        return [config.channels, config.height, config.width]
    return [config.channels, None, None]


def _blank(format_: Format) -> dict[str, Any]:
    return {
        "format": format_,
        "kind": "model",
        "architecture": None,
        "trained": True,
        "input_shape": None,
        "output_shape": None,
        "input_dtype": None,
        "training_mode": False,
        "kept": [],
    }


def _describe_network(
    format_: Format, config: Architecture, *, trained: bool, network: nn.Module | None = None
) -> dict[str, Any]:
    if network is None:
        with torch.device("meta"):  # shapes alone: a configuration may describe more than fits here
            network = build(config)
    return {
        **_blank(format_),
        "architecture": config.model_dump(mode="json"),
        "trained": trained,
        "input_shape": input_shape(config),
        "output_shape": [config.classes],
        "input_dtype": "float32",
        **_describe_tensors(network.state_dict()),
        **_counts(network),
    }


def _describe_program(network: ExportedNetwork) -> dict[str, Any]:
    signature = network.signature
    return {
        **_blank("pt2"),
        "input_shape": list(signature.sample_shape),
        "output_shape": list(signature.output_shape),
        "input_dtype": signature.dtype,
        "training_mode": signature.training_mode,
        "kept": kept_parameters(network.program),
        **_describe_tensors(network.program.state_dict()),
        **_counts(network),
    }


def _describe_tensors(tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    total = sum(tensor.numel() for tensor in tensors.values())
    dtypes = Counter(
        str(tensor.dtype).removeprefix("torch.") for tensor in tensors.values() if tensor.is_floating_point()
    )
    return {
        "parameters": total,
        "trainable": total,
        "tensors": [{"name": name, "shape": list(tensor.shape)} for name, tensor in tensors.items()][:LISTED_TENSORS],
        "tensor_count": len(tensors),
        "dtype": dtypes.most_common(1)[0][0] if dtypes else None,
    }


def _counts(network: nn.Module) -> dict[str, int]:
    return {
        "parameters": sum(value.numel() for value in network.parameters()),
        "trainable": sum(value.numel() for value in network.parameters() if value.requires_grad),
    }
