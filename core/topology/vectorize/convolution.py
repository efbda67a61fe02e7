"""Images of signed measures as features: `SignedMeasureConvolution`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from core.errors import BadInput
from core.topology.engine.checks import checked_choice, checked_positive
from core.topology.engine.convolve import REDUCTIONS, convolve_all
from core.topology.engine.measure import SignedMeasure
from core.topology.vectorize.box import DROPPED, Box, fit_box, keys_of, width_of
from core.topology.vectorize.checked_measures import checked_measures

Measures = Sequence[dict[int | str, SignedMeasure]]
MOST_CELLS = 1_000_000  # features of one degree
DIRACS_AT_ONCE = 1 << 16  # whose kernels are held at once


class SignedMeasureConvolution(TransformerMixin, BaseEstimator):
    """Gaussian images of signed measures on a grid that is fitted to the training part (arXiv:2306.03801, section 4).

    Each degree has a box of its own between quantiles of the training Diracs. In units of that box

        V(z) = sum_p w_p exp(-|z - p|^2 / 2 h^2) / (2 pi h^2)^(c / 2)

    at resolution^c evenly spaced z, the degrees one after the other. Axes without extent are left out, so measures of
    one parameter work as well. Takes lists of {degree: (positions, weights)}, as `signed_measure` returns.

    Args:
        resolution: grid values on each axis.
        bandwidth: h, as a share of the box.
        reduction: "sum", or "mean" as published code has it.
        dropped: share of the training Diracs that may lie beyond each side of the box.
    """

    def __init__(
        self, resolution: int = 20, bandwidth: float = 0.1, reduction: str = "sum", dropped: float = DROPPED
    ) -> None:
        self.resolution = resolution
        self.bandwidth = bandwidth
        self.reduction = reduction
        self.dropped = dropped

    def fit(self, X: Measures, y: object = None) -> Self:
        """Finds the box of each degree.

        Raises:
            BadInput: settings that can't be used, no items, or items with different degrees.
        """
        checked_positive(self.bandwidth, "bandwidth")
        checked_choice(self.reduction, REDUCTIONS, "reduction")
        if self.resolution < 1 or self.resolution != int(self.resolution):
            raise BadInput(f"resolution is {self.resolution}; a whole number from 1 is expected.")
        X = checked_measures(X)
        self.degrees_ = keys_of(X)
        self.boxes_: dict[int | str, Box] = {}
        for key in self.degrees_:
            box = fit_box([item[key].positions for item in X], width_of(X, key), self.dropped)
            if self.resolution ** int(box.varies.sum()) > MOST_CELLS:
                raise BadInput(
                    f"A grid of {self.resolution} values on {box.varies.sum()} axes has more than {MOST_CELLS:,} points; lower the resolution."
                )
            self.boxes_[key] = box
        return self

    def transform(self, X: Measures) -> np.ndarray:
        """[items, features] float64."""
        check_is_fitted(self)
        items = checked_measures(X, self.degrees_)
        parts = [self._images([item[key] for item in items], self.boxes_[key]) for key in self.degrees_]
        return np.concatenate([part.reshape(len(items), -1) for part in parts], axis=1)

    def images(self, item: dict[int | str, SignedMeasure]) -> dict[int | str, np.ndarray]:
        """Of each degree of one item the image on the grid, one axis for each that varies."""
        check_is_fitted(self)
        return {key: self._images([item[key]], self.boxes_[key])[0] for key in self.degrees_}

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Degree and grid position of each feature, as in H1[3,7]."""
        check_is_fitted(self)
        names: list[str] = []
        for key in self.degrees_:
            shape = (self.resolution,) * int(self.boxes_[key].varies.sum())
            names += [f"{_named(key)}[{','.join(map(str, place))}]" for place in np.ndindex(*shape)]
        return np.array(names, dtype=object)

    def settings(self) -> dict[str, Any]:
        """Parameters and fitted boxes, as plain JSON values."""
        check_is_fitted(self)
        return {
            "transformer": type(self).__name__,
            "parameters": self.get_params(),
            "fitted": {_named(key): self.boxes_[key].settings() for key in self.degrees_},
        }

    def _images(self, measures: Sequence[SignedMeasure], box: Box) -> np.ndarray:
        """[measures, resolution for each axis that varies]; the kernels of many measures are evaluated at once."""
        kept = box.varies
        if not kept.any():
            return np.array([[float(weights.sum())] for _, weights in measures])
        scaled = [SignedMeasure(box.scaled(where.reshape(-1, len(kept)))[:, kept], mass) for where, mass in measures]
        grid = [np.linspace(0.0, 1.0, self.resolution)] * int(kept.sum())
        block = np.cumsum([len(mass) for _, mass in scaled]) // DIRACS_AT_ONCE
        ends = [0, *(np.flatnonzero(np.diff(block)) + 1).tolist(), len(scaled)]
        return np.concatenate(
            [convolve_all(scaled[start:end], grid, self.bandwidth, self.reduction) for start, end in pairwise(ends)]
        )


def _named(key: int | str) -> str:
    return f"H{key}" if isinstance(key, int) else key
