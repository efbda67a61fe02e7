"""Reads a zip of idx files: images and their labels, in one part or in several (train, t10k)."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path, PurePosixPath

import numpy as np

from core.data.archive import check_archive, member, open_zip
from core.data.arrays import Arrays, check_samples
from core.data.idx_file import read_idx_values
from core.errors import BadInput

_NAME = re.compile(r"^(?P<part>.*?)[-_. ]?(?P<what>images|labels)(?:[-_. ].*)?$", re.IGNORECASE)


def read_idx_zip(path: Path, filename: str) -> Arrays:
    """Reads the images and labels of an archive such as the four MNIST files.

    Files belong together by what stands before "images" or "labels" in their names. The part called train comes
    first, the others in alphabetical order.

    Args:
        path: the file.
        filename: as messages show it.

    Raises:
        BadInput: no idx images, images and labels that do not fit, parts of different image sizes, damaged files.
        TooLarge: more than the limits, or than there is memory.
    """
    with open_zip(path, filename) as archive:
        members = check_archive(archive, filename)
        images, labels = _paired(filename, members)
        parts = sorted(images, key=lambda part: (not part.startswith("train"), part))
        X = [_read(archive, images[part], filename) for part in parts]
        y = [_read(archive, labels[part], filename) for part in parts if part in labels]
    for part, samples in zip(parts, X, strict=True):
        if samples.shape[1:] != X[0].shape[1:]:
            raise BadInput(
                f"{filename}: the images of {part or 'one part'} have shape {samples.shape[1:]}, those of "
                f"{parts[0]} {X[0].shape[1:]}; one shape is expected."
            )
    check_samples(filename, (sum(map(len, X)), *X[0].shape[1:]), X[0].dtype)
    if not y:
        return Arrays(filename, np.concatenate(X), remedy="put the idx labels file into the zip, too")
    for part, samples, values in zip(parts, X, y, strict=True):
        check_pair(f"{filename}: {part or 'its'} images", samples, f"{part or 'its'} labels", values)
    return Arrays(filename, np.concatenate(X), np.concatenate(y))


def check_pair(images_name: str, images: np.ndarray, labels_name: str, labels: np.ndarray) -> None:
    """Refuses images and labels that do not belong together.

    Raises:
        BadInput: names both and their numbers.
    """
    if images.ndim < 2:
        raise BadInput(f"{images_name} holds labels (shape {images.shape}) where images are expected.")
    if labels.ndim != 1:
        raise BadInput(f"{labels_name} holds shape {labels.shape} where one label a row is expected.")
    if len(images) != len(labels):
        raise BadInput(
            f"{images_name} and {labels_name} do not belong together: {len(images):,} images, {len(labels):,} labels."
        )


def _paired(
    filename: str, members: dict[str, zipfile.ZipInfo]
) -> tuple[dict[str, zipfile.ZipInfo], dict[str, zipfile.ZipInfo]]:
    found: dict[str, dict[str, zipfile.ZipInfo]] = {"images": {}, "labels": {}}
    for name, info in members.items():
        base = PurePosixPath(name).name
        if base.startswith(".") or name.startswith("__MACOSX/"):
            continue
        match = _NAME.match(base)
        if match is None:
            raise BadInput(
                f"{filename} holds {base[:60]!r}; a zip of idx files is expected, named like train-images-idx3-ubyte.gz "
                "and train-labels-idx1-ubyte.gz."
            )
        kind, part = match["what"].lower(), match["part"].lower()
        if part in found[kind]:
            raise BadInput(f"{filename} holds two files of {kind} for {part or 'one part'}; leave one out.")
        found[kind][part] = info
    images, labels = found["images"], found["labels"]
    if not images:
        raise BadInput(f"{filename} holds no idx images; names like train-images-idx3-ubyte.gz are expected.")
    lonely = sorted(set(labels) - set(images)) or (sorted(set(images) - set(labels)) if labels else [])
    if lonely:
        raise BadInput(f"{filename}: images and labels do not pair up: {lonely[0] or 'one file'} has no partner.")
    return images, labels


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, filename: str) -> np.ndarray:
    name = f"{filename}, {PurePosixPath(info.filename).name[:60]}"
    with member(archive, info, name) as stream:
        return read_idx_values(stream, name)
