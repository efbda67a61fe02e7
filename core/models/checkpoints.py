"""Several checkpoints of one architecture in one file: a zip of weights or of exported programs, or a single one of these."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

from torch import Tensor, nn

from core.data.archive import check_archive, member, open_zip
from core.errors import BadInput
from core.models.architectures import Architecture, Mlp, parse_architecture
from core.models.builtin import describe_shape
from core.models.formats import PROGRAM_SUFFIX, WEIGHT_SUFFIXES, format_of, holds_checkpoints
from core.models.model_zoo import MOST_FILES, checkpoint_of, holds_zoo, natural, short_names
from core.models.programs import Program, check_same_program, read_program
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


@dataclass(frozen=True, eq=False)
class TrainedNetworks:
    """Networks that compute alike and differ in their tensors, in memory.

    Attributes:
        module: the first of them, in evaluation mode.
        description: of their architecture, in a word or two.
        checkpoints: in natural order of their names; tensors are those of the module's state dict.
    """

    module: nn.Module
    description: str
    checkpoints: tuple[Checkpoint, ...]


def read_networks(path: Path, filename: str, architecture: str = "") -> TrainedNetworks:
    """Reads weights (see `read_checkpoints`) or exported programs, one file or a zip of several.

    Raises:
        BadInput: as `read_checkpoints`; programs that compute different things, or programs and weights mixed.
        TooLarge: more than the limits allow.
    """
    programs = _programs(path, filename)
    if programs is None:
        found = read_checkpoints(path, filename, architecture)
        module = found.checkpoints[0].network(found.architecture)
        return TrainedNetworks(module, found.architecture.architecture, found.checkpoints)
    if architecture:
        raise BadInput(
            f"{filename} holds exported programs, which are their own architecture; leave Architecture empty."
        )
    checkpoints = tuple(Checkpoint(program.name, _tensors_of(program)) for program in programs)
    return TrainedNetworks(programs[0].module, "exported program", checkpoints)


def read_checkpoints(path: Path, filename: str, architecture: str = "") -> Checkpoints:
    """Reads weights, one file or a zip of several; of a model zoo the last checkpoint of each model.

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
            'save it with metadata={"architecture": json.dumps(config)} in safetensors.torch.save_file. Any other architecture '
            f"can be brought as exported programs ({PROGRAM_SUFFIX})."
        )
    for checkpoint in checkpoints:
        checkpoint.network(config)
    return Checkpoints(config, checkpoints)


def inspect_checkpoints(path: Path, filename: str) -> dict[str, Any]:
    """What a file of checkpoints holds.

    Returns:
        format; kind ("checkpoints"); checkpoints (how many); names of the first ones; architecture as JSON values, None
        where the files do not say it; parameters, all numbers of one checkpoint; of programs input_shape and output_shape of
        a sample.

    Raises:
        BadInput: as `read_networks`, but for an architecture that is not known.
    """
    programs = _programs(path, filename)
    several = holds_checkpoints(path) or holds_zoo(path)
    if programs is not None:
        signature = programs[0].module.signature
        return {
            **_described("zip" if several else "pt2", [one.name for one in programs]),
            "architecture": None,
            "input_shape": list(signature.sample_shape),
            "output_shape": list(signature.output_shape),
            "parameters": sum(tensor.numel() for tensor in programs[0].module.parameters()),
        }
    checkpoints, config = _read(path, filename)
    if config is not None:
        for checkpoint in checkpoints:
            checkpoint.network(config)
    return {
        **_described("zip" if several else "weights", [one.name for one in checkpoints]),
        "architecture": None if config is None else config.model_dump(mode="json"),
        "parameters": sum(tensor.numel() for tensor in checkpoints[0].tensors.values()),
    }


def _described(format_: str, names: Sequence[str]) -> dict[str, Any]:
    return {"format": format_, "kind": "checkpoints", "checkpoints": len(names), "names": list(names[:NAMED])}


def _programs(path: Path, filename: str) -> tuple[Program, ...] | None:
    """Exported programs in natural order; None for a file of weights."""
    if not holds_checkpoints(path):
        is_program = not holds_zoo(path) and format_of(path, filename) == "pt2"
        return (read_program(path, filename, filename),) if is_program else None
    with open_zip(path, filename) as archive:
        names = archive.namelist()
    programs = [name for name in names if name.lower().endswith(PROGRAM_SUFFIX)]
    if not programs:
        return None
    weights = [name for name in names if name.lower().endswith(WEIGHT_SUFFIXES)]
    if weights:
        raise BadInput(
            f"{filename} holds exported programs ({programs[0]}) and weights ({weights[0]}); bring checkpoints of one kind."
        )
    with tempfile.TemporaryDirectory() as folder:
        found = tuple(
            read_program(copy, place, name) for name, place, copy in _copied(path, filename, programs, Path(folder))
        )
    for other in found[1:]:
        _check_alike(*(Checkpoint(one.name, _tensors_of(one)) for one in (found[0], other)))
        check_same_program(found[0], other)
    return found


def _tensors_of(program: Program) -> dict[str, Tensor]:
    """Copies: what is loaded into the module later must not change them."""
    return {name: tensor.detach().clone() for name, tensor in program.module.state_dict().items()}


def _read(path: Path, filename: str) -> tuple[tuple[Checkpoint, ...], Architecture | None]:
    """The checkpoints, and the architecture as far as the files say it."""
    if holds_checkpoints(path) or holds_zoo(path):
        found, beside = _unpacked(path, filename)
    else:
        found, beside = [(filename, read_weights(path, filename))], ""
    checkpoints = tuple(Checkpoint(name, _unwrapped(weights.tensors)) for name, weights in found)
    for other in checkpoints[1:]:
        _check_alike(checkpoints[0], other)
    said = [weights.architecture for _, weights in found if weights.architecture is not None]
    if beside:
        return checkpoints, parse_architecture(beside)
    return checkpoints, said[0] if said else _perceptron(checkpoints[0])


def _unpacked(path: Path, filename: str) -> tuple[list[tuple[str, Weights]], str]:
    """Weights by name in natural order, and the text of the configuration beside them."""
    with open_zip(path, filename) as archive:
        names = archive.namelist()
    shown = {name: name for name in names if name.lower().endswith(WEIGHT_SUFFIXES)} | _last_of_each(names, filename)
    if not shown:
        raise BadInput(
            f"{filename} holds no weights; bring .safetensors files, state dicts (.pt, .pth) or {PROGRAM_SUFFIX}."
        )
    beside = [name for name in names if PurePosixPath(name).name == CONFIGURATION]
    found, text = [], ""
    with tempfile.TemporaryDirectory() as folder:
        for name, place, copy in _copied(path, filename, [*shown, *beside], Path(folder)):
            if name in shown:
                found.append((shown[name], read_weights(copy, place)))
            elif copy.stat().st_size > MOST_CONFIGURATION_BYTES:
                raise BadInput(f"{place} has {copy.stat().st_size:,} bytes, more than a configuration needs.")
            else:
                text = copy.read_text(encoding="utf-8", errors="replace")
    return found, text


def _last_of_each(names: Sequence[str], filename: str) -> dict[str, str]:
    """In the layout of a model zoo: the file of the last checkpoint of each model -> the model's name."""
    last: dict[str, tuple[int, str]] = {}
    for name in names:
        found = checkpoint_of(name)
        if found:
            last[found[0]] = max(last.get(found[0], (-1, "")), (found[1], name))
    folders = sorted(last, key=natural)
    shown = short_names(folders, filename) if folders else ()
    return {last[folder][1]: name for folder, name in zip(folders, shown, strict=True)}


def _copied(path: Path, filename: str, wanted: Sequence[str], folder: Path) -> Iterator[tuple[str, str, Path]]:
    """Files of an archive one after the other, in natural order: name, what messages call it, and a copy until the next."""
    with open_zip(path, filename) as archive:
        members = check_archive(archive, filename, MOST_FILES, set(wanted).__contains__)
        for name in sorted(members, key=natural):
            place = f"{filename}: {name}"
            copy = folder / f"copy{PurePosixPath(name).suffix.lower()}"
            with member(archive, members[name], place) as stream, copy.open("wb") as out:
                shutil.copyfileobj(stream, out)
            yield name, place, copy


def _unwrapped(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    if all(name.startswith(WRAPPED) for name in tensors):
        return {name.removeprefix(WRAPPED): tensor for name, tensor in tensors.items()}
    return tensors


def _check_alike(first: Checkpoint, other: Checkpoint) -> None:
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
