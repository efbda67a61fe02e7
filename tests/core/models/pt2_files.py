"""Writes .pt2 files for tests: honest ones, and ones with a payload."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.export import Dim

PROGRAM = "models/model.json"
WEIGHTS = "data/weights/model_weights_config.json"
CONSTANTS = "data/constants/model_constants_config.json"


class Payload:
    """Creates a marker file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.marker),)


def export(model: nn.Module, shape: tuple[int, ...], path: Path, most: int | None = 4096) -> Path:
    """Saves a model as the refusal texts tell people to."""
    dynamic = ({0: Dim("b", min=1, max=most)},) if most else None
    torch.export.save(torch.export.export(model, (torch.randn(4, *shape),), dynamic_shapes=dynamic), path)
    return path


def members(path: Path) -> dict[str, bytes]:
    """The members of an archive by their path below its folder."""
    with zipfile.ZipFile(path) as archive:
        return {info.filename.partition("/")[2]: archive.read(info) for info in archive.infolist()}


def write(path: Path, contents: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    """An archive with these members in the folder "model"."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in contents.items():
            archive.writestr(f"model/{name}", content)
    return path


def changed(path: Path, member: str, change: Callable[[Any], None]) -> dict[str, bytes]:
    """The members of an archive with one JSON document changed in place."""
    contents = members(path)
    document = json.loads(contents[member])
    change(document)
    contents[member] = json.dumps(document).encode()
    return contents
