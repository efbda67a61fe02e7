"""What `core.store.inspection` calls: each reads or writes a file and answers with its kind and what is in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Found = tuple[str, dict[str, Any]]  # kind, details


def inspect(path: str, filename: str, kind_hint: str | None) -> Found:
    """Says what a file is.

    Raises:
        BadInput: it can't be used.
    """
    from core.data.telemetry_copy import COPY_NAME
    from core.sources import inspect_file

    return inspect_file(Path(path), filename, kind_hint, Path(path).with_name(COPY_NAME))


def attach(path: str, filename: str, config: dict[str, Any], target: str) -> Found:
    """Writes weights and their architecture as one model.

    Raises:
        BadInput: they do not belong together.
    """
    from core.models.architectures import parse_architecture
    from core.models.weights import attach_architecture
    from core.sources import inspect_file

    attach_architecture(Path(path), parse_architecture(json.dumps(config).encode()), Path(target), filename)
    return inspect_file(Path(target), Path(target).name, "model")


def pair(images: str, images_name: str, labels: str, labels_name: str, target: str) -> Found:
    """Writes images and their labels as one data set.

    Raises:
        BadInput: they do not belong together.
    """
    from core.data import inspect_dataset, pair_with_labels

    pair_with_labels(Path(images), Path(labels), Path(target), images_name=images_name, labels_name=labels_name)
    return "dataset", inspect_dataset(Path(target), Path(target).name)


def submission(source: dict[str, Any], target: str) -> None:
    """Reads predictions for a holdout and writes the checked arrays of both parts as npz.

    Raises:
        BadInput: they can't be used.
    """
    import numpy as np

    from core.analysis import Source
    from core.calibration.submission import read_submission

    parts = read_submission(Source(**source))
    arrays: dict[str, Any] = {}
    for name, part in (("holdout", parts.holdout), ("training", parts.training)):
        if part is not None:
            arrays |= {f"{name}_labels": part.labels, f"{name}_probabilities": part.probabilities}
            if part.logits is not None:
                arrays[f"{name}_logits"] = part.logits
    np.savez(target, **arrays)
