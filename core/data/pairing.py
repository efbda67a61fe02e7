"""Makes one labelled data set of two idx files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.data.formats import shown
from core.data.idx_file import read_idx
from core.data.idx_zip import check_pair


def pair_with_labels(
    images_path: Path, labels_path: Path, out_path: Path, *, images_name: str = "", labels_name: str = ""
) -> None:
    """Writes idx images and their idx labels as one npz with X and y; the same files give the same bytes.

    Args:
        images_path: idx file of images [rows, height, width].
        labels_path: idx file of as many labels.
        out_path: npz file to write; nothing is written on refusal.
        images_name: what the person calls the images file; empty: its name.
        labels_name: likewise of the labels file.

    Raises:
        BadInput: not idx files, or they do not belong together.
        TooLarge: more than the limits, or than there is memory.
    """
    images_name, labels_name = shown(images_name or images_path.name), shown(labels_name or labels_path.name)
    images, labels = read_idx(images_path, images_name).X, read_idx(labels_path, labels_name).X
    check_pair(images_name, images, labels_name, labels)
    with out_path.open("wb") as stream:
        np.savez_compressed(stream, X=images, y=labels)
