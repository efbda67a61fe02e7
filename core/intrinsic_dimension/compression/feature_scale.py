"""How the features of a compressed network are brought to one scale, with the numbers that the training rows gave."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class FeatureScale:
    """What `core.data.preparation.scaled` did to a training part, to be done to other rows, digit for digit.

    Attributes:
        kind: "common": (x - shift) / factor in single precision with one number each; "columns": (x - shift) factor in
            double precision with one number a feature; "none": x.
        shift: float64, [] or the shape of a sample.
        factor: likewise.
    """

    kind: str
    shift: np.ndarray
    factor: np.ndarray

    def apply(self, features: np.ndarray) -> np.ndarray:
        """Scaled features, float32."""
        if self.kind == "none":
            return features
        if self.kind == "common":
            return ((features - float(self.shift)) / float(self.factor)).astype(np.float32)
        return ((features - self.shift) * self.factor).astype(np.float32)

    def to_json(self) -> list[Any]:
        """[kind], [kind, shift, factor], or, of columns, [kind, shape, base64 of shifts and factors]."""
        if self.kind == "none":
            return [self.kind]
        if self.kind == "common":
            return [self.kind, float(self.shift), float(self.factor)]
        numbers = np.stack([self.shift, self.factor]).astype("<f8")
        return [self.kind, list(self.shift.shape), base64.b64encode(numbers.tobytes()).decode()]

    @staticmethod
    def from_json(held: list[Any]) -> FeatureScale:
        """The reverse.

        Raises:
            ValueError: another form.
        """
        kind, *numbers = held
        if kind == "none":
            return FeatureScale("none", np.zeros(()), np.ones(()))
        if kind == "common":
            shift, factor = (np.array(number, dtype=np.float64) for number in numbers)
            return FeatureScale("common", shift, factor)
        if kind != "columns":
            raise ValueError(f"scaling {kind!r}")
        shape, text = numbers
        shift, factor = np.frombuffer(base64.b64decode(text, validate=True), "<f8").reshape(2, *shape)
        return FeatureScale("columns", shift, factor)


def feature_scale(X_train: np.ndarray, kind: str) -> FeatureScale:
    """The numbers of a training part.

    Args:
        X_train: [rows, ...], before it was scaled.
        kind: that was used; not "automatic".
    """
    if kind == "none":
        return FeatureScale("none", np.zeros(()), np.ones(()))
    if kind == "common":
        mean, deviation = X_train.mean(dtype=np.float64), X_train.std(dtype=np.float64) or 1.0
        # Single precision is what the division is done in, so nothing is lost, and the file is shorter.
        return FeatureScale("common", *(np.array(np.float32(one), np.float64) for one in (mean, deviation)))
    constant = X_train.max(axis=0) == X_train.min(axis=0)
    deviation = X_train.std(axis=0, dtype=np.float64)
    factor = np.where(constant, 0.0, 1.0 / np.where(constant, 1.0, deviation))
    return FeatureScale("columns", X_train.mean(axis=0, dtype=np.float64), factor)
