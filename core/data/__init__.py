"""Data sets: built in or brought as files, read without executing anything, refused with one clear sentence.

What a person may bring is listed in `core.data.formats`. Importing this package is cheap: each name below is
loaded from its module when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.lazily import lazily

if TYPE_CHECKING:
    from core.data.builtin import BUILTIN_DATASETS, BuiltinDataset, builtin_dataset_source
    from core.data.dataset import Dataset
    from core.data.formats import FORMATS, Format, format_of
    from core.data.inspection import inspect_dataset
    from core.data.pairing import pair_with_labels
    from core.data.preparation import Split, scaled, split, standardise
    from core.data.reading import load_dataset

_HOMES = {
    "BUILTIN_DATASETS": "builtin",
    "BuiltinDataset": "builtin",
    "builtin_dataset_source": "builtin",
    "Dataset": "dataset",
    "FORMATS": "formats",
    "Format": "formats",
    "format_of": "formats",
    "inspect_dataset": "inspection",
    "pair_with_labels": "pairing",
    "Split": "preparation",
    "scaled": "preparation",
    "split": "preparation",
    "standardise": "preparation",
    "load_dataset": "reading",
}

__all__ = [
    "BUILTIN_DATASETS",
    "FORMATS",
    "BuiltinDataset",
    "Dataset",
    "Format",
    "Split",
    "builtin_dataset_source",
    "format_of",
    "inspect_dataset",
    "load_dataset",
    "pair_with_labels",
    "scaled",
    "split",
    "standardise",
]

__getattr__, __dir__ = lazily(__name__, _HOMES)
