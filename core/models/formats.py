"""What kind of file is this? Decided from its first bytes and its list of contents; nothing is unpacked."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Literal

from core.data.archive import names_in_zip, open_zip
from core.errors import BadInput

Format = Literal["safetensors", "torch", "architecture", "pt2"]

SAVE_WEIGHTS = 'safetensors.torch.save_file(model.state_dict(), "model.safetensors")'
SAVE_PROGRAM = (
    'torch.export.save(torch.export.export(model, (x,), dynamic_shapes=({0: Dim("b", min=1, max=4096)},)), "model.pt2")'
)
ACCEPTED = (
    "accepted are .safetensors, a weights-only state dict (.pt, .pth), an architecture as .json, "
    "and .pt2 from torch.export.save"
)
MOST_MEMBERS = 20_000
WEIGHT_SUFFIXES = (".safetensors", ".pt", ".pth")
PROGRAM_SUFFIX = ".pt2"
_TORCH_LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80"  # the magic number that opened .pt before torch 1.6
_COMPRESSED = (
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"\x78\x01",
    b"\x78\x5e",
    b"\x78\x9c",
    b"\x78\xda",
    b"\x04\x22\x4d\x18",
)


def convert_with(line: str) -> str:
    """The end of a refusal: what the person writes where the model lives."""
    return f"Convert it where you trained it: {line}"


def holds_checkpoints(path: Path) -> bool:
    """Whether a file is a zip of weights or of exported programs; a single state dict or program is a zip too, of its parts."""
    names = names_in_zip(path)
    if any(name.partition("/")[2] == "archive_format" for name in names):
        return False
    return any(name.lower().endswith((*WEIGHT_SUFFIXES, PROGRAM_SUFFIX)) for name in names)


def format_of(path: Path, filename: str) -> Format:
    """The format of a file that can be opened, from its content alone.

    Args:
        path: the file.
        filename: what the person calls it, for messages and for formats without a signature.

    Raises:
        BadInput: it is empty, damaged, or of a format that is not loaded; the sentence has the converting line.
    """
    with path.open("rb") as stream:
        head = stream.read(64)
    if not head:
        raise BadInput(f"{filename} is empty; bring the whole file again.")
    if head.startswith(b"PK"):
        return _format_of_zip(path, filename)
    if head.startswith(_TORCH_LEGACY):
        raise BadInput(
            f"{filename} is a PyTorch file in the format before 1.6, a bare pickle that can run code when it is opened. "
            + convert_with(SAVE_WEIGHTS)
        )
    if head[:1] == b"\x80" and head[1:2] in b"\x02\x03\x04\x05":
        raise BadInput(
            f"{filename} is a pickle (as pickle and joblib write), which can run code when it is opened. "
            + convert_with(SAVE_WEIGHTS)
        )
    if head.startswith(b"\x89HDF"):
        raise BadInput(
            f"{filename} is an HDF5 file (Keras .h5), whose layers can hold code. Save the weights from a PyTorch copy "
            f"of the model: {SAVE_WEIGHTS}"
        )
    if len(head) > 8 and head[8:9] == b"{":
        return "safetensors"
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        return "architecture"
    if head.startswith(_COMPRESSED):
        raise BadInput(
            f"{filename} is a compressed file (joblib and pickle write such), which is not opened. "
            + convert_with(SAVE_WEIGHTS)
        )
    if filename.lower().endswith(".onnx"):
        raise BadInput(
            f"{filename} is an ONNX file, which does not bring trainable layers back whole. "
            + convert_with(SAVE_PROGRAM)
        )
    raise BadInput(f"{filename} is of no known model format; {ACCEPTED}.")


def check_zip(archive: zipfile.ZipFile, size: int, filename: str) -> None:
    """Refuses archives that could unpack to more than they are, or that two readers could read differently.

    Args:
        archive: opened, nothing read yet.
        size: of the file, in bytes.
        filename: for the messages.

    Raises:
        BadInput: compressed or encrypted members, two of one name, too many, or more bytes declared than there are.
    """
    members = archive.infolist()
    names = {member.filename for member in members}
    if len(names) < len(members):
        raise BadInput(f"{filename} holds two members of one name, so readers may disagree on it; save it anew.")
    if len(members) > MOST_MEMBERS:
        raise BadInput(f"{filename} holds {len(members):,} members; at most {MOST_MEMBERS:,} are accepted.")
    for member in members:
        if member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size:
            raise BadInput(
                f"{filename} holds a compressed member ({member.filename[:80]}, {member.file_size:,} bytes unpacked); "
                "PyTorch stores them uncompressed: save it anew with torch.save or torch.export.save."
            )
        if member.flag_bits & 0x1:
            raise BadInput(f"{filename} is encrypted; bring it without a password.")
    declared = sum(member.file_size for member in members)
    if declared > size:
        raise BadInput(
            f"{filename} declares {declared:,} bytes of members in a file of {size:,}; it is damaged or forged."
        )


def _format_of_zip(path: Path, filename: str) -> Format:
    with open_zip(path, filename) as archive:
        names = archive.namelist()
    inner = {name.partition("/")[2] for name in names}
    if "archive_format" in inner or "serialized_exported_program.json" in names:
        return "pt2"
    if "constants.pkl" in inner or any(name.startswith("code/") for name in inner):
        raise BadInput(
            f"{filename} is a TorchScript program, which can read files of this machine when it runs. "
            + convert_with(SAVE_PROGRAM)
        )
    if "data.pkl" in inner:
        return "torch"
    if "model.weights.h5" in names:
        raise BadInput(
            f"{filename} is a Keras file, whose layers can hold code. Save the weights from a PyTorch copy of the model: "
            f"{SAVE_WEIGHTS}"
        )
    if any(name.endswith(".npy") for name in names):
        raise BadInput(f"{filename} holds NumPy arrays: it is a data set, not a model; bring it as a data set.")
    raise BadInput(f"{filename} is a zip archive that holds no model; {ACCEPTED}.")
