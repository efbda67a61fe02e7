"""Several checkpoints of one architecture in one file: a zip of weights, or a single file of them."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

from torch import Tensor, nn

from core.data.archive import check_archive, member, open_zip
from core.errors import BadInput
from core.models.architectures import Architecture, Mlp, parse_architecture
from core.models.builtin import describe_shape
from core.models.formats import WEIGHT_SUFFIXES, holds_checkpoints
from core.models.weights import Weights, loaded, read_weights

CONFIGURATION = "architecture.json"
WRAPPED = "module."  # what DataParallel puts before every name
MOST_CONFIGURATION_BYTES = 1 << 20
NAMED = 100  # checkpoints whose names an inspection keeps


@dataclass(frozen=True)
class Checkpoint:
    """The weights of one network.

    Attributes:
        name: of its file, as the person packed it.
        tensors: by name, on the CPU.
    """

    name: str
    tensors: dict[str, Tensor]

    def network(self, config: Architecture) -> nn.Module:
        """The network, in evaluation mode.

        Raises:
            BadInput: tensors that the architecture does not have, or lacks.
        """
        return loaded(config, self.tensors, self.name)


@dataclass(frozen=True)
class Checkpoints:
    """Networks of one architecture.

    Attributes:
        architecture: of all of them.
        checkpoints: in natural order of their names.
    """

    architecture: Architecture
    checkpoints: tuple[Checkpoint, ...]


def read_checkpoints(path: Path, filename: str, architecture: str = "") -> Checkpoints:
    """Reads weights, one file or a zip of several.

    The architecture is the one that is given, or that of `architecture.json` in the zip, or what the files say
    themselves, or that of an MLP, where the tensors are its matrices and biases. Names lose the "module." that
    DataParallel puts before them.

    Args:
        path: the file.
        filename: what the person calls it.
        architecture: JSON of a configuration; empty: found as above.

    Raises:
        BadInput: no weights, weights of different networks (the first tensor that differs is named), an architecture
            that is not known or does not fit.
        TooLarge: more than the limits allow.
    """
    checkpoints, said = _read(path, filename)
    config = parse_architecture(architecture) if architecture else said
    if config is None:
        raise BadInput(
            f"{checkpoints[0].name} does not say its architecture; give it as architecture, put {CONFIGURATION} into the zip, or "
            'save it with metadata={"architecture": json.dumps(config)} in safetensors.torch.save_file.'
        )
    for checkpoint in checkpoints:
        checkpoint.network(config)
    return Checkpoints(config, checkpoints)


def inspect_checkpoints(path: Path, filename: str) -> dict[str, Any]:
    """What a file of checkpoints holds.

    Returns:
        format; kind ("checkpoints"); checkpoints (how many); names of the first ones; architecture as JSON values, None
        where the files do not say it; parameters, all numbers of one checkpoint.

    Raises:
        BadInput: as `read_checkpoints`, but for an architecture that is not known.
    """
    checkpoints, config = _read(path, filename)
    if config is not None:
        for checkpoint in checkpoints:
            checkpoint.network(config)
    return {
        "format": "zip" if holds_checkpoints(path) else "weights",
        "kind": "checkpoints",
        "checkpoints": len(checkpoints),
        "names": [checkpoint.name for checkpoint in checkpoints[:NAMED]],
        "architecture": None if config is None else config.model_dump(mode="json"),
        "parameters": sum(tensor.numel() for tensor in checkpoints[0].tensors.values()),
    }


def _read(path: Path, filename: str) -> tuple[tuple[Checkpoint, ...], Architecture | None]:
    """The checkpoints, and the architecture as far as the files say it."""
    if holds_checkpoints(path):
        found, beside = _unpacked(path, filename)
    else:
        found, beside = [(filename, read_weights(path, filename))], ""
    checkpoints = tuple(Checkpoint(name, _unwrapped(weights.tensors)) for name, weights in found)
    _check_alike(checkpoints)
    said = [weights.architecture for _, weights in found if weights.architecture is not None]
    if beside:
        return checkpoints, parse_architecture(beside)
    return checkpoints, said[0] if said else _perceptron(checkpoints[0])


def _unpacked(path: Path, filename: str) -> tuple[list[tuple[str, Weights]], str]:
    """Weights by name in natural order, and the text of the configuration beside them."""
    found, beside = [], ""
    with open_zip(path, filename) as archive, tempfile.TemporaryDirectory() as folder:
        members = check_archive(archive, filename)
        for name in sorted(members, key=_natural):
            place = f"{filename}: {name}"
            if PurePosixPath(name).name == CONFIGURATION:
                if members[name].file_size > MOST_CONFIGURATION_BYTES:
                    raise BadInput(f"{place} has {members[name].file_size:,} bytes, more than a configuration needs.")
                with member(archive, members[name], place) as stream:
                    beside = stream.read().decode("utf-8", errors="replace")
            elif name.lower().endswith(WEIGHT_SUFFIXES):
                copy = Path(folder) / f"weights{PurePosixPath(name).suffix.lower()}"
                with member(archive, members[name], place) as stream, copy.open("wb") as out:
                    shutil.copyfileobj(stream, out)
                found.append((name, read_weights(copy, place)))
    return found, beside


def _natural(name: str) -> list[tuple[int, str]]:
    """epoch2 before epoch10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split("([0-9]+)", name)]


def _unwrapped(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    if all(name.startswith(WRAPPED) for name in tensors):
        return {name.removeprefix(WRAPPED): tensor for name, tensor in tensors.items()}
    return tensors


def _check_alike(checkpoints: Sequence[Checkpoint]) -> None:
    first = checkpoints[0]
    for other in checkpoints[1:]:
        for name in [*first.tensors, *other.tensors]:
            shapes = [tuple(one.tensors[name].shape) if name in one.tensors else None for one in (first, other)]
            if shapes[0] != shapes[1]:
                said = ["it is missing" if shape is None else f"it is {describe_shape(shape)}" for shape in shapes]
                raise BadInput(
                    f"{other.name} is of another architecture than {first.name}: in {first.name} {said[0]}, in {other.name} "
                    f"{said[1]}, tensor {name}; bring checkpoints of one architecture."
                )


def _perceptron(checkpoint: Checkpoint) -> Mlp | None:
    """The MLP that a chain of matrices and biases is of; None for anything else."""
    matrices = [name for name in checkpoint.tensors if name.endswith("weight")]
    shapes = [tuple(checkpoint.tensors[name].shape) for name in matrices]
    chain = (
        len(matrices) > 0
        and 2 * len(matrices) == len(checkpoint.tensors)
        and all(len(shape) == 2 for shape in shapes)
        and all(before[0] == after[1] for before, after in pairwise(shapes))
        and all(f"layers.{number}.weight" == name for number, name in enumerate(matrices))
    )
    if not chain:
        return None
    return Mlp(inputs=shapes[0][1], hidden=tuple(shape[0] for shape in shapes[:-1]), classes=shapes[-1][0])
