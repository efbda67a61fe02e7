"""A data set in memory: samples, and class labels where it has them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.errors import BadInput


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples with optional class labels; the arrays are shared and read-only.

    Attributes:
        name: what the person calls it.
        X: float32 [rows, ...], finite. Pixels (uint8 arrays with three or more axes) are scaled to 0..1; all
            other values are as they were brought.
        y: int64 [rows], indices into `classes`; None without labels.
        classes: class names; whole numbers in numeric order, text in alphabetical order.
        feature_names: one for each value of a sample, in C order.
        without_labels: why `y` is None, as one sentence that says what to do.
    """

    name: str
    X: np.ndarray
    y: np.ndarray | None = None
    classes: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    without_labels: str = ""

    @property
    def rows(self) -> int:
        """Number of samples."""
        return int(self.X.shape[0])

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample: (30,) of a table with 30 features, (28, 28) of a grey image."""
        return tuple(int(length) for length in self.X.shape[1:])

    @property
    def features(self) -> int:
        """Number of values of one sample."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def flat(self) -> np.ndarray:
        """The samples as a matrix [rows, features], without a copy."""
        return self.X.reshape(self.rows, self.features)

    def labels(self) -> np.ndarray:
        """The labels, for an operation that needs them.

        Returns:
            int64 [rows], at least two different values.

        Raises:
            BadInput: there are no labels, or only one class.
        """
        if self.y is None:
            raise BadInput(self.without_labels or f"{self.name} has no labels, and this needs a label for each row.")
        present = np.unique(self.y)
        if len(present) < 2:
            only = self.classes[int(present[0])]
            raise BadInput(
                f"{self.name} has one class only: all {self.rows:,} labels are {only[:40]!r}; "
                "a classification needs at least two classes."
            )
        return self.y
