"""Weights without code: safetensors and weights-only state dicts, checked against an architecture."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from core.data.archive import open_zip
from core.errors import BadInput
from core.models.architectures import Architecture, parse_architecture
from core.models.builtin import describe_shape
from core.models.formats import SAVE_WEIGHTS, check_zip, convert_with, format_of
from core.models.networks import build

MOST_HEADER_BYTES = 32 << 20
MOST_PICKLE_BYTES = 32 << 20  # of the index of a state dict; its tensors lie beside it
NAMED = 5  # so many wrong keys are named, the others counted


@dataclass(frozen=True)
class Weights:
    """Named tensors on the CPU, with the architecture where the file says it."""

    tensors: dict[str, Tensor]
    architecture: Architecture | None


def read_weights(path: Path, filename: str) -> Weights:
    """Reads a .safetensors file or a weights-only state dict.

    Raises:
        BadInput: another format, damaged, not plain tensors, or with values that are not finite.
    """
    format_ = format_of(path, filename)
    if format_ not in ("safetensors", "torch"):
        raise BadInput(f"{filename} holds no weights; bring a .safetensors file or a state dict (.pt, .pth).")
    weights = _read_safetensors(path, filename) if format_ == "safetensors" else _read_state_dict(path, filename)
    for name, tensor in weights.tensors.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise BadInput(
                f"{filename}: tensor {name} holds NaN or infinite values; bring weights of a finite network."
            )
    return weights


def loaded(config: Architecture, tensors: Mapping[str, Tensor], filename: str) -> nn.Module:
    """The network of an architecture with these weights, in float32 and in evaluation mode.

    Raises:
        BadInput: missing, extra or misshapen tensors; the first few are named, the others counted.
    """
    expected = _expected_shapes(config)
    check_keys({name: tuple(tensor.shape) for name, tensor in tensors.items()}, expected, config, filename)
    network = build(config)
    network.load_state_dict(dict(tensors), strict=True)
    return network.eval()


def check_keys(
    found: Mapping[str, tuple[int, ...]], expected: Mapping[str, tuple[int, ...]], config: Architecture, filename: str
) -> None:
    """Compares the names and shapes of a file with those of an architecture.

    Raises:
        BadInput: they differ.
    """
    missing = [name for name in expected if name not in found]
    extra = [name for name in found if name not in expected]
    misshapen = [
        f"{name} ({describe_shape(found[name])} instead of {describe_shape(expected[name])})"
        for name in expected
        if name in found and found[name] != expected[name]
    ]
    faults = [
        f"{len(names)} {what}: {_first(names)}"
        for what, names in (("missing", missing), ("not in it", extra), ("of another shape", misshapen))
        if names
    ]
    if faults:
        raise BadInput(
            f"{filename} does not fit the architecture {config.model_dump_json()}: tensors {'; '.join(faults)}. "
            "Change the architecture, or rename the tensors in the state dict."
        )


def attach_architecture(
    weights_path: Path, config: Architecture, out_path: Path, filename: str = "the weights"
) -> None:
    """Writes ONE self-describing .safetensors file from weights and an architecture; same content, same bytes.

    Args:
        weights_path: .safetensors or weights-only state dict.
        config: the architecture that they belong to.
        out_path: where to write; an existing file is replaced.
        filename: what the person calls the weights, for messages.

    Raises:
        BadInput: the weights can't be read, or do not fit the architecture.
    """
    network = loaded(config, read_weights(weights_path, filename).tensors, filename)
    tensors = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    save_file(tensors, out_path, metadata={"architecture": config.model_dump_json()})


def safetensors_metadata(path: Path, filename: str) -> dict[str, str]:
    """The free text entries in the header of a .safetensors file.

    Raises:
        BadInput: the header is damaged, or larger than any model needs.
    """
    with path.open("rb") as stream:
        prefix = stream.read(8)
        length = struct.unpack("<Q", prefix)[0] if len(prefix) == 8 else 0
        if not 2 <= length <= MOST_HEADER_BYTES:
            raise BadInput(f"{filename} is no .safetensors file: its header claims {length:,} bytes; save it anew.")
        text = stream.read(length)
    try:
        header = json.loads(text)
        return {str(name): str(value) for name, value in header.get("__metadata__", {}).items()}
    except (ValueError, RecursionError, AttributeError):
        raise BadInput(f"{filename} is damaged or was cut off: its header can't be read; bring it again.") from None


def _read_safetensors(path: Path, filename: str) -> Weights:
    metadata = safetensors_metadata(path, filename)
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError, ValueError, KeyError, RuntimeError) as error:
        raise BadInput(
            f"{filename} is damaged or was cut off ({_one_line(error)}); save it anew: {SAVE_WEIGHTS}"
        ) from None
    text = metadata.get("architecture")
    return Weights(tensors, parse_architecture(text) if text is not None else None)


def _read_state_dict(path: Path, filename: str) -> Weights:
    with open_zip(path, filename) as archive:
        check_zip(archive, path.stat().st_size, filename)
        for member in archive.infolist():
            if member.filename.endswith(".pkl") and member.file_size > MOST_PICKLE_BYTES:
                raise BadInput(
                    f"{filename}: its index is {member.file_size:,} bytes long, more than a state dict needs. "
                    + convert_with(SAVE_WEIGHTS)
                )
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        # torch raises UnpicklingError, RuntimeError, EOFError, KeyError and more, depending on what is wrong
        if "weights_only" in str(error) or "Unsupported" in str(error):
            raise BadInput(
                f"{filename} holds Python objects (a whole model or a checkpoint), which could run code when they are "
                f"opened; only plain tensors are loaded. {convert_with(SAVE_WEIGHTS)}"
            ) from None
        raise BadInput(f"{filename} is damaged or was cut off; bring it again.") from None
    return Weights(_plain_tensors(content, path.stat().st_size, filename), None)


def _plain_tensors(content: object, size: int, filename: str) -> dict[str, Tensor]:
    if not isinstance(content, Mapping):
        raise BadInput(f"{filename} holds {type(content).__name__}, not a state dict. {convert_with(SAVE_WEIGHTS)}")
    tensors: dict[str, Tensor] = {}
    for name, value in content.items():
        if not isinstance(value, Tensor):
            inner = [key for key, part in content.items() if isinstance(part, Mapping)]
            line = f'torch.save(torch.load(...)["{inner[0]}"], "weights.pt")' if inner else SAVE_WEIGHTS
            raise BadInput(
                f"{filename} holds more than tensors (entry {str(name)[:80]!r} is a {type(value).__name__}), "
                f"as checkpoints do. {convert_with(line)}"
            )
        if value.layout != torch.strided or value.is_quantized or value.is_meta or value.is_complex():
            raise BadInput(f"{filename}: tensor {name} is sparse, quantised, complex or empty of data; save it dense.")
        if value.numel() * value.element_size() > size:
            raise BadInput(f"{filename}: tensor {name} claims more values than the file has; save it contiguous.")
        tensors[str(name)] = value.detach()
    if not tensors:
        raise BadInput(f"{filename} holds no tensors; bring the state dict of a model.")
    return tensors


def _expected_shapes(config: Architecture) -> dict[str, tuple[int, ...]]:
    with torch.device("meta"):
        return {name: tuple(tensor.shape) for name, tensor in build(config).state_dict().items()}


def _first(names: list[str]) -> str:
    shown = ", ".join(name[:120] for name in names[:NAMED])
    return shown if len(names) <= NAMED else f"{shown} and {len(names) - NAMED} more"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:160]
