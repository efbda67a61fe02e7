"""What a training does with a data set first: split it, and bring its features to one scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.data.dataset import Dataset
from core.errors import BadInput

PIXEL_FEATURES = 16  # a table with fewer columns is not taken for an image

Scaling = Literal["automatic", "columns", "common", "none"]


@dataclass(frozen=True, eq=False)
class Split:
    """Two disjoint parts of a labelled data set; X float32 [rows, ...], y int64 [rows]."""

    X_train: np.ndarray
    y_train: np.ndarray
    X_validation: np.ndarray
    y_validation: np.ndarray


def split(dataset: Dataset, seed: int, validation_fraction: float = 0.2) -> Split:
    """Splits a labelled data set at random, stratified by class.

    Of each class the share `validation_fraction`, rounded, goes to the validation part, but at least one row to
    either part. Both parts are shuffled. The same seed gives the same split.

    Args:
        dataset: with labels.
        seed: of numpy's default generator.
        validation_fraction: greater than 0 and less than 1.

    Raises:
        BadInput: no labels, one class only, a class with a single row, or a fraction out of bounds.
    """
    if not 0 < validation_fraction < 1:
        raise BadInput(
            f"Validation fraction: {validation_fraction} is not accepted; expected a number between 0 and 1."
        )
    y = dataset.labels()
    generator = np.random.default_rng(seed)
    train, validation = [], []
    for label in np.unique(y):
        members = generator.permutation(np.flatnonzero(y == label))
        if len(members) < 2:
            raise BadInput(
                f"{dataset.name}: class {dataset.classes[label]!r} has a single row (row {members[0] + 1}), "
                "which can't be in both training and validation; add rows of it or leave it out."
            )
        held = min(max(round(validation_fraction * len(members)), 1), len(members) - 1)
        validation.append(members[:held])
        train.append(members[held:])
    rows_train = generator.permutation(np.concatenate(train))
    rows_validation = generator.permutation(np.concatenate(validation))
    return Split(dataset.X[rows_train], y[rows_train], dataset.X[rows_validation], y[rows_validation])


def standardise(X_train: np.ndarray, *others: np.ndarray) -> tuple[np.ndarray, ...]:
    """Subtracts each feature's training mean and divides by its training standard deviation.

    A feature that is constant in the training part says nothing and becomes 0 everywhere.

    Args:
        X_train: [rows, ...]; mean and standard deviation (divisor n) come from here alone.
        others: arrays with the same sample shape.

    Returns:
        The training part first, then the others, all float32.
    """
    mean = X_train.mean(axis=0, dtype=np.float64)
    deviation = X_train.std(axis=0, dtype=np.float64)
    constant = X_train.max(axis=0) == X_train.min(axis=0)  # exact, where a rounded deviation may miss 0
    scale = np.where(constant, 0.0, 1.0 / np.where(constant, 1.0, deviation))
    return tuple(((part - mean) * scale).astype(np.float32) for part in (X_train, *others))


def scaled(parts: Split, scaling: Scaling) -> tuple[str, Split]:
    """Features of both parts on one scale; mean and deviation come from the training part alone.

    Args:
        parts: of a data set.
        scaling: "columns" (each to mean 0 and variance 1), "common" (one mean and variance for all), "none", or
            "automatic": common for what looks like pixels, else columns.

    Returns:
        The scaling that was used, and the parts, float32.
    """
    if scaling == "automatic":
        scaling = "common" if _share_a_unit(parts.X_train) else "columns"
    if scaling == "none":
        return scaling, parts
    if scaling == "columns":
        train, validation = standardise(parts.X_train, parts.X_validation)
    else:
        mean, deviation = float(parts.X_train.mean(dtype=np.float64)), float(parts.X_train.std(dtype=np.float64))
        train, validation = (
            ((part - mean) / (deviation or 1.0)).astype(np.float32) for part in (parts.X_train, parts.X_validation)
        )
    return scaling, Split(train, parts.y_train, validation, parts.y_validation)


def _share_a_unit(features: np.ndarray) -> bool:
    """Whether the values look like pixels: samples with several axes, or many columns of 0..1 or of whole 0..255.

    Giving each pixel unit variance would blow up the ones that are almost always dark.
    """
    if features.ndim > 2:
        return True
    if features.shape[1] < PIXEL_FEATURES or features.min() < 0:
        return False
    highest = features.max()
    return bool(highest <= 1 or (highest <= 255 and np.array_equal(features, np.round(features))))
