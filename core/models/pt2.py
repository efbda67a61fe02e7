"""Opens a .pt2 file (torch.export.save) without letting it run anything. For workers, never for the page server.

`torch.export.load` executes code from its file in at least eight places: pickles in sample inputs, weights,
constants and their older layouts, shape expressions, guards, names, and tree specifications. So the file itself is
never handed to it: known members are read, screened (`core.models.screen`) and written to a new file, with empty
sample inputs, and that is loaded.
"""

from __future__ import annotations

import json
import math
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.data.archive import DAMAGED, open_zip
from core.errors import BadInput
from core.models.formats import SAVE_PROGRAM, check_zip, convert_with
from core.models.operators import is_allowed
from core.models.screen import screened

MOST_PROGRAM_BYTES = 64 << 20
_PROGRAM = "models/model.json"
_WEIGHTS = "data/weights/model_weights_config.json"
_CONSTANTS = "data/constants/model_constants_config.json"
_ITEM_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 2, 7: 4, 8: 8, 12: 1, 13: 2}  # by torch's serialised scalar type
_DTYPES = {1: "uint8", 2: "int8", 3: "int16", 4: "int32", 5: "int64", 6: "float16", 7: "float32", 8: "float64",
           12: "bool", 13: "bfloat16"}  # fmt: skip
_STRIDED = 7
_WRAP = f"Wrap the model in a module with one input and one output. {convert_with(SAVE_PROGRAM)}"


@dataclass(frozen=True)
class Signature:
    """What a program takes and gives, read from its text alone.

    Attributes:
        sample_shape: of one sample, without the batch.
        output_shape: of one output, without the batch.
        dtype: of the input.
        most_rows: largest batch that it accepts; None where it has no limit.
        training_mode: exported in training mode: dropout stays on, running statistics change.
    """

    sample_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    dtype: str
    most_rows: int | None
    training_mode: bool


class ExportedNetwork(nn.Module):
    """An exported program as a module; samples are reshaped and large batches split to what it takes.

    Its mode was fixed when it was exported: train() and eval() change nothing.
    """

    def __init__(self, program: nn.Module, signature: Signature) -> None:
        super().__init__()
        self.program = program
        self.signature = signature

    def forward(self, x: Tensor) -> Tensor:
        """Outputs of a batch [rows, ...]."""
        x = x.reshape(x.shape[0], *self.signature.sample_shape)
        most = self.signature.most_rows
        if most is None or x.shape[0] <= most:
            return self.program(x)
        return torch.cat([self.program(part) for part in x.split(most)])

    def train(self, mode: bool = True) -> ExportedNetwork:
        """Changes nothing: a program has one mode."""
        return self


def load_program(path: Path, filename: str) -> ExportedNetwork:
    """Screens a .pt2 file and loads what passed.

    Args:
        path: the file; it is only read.
        filename: for the messages.

    Raises:
        BadInput: damaged, not of this format, or holding anything but tensors, layers and arithmetic.
    """
    with open_zip(path, filename) as file:
        check_zip(file, path.stat().st_size, filename)
        archive = _opened(file, filename)
        program, weights, constants = (archive.document(name) for name in (_PROGRAM, _WEIGHTS, _CONSTANTS))
        try:
            signature = _signature(program, filename)
            kept = _payloads(weights, "weight_", archive) | _payloads(constants, "tensor_", archive)
        except (KeyError, TypeError, AttributeError, IndexError, StopIteration):
            raise BadInput(_foreign(filename, program)) from None
        with tempfile.TemporaryDirectory() as folder:
            clean = Path(folder) / "model.pt2"
            _write(clean, archive, {_PROGRAM: program, _WEIGHTS: weights, _CONSTANTS: constants}, kept)
            return ExportedNetwork(_load(clean, program, filename), signature)


@dataclass(frozen=True)
class _Archive:
    """An opened file, its members by their path below the one folder of the archive, and its name for people."""

    file: zipfile.ZipFile
    members: dict[str, zipfile.ZipInfo]
    filename: str

    def read(self, name: str) -> bytes:
        """The bytes of a member, empty where there is none.

        Raises:
            BadInput: they are damaged.
        """
        try:
            return self.file.read(self.members[name]) if name in self.members else b""
        except DAMAGED:
            raise BadInput(f"{self.filename} is damaged: its part {name} can't be read; save it anew.") from None

    def document(self, name: str) -> dict[str, Any]:
        """A screened JSON member.

        Raises:
            BadInput: too long, not a JSON object, or with something that is not allowed.
        """
        if self.members[name].file_size > MOST_PROGRAM_BYTES:
            size = self.members[name].file_size
            raise BadInput(f"{self.filename}: {name} has {size:,} bytes; at most {MOST_PROGRAM_BYTES:,} are read.")
        content = self.read(name)
        try:
            found = json.loads(content)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise BadInput(f"{self.filename} is damaged: its part {name} can't be read; save it anew.")
        return screened(found, self.filename)


def _opened(file: zipfile.ZipFile, filename: str) -> _Archive:
    roots = {info.filename.partition("/")[0] for info in file.infolist()}
    if "serialized_exported_program.json" in roots:
        raise BadInput(
            f"{filename} has the layout of PyTorch before 2.8. Save it anew with PyTorch 2.11 or later: {SAVE_PROGRAM}"
        )
    archive = _Archive(file, {info.filename.partition("/")[2]: info for info in file.infolist()}, filename)
    if len(roots) != 1 or archive.read("archive_format") != b"pt2":
        raise BadInput(
            f"{filename} is damaged, or no .pt2 archive as torch.export.save writes it. {convert_with(SAVE_PROGRAM)}"
        )
    if archive.read("byteorder") not in (b"little", b""):
        raise BadInput(f"{filename} was written on a big-endian machine, which is not supported; export it on another.")
    if any(name not in archive.members for name in (_PROGRAM, _WEIGHTS, _CONSTANTS)):
        legacy = "data/weights/model.pt" in archive.members or "data/constants/model.pt" in archive.members
        what = (
            "holds pickled weights, as PyTorch before 2.9 wrote them" if legacy else "holds no program with its weights"
        )
        raise BadInput(f"{filename} {what}. Save it anew with PyTorch 2.11 or later: {SAVE_PROGRAM}")
    return archive


def _signature(program: dict[str, Any], filename: str) -> Signature:
    graph, signature = program["graph_module"]["graph"], program["graph_module"]["signature"]
    inputs = [spec["user_input"]["arg"] for spec in signature["input_specs"] if "user_input" in spec]
    outputs = [spec["user_output"]["arg"] for spec in signature["output_specs"] if "user_output" in spec]
    if (
        any("constant_input" in spec for spec in signature["input_specs"])
        or len(inputs) != 1
        or "as_tensor" not in inputs[0]
    ):
        raise BadInput(f"{filename} takes {len(inputs)} inputs; a network with one tensor input is expected. {_WRAP}")
    if len(outputs) != 1 or "as_tensor" not in outputs[0]:
        raise BadInput(
            f"{filename} gives {len(outputs)} outputs; a network with one tensor output is expected. {_WRAP}"
        )
    call = next(entry["signature"] for entry in program["graph_module"]["module_call_graph"] if not entry["fqn"])
    arguments = json.loads(call["in_spec"])[1]["children_spec"]
    if (
        len(arguments) != 2
        or len(arguments[0]["children_spec"]) != 1
        or arguments[0]["children_spec"][0]["type"] is not None
    ):
        raise BadInput(
            f"{filename} takes its input by keyword or inside a container; export it with args (x,): {SAVE_PROGRAM}"
        )
    if json.loads(call["out_spec"])[1]["type"] is not None:
        raise BadInput(
            f"{filename} gives its output inside a container; return the tensor itself. {convert_with(SAVE_PROGRAM)}"
        )
    taken = graph["tensor_values"][inputs[0]["as_tensor"]["name"]]
    given = graph["tensor_values"][outputs[0]["as_tensor"]["name"]]
    symbol = taken["sizes"][0].get("as_expr", {}).get("expr_str") if taken["sizes"] else None
    if symbol is None:
        rows = taken["sizes"][0]["as_int"] if taken["sizes"] else "no"
        raise BadInput(f"{filename} was exported for batches of {rows} rows only; leave the batch open: {SAVE_PROGRAM}")
    return Signature(
        sample_shape=_fixed_sizes(taken, "input", filename),
        output_shape=_fixed_sizes(given, "output", filename),
        dtype=_DTYPES.get(taken["dtype"], "unknown"),
        most_rows=_most_rows(program, symbol),
        training_mode=any(_trains(node) for node in graph["nodes"]),
    )


def _fixed_sizes(meta: dict[str, Any], what: str, filename: str) -> tuple[int, ...]:
    sizes = meta["sizes"][1:]
    if any("as_int" not in size for size in sizes):
        raise BadInput(f"{filename}: the {what} has more than one open axis; leave only the batch open: {SAVE_PROGRAM}")
    return tuple(int(size["as_int"]) for size in sizes)


def _trains(node: dict[str, Any]) -> bool:
    """Whether it is a batch normalisation or dropout that was exported in training mode."""
    return any(
        argument["name"] in ("training", "train") and argument["arg"].get("as_bool") is True
        for argument in node["inputs"]
    )


def _most_rows(program: dict[str, Any], symbol: str) -> int | None:
    for name, limits in program.get("range_constraints", {}).items():
        if f"'{name}'" in symbol or symbol == name:
            most = limits.get("max_val")
            return most if isinstance(most, int) and 0 < most < 2**31 else None
    return None


def _payloads(config: dict[str, Any], prefix: str, archive: _Archive) -> set[str]:
    """The members that hold tensors; each has to be as long as the tensors in it claim."""
    folder = "data/weights/" if prefix == "weight_" else "data/constants/"
    kept = set()
    for name, payload in config["config"].items():
        meta, member = payload["tensor_meta"], folder + payload["path_name"]
        if (
            not payload["path_name"].startswith(prefix)
            or payload["use_pickle"] is not False
            or meta["layout"] != _STRIDED
        ):
            raise BadInput(f"{archive.filename}: {name} is not a plain dense tensor. {convert_with(SAVE_PROGRAM)}")
        if member not in archive.members or meta["dtype"] not in _ITEM_BYTES:
            raise BadInput(f"{archive.filename}: the values of {name} are absent or of an unknown type; save it anew.")
        sizes = [size["as_int"] for size in meta["sizes"]]
        if any(type(size) is not int or size < 0 for size in sizes):
            raise BadInput(f"{archive.filename}: {name} has no fixed shape; save it anew.")
        if math.prod(sizes) * _ITEM_BYTES[meta["dtype"]] > archive.members[member].file_size:
            raise BadInput(f"{archive.filename}: {name} claims more values than the file has; it is damaged or forged.")
        kept.add(member)
    return kept


def _write(clean: Path, archive: _Archive, documents: dict[str, dict[str, Any]], kept: set[str]) -> None:
    with zipfile.ZipFile(clean, "w", zipfile.ZIP_STORED) as copy:
        copy.writestr("model/archive_format", "pt2")
        copy.writestr("model/archive_version", "0")
        copy.writestr("model/byteorder", "little")
        copy.writestr("model/.data/version", "6\n")
        copy.writestr("model/data/sample_inputs/model.pt", b"")  # otherwise a pickle
        for name, document in documents.items():
            copy.writestr(f"model/{name}", json.dumps(document))
        for name in sorted(kept):
            copy.writestr(f"model/{name}", archive.read(name))


def _load(clean: Path, program: dict[str, Any], filename: str) -> nn.Module:
    try:
        exported = torch.export.load(clean)
        for node in exported.graph.nodes:
            if node.op == "call_function" and not is_allowed(_name_of(node.target)):
                raise BadInput(f"{filename} calls {_name_of(node.target)[:80]}, which is not allowed.")
        return exported.module(check_guards=False)
    except BadInput:
        raise
    except Exception:  # torch raises whatever its reader stumbles over
        raise BadInput(_foreign(filename, program)) from None


def _name_of(target: Any) -> str:
    if isinstance(target, torch._ops.OpOverload):
        return f"torch.ops.{target}"
    return f"{getattr(target, '__module__', '')}.{getattr(target, '__name__', '')}"


def _foreign(filename: str, program: dict[str, Any]) -> str:
    version = program.get("torch_version", "unknown")
    return (
        f"{filename} (written by PyTorch {version}) can't be loaded by PyTorch {torch.__version__}: it is damaged or of "
        f"another layout. Save it anew with PyTorch 2.11 or later: {SAVE_PROGRAM}"
    )
